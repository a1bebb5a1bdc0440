/** Why a model gave no answer, as a word the panel has a sentence for. */

export const FAILURES = [
  "unreachable",
  "refusedKey",
  "keyNeedsHttps",
  "notFound",
  "tooMany",
  "tooLong",
  "server",
  "cutOff",
  "notAllowed",
  "noModel",
  "badAddress",
  "context",
] as const;

export type FailureKind = (typeof FAILURES)[number];

export class ModelFailure extends Error {
  override readonly name = "ModelFailure";
  readonly kind: FailureKind;
  /** What the other side said itself, shortened; never anything that was sent. */
  readonly detail: string | undefined;
  /** The model or the address it is about. */
  readonly subject: string | undefined;

  constructor(kind: FailureKind, about: { subject?: string; detail?: string; cause?: unknown } = {}) {
    super(about.detail === undefined ? kind : `${kind}: ${about.detail}`, { cause: about.cause });
    this.kind = kind;
    this.subject = about.subject;
    this.detail = about.detail === undefined ? undefined : shortened(about.detail);
  }
}

const MOST_DETAIL = 300;

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > MOST_DETAIL ? `${line.slice(0, MOST_DETAIL)}…` : line;
}
