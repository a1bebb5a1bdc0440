/** What the samples say between two of them: rates of what only grows, until a server starts anew. Pure. */

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

/** Hits in percent of the reads since the sample before; unknown where nothing was read, or the server is another. */
export function momentaryHitRate(samples: readonly Sample[]): Reading[] {
  return between(samples, (sample, before) => {
    const hits = sample.hits - before.hits;
    const reads = hits + sample.misses - before.misses;
    return reads > 0 ? (100 * hits) / reads : undefined;
  });
}

/** Percent of one processor core. */
export function processor(samples: readonly Sample[]): Reading[] {
  return between(samples, (sample, before) => {
    const seconds = (sample.at - before.at) / 1_000;
    return seconds > 0 ? (100 * (sample.cpuSeconds - before.cpuSeconds)) / seconds : undefined;
  });
}

function between(samples: readonly Sample[], rate: (sample: Sample, before: Sample) => number | undefined): Reading[] {
  return samples.slice(1).flatMap((sample, number) => {
    const before = samples[number];
    if (before === undefined) return [];
    const sameServer = sample.uptimeSeconds >= before.uptimeSeconds && sample.hits >= before.hits;
    return [{ at: sample.at, value: sameServer ? rate(sample, before) : undefined }];
  });
}

/** At most this many samples, evenly spread, the latest among them. */
export function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  const step = (all.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, number) => all[Math.round(number * step)]).filter((one) => one !== undefined);
}
