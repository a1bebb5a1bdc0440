import * as l10n from "@vscode/l10n";

import { count } from "../words/numbers";
import { budgetAt, LAST_STEP, stepOf } from "./budget";

/** How many tokens the context may take. */
export function BudgetSlider({ budget, onChange }: { budget: number; onChange: (budget: number) => void }) {
  return (
    <label class="budget" title={l10n.t("The most tokens that the context may take")}>
      <span class="hidden">{l10n.t("Budget")}</span>
      <input
        type="range"
        min={0}
        max={LAST_STEP}
        step={1}
        value={stepOf(budget)}
        aria-valuetext={l10n.t("{0} tokens", count(budget))}
        onInput={(event) => {
          onChange(budgetAt(event.currentTarget.valueAsNumber));
        }}
      />
      <output>{l10n.t("{0}k", budget / 1_024)}</output>
    </label>
  );
}
