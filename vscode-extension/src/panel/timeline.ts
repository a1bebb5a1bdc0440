/**
 * What the server's counters were over time. Fine for the last minutes, coarser the longer ago, so that a month fits
 * into a few hundred samples. Pure.
 */

import type { StatsResult } from "../protocol";
import type { Sample } from "./messages";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Of samples up to an age, one is kept for each such span of the clock. */
const GRAINS: readonly (readonly [age: number, span: number])[] = [
  [10 * MINUTE, SECOND],
  [2 * HOUR, MINUTE],
  [DAY, 10 * MINUTE],
  [30 * DAY, 6 * HOUR],
];

export function sampleOf(stats: StatsResult, at: number): Sample {
  const { cache, prediction, process } = stats;
  return {
    at,
    hits: cache.hits,
    misses: cache.misses,
    hitRate: cache.hitRate,
    predictionAccuracy: cache.predictionAccuracy,
    hitAt1: prediction.hitAt1,
    hitAt5: prediction.hitAt5,
    rssBytes: process.rssBytes,
    cpuSeconds: process.cpuSeconds,
    uptimeSeconds: process.uptimeSeconds,
  };
}

/** The samples with one more, thinned; the oldest are forgotten. */
export function extended(samples: readonly Sample[], sample: Sample): Sample[] {
  const taken = new Set<string>();
  const older = samples.filter(({ at }) => {
    const grain = at < sample.at ? GRAINS.find(([age]) => sample.at - at <= age) : undefined;
    if (grain === undefined) return false;
    // Spans are those of the clock and their first sample stays, so thinning twice takes away no more than once.
    const span = `${grain[1]} ${Math.floor(at / grain[1])}`;
    if (taken.has(span)) return false;
    taken.add(span);
    return true;
  });
  return [...older, sample];
}
