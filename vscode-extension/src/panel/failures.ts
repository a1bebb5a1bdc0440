import { ModelFailure } from "../models/failure";
import type { FailureView } from "./messages";

/** A failure as the panel words it; what is no model's is the server's, which speaks for itself. */
export function failureView(error: unknown): FailureView {
  if (!(error instanceof ModelFailure)) return { kind: "context", detail: messageOf(error) };
  const { kind, subject, detail } = error;
  return { kind, ...(subject === undefined ? {} : { subject }), ...(detail === undefined ? {} : { detail }) };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
