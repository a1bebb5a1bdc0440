import * as l10n from "@vscode/l10n";
import { useState } from "preact/hooks";

import { areaPath, linePath, nearest, place, type Frame, type Reading } from "./geometry";

export interface Series {
  readonly name: string;
  /** A colour of the theme's charts. */
  readonly colour: "blue" | "green" | "purple" | "yellow" | "muted";
  readonly readings: readonly Reading[];
  /** Filled down to zero. */
  readonly area?: boolean;
}

interface LineChartProps {
  label: string;
  series: readonly Series[];
  from: number;
  to: number;
  most: number;
  format: (value: number) => string;
  time: (at: number) => string;
}

const WIDTH = 600;
const HEIGHT = 120;

/** Lines over time, with what they were at the moment under the pointer. */
export function LineChart({ label, series, from, to, most, format, time }: LineChartProps) {
  const [pointed, setPointed] = useState<number>();
  const frame: Frame = { width: WIDTH, height: HEIGHT, from, to, most };
  const [main] = series;
  const at = pointed === undefined || main === undefined ? undefined : nearest(main.readings, pointed)?.at;
  return (
    <div class="line-chart">
      <div class="scale" aria-hidden="true">
        <span>{format(most)}</span>
        <span>{format(most / 2)}</span>
        <span>{format(0)}</span>
      </div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
        onMouseMove={({ currentTarget, clientX }) => {
          const { left, width } = currentTarget.getBoundingClientRect();
          setPointed(from + ((clientX - left) / Math.max(width, 1)) * (to - from));
        }}
        onMouseLeave={() => {
          setPointed(undefined);
        }}
      >
        {[0, 0.5, 1].map((share) => (
          <line key={share} class="grid" x1={0} x2={WIDTH} y1={share * HEIGHT} y2={share * HEIGHT} />
        ))}
        {series.map(({ name, colour, readings, area }) => (
          <g key={name} class={`series ${colour}`}>
            {area === true && <path class="area" d={areaPath(readings, frame)} />}
            <path class="stroke" d={linePath(readings, frame)} />
          </g>
        ))}
        {at !== undefined && (
          <line
            class="pointer"
            y1={0}
            y2={HEIGHT}
            x1={place({ at, value: 0 }, frame).x}
            x2={place({ at, value: 0 }, frame).x}
          />
        )}
      </svg>
      <div class="times" aria-hidden="true">
        <span>{time(from)}</span>
        <span>{l10n.t("now")}</span>
      </div>
      <p class="legend">
        {series.map(({ name, colour, readings }) => {
          const reading =
            at === undefined ? readings.findLast(({ value }) => value !== undefined) : nearest(readings, at);
          return (
            <span key={name} class={`entry ${colour}`}>
              {name}
              <strong>{reading?.value === undefined ? "–" : format(reading.value)}</strong>
            </span>
          );
        })}
        {at !== undefined && <span class="when">{time(at)}</span>}
      </p>
    </div>
  );
}
