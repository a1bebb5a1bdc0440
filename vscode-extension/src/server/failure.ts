/** A failure a person can mend: its message says what happened, `hint` what to do about it. */
export class SetupError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SetupError";
    this.hint = hint;
  }
}

/** The words in which any failure is told. */
export function describe(error: unknown): string {
  if (error instanceof SetupError) return `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
