import * as l10n from "@vscode/l10n";
import { useState } from "preact/hooks";

import type { Sample, Statistics } from "../../panel/messages";
import { duration } from "../words/numbers";
import { HitRate, Index, Memory, Predictions, Sizes, Tiers } from "./cards";
import { RANGES, within, type Range } from "./series";

export interface StatisticsState {
  readonly statistics: Statistics | undefined;
  readonly samples: readonly Sample[];
  readonly problem: string | undefined;
}

/** How the server fares, to be looked at rather than read. */
export function StatisticsPage({ statistics, samples, problem }: StatisticsState) {
  const [range, setRange] = useState<Range>(RANGES[0]);
  const now = samples.at(-1)?.at ?? 0;
  const shown = within(samples, range, now);
  // A page that was just opened shows what there is, not a wide empty field.
  const from = Math.max(now - range.span, Math.min(shown[0]?.at ?? now, now - 60_000));
  const axis = { samples: shown, from, to: now, time: timeFormat(range) };
  return (
    <main class="statistics">
      <header class="top">
        <div>
          <h1>{l10n.t("Magnetar Statistics")}</h1>
          <p class="muted">
            {statistics === undefined
              ? l10n.t("Asking the server…")
              : l10n.t("The server has been running for {0}.", duration(statistics.process.uptimeSeconds))}
          </p>
        </div>
        <fieldset class="ranges">
          <legend class="hidden">{l10n.t("Time shown")}</legend>
          {RANGES.map((one) => (
            <label key={one.name}>
              <input
                type="radio"
                name="range"
                checked={one === range}
                onChange={() => {
                  setRange(one);
                }}
              />
              <span>{rangeName(one)}</span>
            </label>
          ))}
        </fieldset>
      </header>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {statistics !== undefined && (
        <div class="cards">
          <HitRate statistics={statistics} {...axis} />
          <Predictions statistics={statistics} {...axis} />
          <Memory statistics={statistics} {...axis} />
          <Tiers statistics={statistics} />
          <Sizes statistics={statistics} />
          <Index statistics={statistics} />
        </div>
      )}
    </main>
  );
}

function rangeName({ name }: Range): string {
  switch (name) {
    case "minutes":
      return l10n.t("10 min");
    case "hours":
      return l10n.t("2 h");
    case "day":
      return l10n.t("1 day");
    case "month":
      return l10n.t("30 days");
  }
}

function timeFormat({ name }: Range): (at: number) => string {
  const options: Intl.DateTimeFormatOptions =
    name === "month" ? { month: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit" };
  const seconds: Intl.DateTimeFormatOptions = name === "minutes" ? { second: "2-digit" } : {};
  const format = new Intl.DateTimeFormat(undefined, { ...options, ...seconds });
  return (at) => format.format(at);
}
