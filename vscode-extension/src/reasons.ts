/** Signals as plain words, the strongest first. */

import { l10n } from "vscode";

import type { Reason, Signal } from "./protocol";

const MOST = 3;

export function words(signal: Signal): string {
  switch (signal) {
    case "focus":
      return l10n.t("open now");
    case "selection":
      return l10n.t("selected");
    case "recent":
      return l10n.t("in use lately");
    case "edited":
      return l10n.t("edited lately");
    case "predicted":
      return l10n.t("often visited next");
    case "mentioned":
      return l10n.t("named in the question");
    case "imports":
      return l10n.t("imported there");
    case "importedBy":
      return l10n.t("imports it");
    case "definition":
      return l10n.t("defines what is used");
    case "reference":
      return l10n.t("uses it");
    case "cochange":
      return l10n.t("changed together in git");
    case "lexical":
      return l10n.t("same words");
    case "semantic":
      return l10n.t("same meaning");
    case "path":
      return l10n.t("close by its path");
    case "pinned":
      return l10n.t("pinned");
  }
}

/** Such as "often visited next, changed together in git". */
export function sentence(reasons: readonly Reason[]): string {
  const signals = [...new Set(reasons.map(({ signal }) => signal))].slice(0, MOST);
  return signals.map(words).join(", ");
}

export function percent(probability: number): string {
  const rounded = Math.round(probability * 100);
  return rounded === 0 ? "< 1 %" : `${rounded} %`;
}
