import * as l10n from "@vscode/l10n";

import type { Ledger } from "../../panel/messages";
import { count } from "../words/numbers";
import { segments } from "./budget";

const WIDTH = 1_000;
const HEIGHT = 8;

interface BarProps {
  ledger: Ledger;
  /** The piece under the pointer, or with the focus. */
  current: string | undefined;
  onPoint: (key: string | undefined) => void;
}

/** The budget as a bar: one segment for each piece, in the order of the prompt. */
export function BudgetBar({ ledger, current, onPoint }: BarProps) {
  const used = ledger.tokens + ledger.heldTokens;
  const label = l10n.t("{0} of {1} tokens used", count(used), count(ledger.tokenBudget));
  return (
    <svg
      class="bar"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      onMouseLeave={() => {
        onPoint(undefined);
      }}
    >
      <rect class="track" width={WIDTH} height={HEIGHT} />
      {segments(ledger).map(({ key, kind, start, width }) => (
        <rect
          key={key}
          class={`segment ${kind}${key === current ? " current" : ""}`}
          x={start * WIDTH}
          // A gap of the track between two pieces, unless there is no room for one.
          width={Math.max(width * WIDTH - 3, 1)}
          height={HEIGHT}
          onMouseEnter={() => {
            onPoint(key);
          }}
        />
      ))}
    </svg>
  );
}
