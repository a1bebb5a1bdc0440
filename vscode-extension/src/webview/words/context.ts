/** The ledger's words: why a piece is there, which lines it shows, why another was left out. */

import * as l10n from "@vscode/l10n";

import type { LedgerItem, LeftOut, RangeView, ReasonView } from "../../panel/messages";

type Signal = ReasonView["signal"];

/** What each signal means, as the rest of "It is here because it is…". */
export function reason({ signal, detail }: Pick<ReasonView, "signal" | "detail">): string {
  if (detail !== undefined && detail !== "") {
    const withDetail = detailed(signal, detail);
    if (withDetail !== undefined) return withDetail;
  }
  switch (signal) {
    case "focus":
      return l10n.t("the file you are in");
    case "selection":
      return l10n.t("where your cursor is");
    case "recent":
      return l10n.t("used a moment ago");
    case "edited":
      return l10n.t("edited lately");
    case "predicted":
      return l10n.t("likely your next file");
    case "mentioned":
      return l10n.t("named in the question");
    case "imports":
      return l10n.t("imported here");
    case "importedBy":
      return l10n.t("imports this");
    case "definition":
      return l10n.t("defines what is used here");
    case "reference":
      return l10n.t("uses what is named");
    case "cochange":
      return l10n.t("changed together in git");
    case "lexical":
      return l10n.t("has the question's words");
    case "semantic":
      return l10n.t("close in meaning");
    case "path":
      return l10n.t("close by in the folders");
    case "pinned":
      return l10n.t("pinned by you");
  }
}

function detailed(signal: Signal, detail: string): string | undefined {
  switch (signal) {
    case "mentioned":
      return l10n.t("named in the question: {0}", detail);
    case "definition":
      return l10n.t("defines {0}", detail);
    case "reference":
      return l10n.t("uses {0}", detail);
    case "imports":
      return l10n.t("imported by {0}", detail);
    case "importedBy":
      return l10n.t("imports {0}", detail);
    case "cochange":
      return l10n.t("changed together with {0}", detail);
    case "lexical":
      return l10n.t("has the words {0}", detail);
    default:
      return undefined;
  }
}

/** What weighs less than this explains little. */
const LEAST_WEIGHT = 0.1;

/** The reasons in one line, strongest first. */
export function reasons(all: readonly ReasonView[]): string {
  const shown = all.filter(({ weight }, place) => place === 0 || weight >= LEAST_WEIGHT);
  return shown.map(reason).join(" · ");
}

/** Line numbers from one. */
export function lines({ start, end }: RangeView): string {
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return last === start.line + 1 ? String(last) : `${start.line + 1}–${last}`;
}

export function extent({ kind, ranges }: Pick<LedgerItem, "kind" | "ranges">, most = 1): string {
  if (kind === "file") return l10n.t("whole file");
  if (kind === "outline") return l10n.t("outline");
  const shown = ranges.slice(0, most).map(lines).join(", ");
  const more = ranges.length > most ? l10n.t("{0} +{1}", shown, ranges.length - most) : shown;
  return l10n.t("lines {0}", more);
}

export function freshness(item: Pick<LedgerItem, "freshness" | "held">): { label: string; title: string } {
  switch (item.freshness) {
    case "buffer":
      return { label: l10n.t("editor"), title: l10n.t("As it stands in the open editor, unsaved edits included") };
    case "disk":
      return { label: l10n.t("disk"), title: l10n.t("As it is on disk now") };
    case "changed":
      return { label: l10n.t("changed"), title: l10n.t("Changed since it was read; the current text will be sent") };
  }
}

export function leftOut({ reason: why, tokens }: Pick<LeftOut, "reason" | "tokens">): string {
  switch (why) {
    case "budget":
      return tokens === undefined ? l10n.t("no room") : l10n.t("no room: {0} tokens", tokens.toLocaleString());
    case "excluded":
      return l10n.t("excluded by you");
    case "ignored":
      return l10n.t("ignored by git or by settings");
    case "secret":
      return l10n.t("may hold secrets: never sent");
    case "binary":
      return l10n.t("not text");
    case "tooLarge":
      return l10n.t("too large");
    case "unreadable":
      return l10n.t("cannot be read");
    case "outsideWorkspace":
      return l10n.t("outside the workspace");
    case "missing":
      return l10n.t("does not exist");
  }
}
