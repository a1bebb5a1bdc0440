/** What the samples say between two of them: rates of what only grows until a server starts anew. Pure. */

import type { Sample } from "../../panel/messages";
import type { Reading } from "../charts/geometry";

export const RANGES = [
  { name: "minutes", span: 10 * 60_000 },
  { name: "hours", span: 2 * 3_600_000 },
  { name: "day", span: 24 * 3_600_000 },
  { name: "month", span: 30 * 24 * 3_600_000 },
] as const;
export type Range = (typeof RANGES)[number];

export function within(samples: readonly Sample[], { span }: Range, now: number): Sample[] {
  return samples.filter(({ at }) => now - at <= span);
}

export function values(samples: readonly Sample[], pick: (sample: Sample) => number): Reading[] {
  return samples.map((sample) => ({ at: sample.at, value: pick(sample) }));
}

const SPANS = 40;

/**
 * Hits in percent of the reads of each fortieth of the time shown: shorter spans have too few reads to say anything.
 * Unknown where nothing was read.
 */
export function momentaryHitRate(samples: readonly Sample[], from: number, to: number): Reading[] {
  const span = Math.max((to - from) / SPANS, 1);
  const spans = new Map<number, { hits: number; reads: number }>();
  for (const [before, sample] of pairs(samples)) {
    const number = Math.min(Math.floor((sample.at - from) / span), SPANS - 1);
    const sum = spans.get(number) ?? { hits: 0, reads: 0 };
    const hits = sample.hits - before.hits;
    spans.set(number, { hits: sum.hits + hits, reads: sum.reads + hits + sample.misses - before.misses });
  }
  return [...spans].map(([number, { hits, reads }]) => ({
    at: from + (number + 0.5) * span,
    value: reads > 0 ? (100 * hits) / reads : undefined,
  }));
}

/** Percent of one processor core. */
export function processor(samples: readonly Sample[]): Reading[] {
  return pairs(samples).map(([before, sample]) => ({
    at: sample.at,
    value: (100_000 * (sample.cpuSeconds - before.cpuSeconds)) / Math.max(sample.at - before.at, 1),
  }));
}

/** Each sample with the one before it, where both are of the same run of the server. */
function pairs(samples: readonly Sample[]): [Sample, Sample][] {
  return samples.slice(1).flatMap((sample, number): [Sample, Sample][] => {
    const before = samples[number];
    if (before === undefined || sample.uptimeSeconds < before.uptimeSeconds || sample.hits < before.hits) return [];
    return [[before, sample]];
  });
}

/** At most this many samples, evenly spread, the latest among them. */
export function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  const step = (all.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, number) => all[Math.round(number * step)]).filter((one) => one !== undefined);
}
