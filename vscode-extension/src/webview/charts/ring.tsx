import { ring } from "./geometry";

const RADIUS = 44;

/** A share of a whole as a ring, with its words in the middle. */
export function Ring({ share, label, words }: { share: number; label: string; words: string }) {
  return (
    <svg class="ring" viewBox="0 0 100 100" role="img" aria-label={label}>
      <circle class="track" cx={50} cy={50} r={RADIUS} />
      <circle
        class="value"
        cx={50}
        cy={50}
        r={RADIUS}
        stroke-dasharray={ring(share, RADIUS).dash}
        transform="rotate(-90 50 50)"
      />
      <text x={50} y={50} text-anchor="middle" dominant-baseline="central" aria-hidden="true">
        {words}
      </text>
    </svg>
  );
}
