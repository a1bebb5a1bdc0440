/** What went wrong between the panel and a model, and what to do about it. */

import * as l10n from "@vscode/l10n";

import type { FailureView } from "../../panel/messages";

export function failure({ kind, subject = "", detail = "" }: FailureView): string {
  switch (kind) {
    case "unreachable":
      return l10n.t("Nothing answers at {0}. Is the model server running?", subject);
    case "refusedKey":
      return l10n.t("{0} wants another API key.", subject);
    case "keyNeedsHttps":
      return l10n.t("The API key was not sent: {0} is neither encrypted nor on this machine.", subject);
    case "notFound":
      return l10n.t("{0} does not know this model.", subject);
    case "tooMany":
      return l10n.t("{0} asks to wait a while: too many requests, or the quota is used up.", subject);
    case "tooLong":
      return l10n.t("This is more than {0} can take. Lower the budget, or start a new conversation.", subject);
    case "server":
      return l10n.t("{0} gave an error.", subject);
    case "cutOff":
      return l10n.t("The connection to {0} ended in the middle of the answer.", subject);
    case "notAllowed":
      return l10n.t("You have not allowed Magnetar to use {0}.", subject);
    case "noModel":
      return l10n.t("There is no model to ask.");
    case "badAddress":
      return l10n.t("“{0}” is no address of a model server.", subject);
    case "context":
      return detail === "" ? l10n.t("The context could not be gathered.") : detail;
  }
}

/** What the other side said itself, where that adds something. */
export function said({ kind, detail }: FailureView): string | undefined {
  return kind === "context" ? undefined : detail;
}
