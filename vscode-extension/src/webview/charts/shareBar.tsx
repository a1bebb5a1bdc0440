import { shares } from "./geometry";
import type { Series } from "./lineChart";

export interface Share {
  readonly name: string;
  readonly value: number;
  readonly colour: Series["colour"];
  /** What is said of it beside its name. */
  readonly words: string;
}

const WIDTH = 600;
const HEIGHT = 14;

/** Parts of a whole as one bar, and what each is. */
export function ShareBar({ label, parts }: { label: string; parts: readonly Share[] }) {
  const segments = shares(parts.map(({ value }) => value));
  return (
    <div class="share-bar">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <rect class="track" width={WIDTH} height={HEIGHT} />
        {parts.map(({ name, colour }, number) => (
          <rect
            key={name}
            class={`part ${colour}`}
            x={(segments[number]?.start ?? 0) * WIDTH}
            width={Math.max((segments[number]?.width ?? 0) * WIDTH - 2, 0)}
            height={HEIGHT}
          />
        ))}
      </svg>
      <ul class="legend">
        {parts.map(({ name, colour, words }) => (
          <li key={name} class={`entry ${colour}`}>
            {name}
            <strong>{words}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
