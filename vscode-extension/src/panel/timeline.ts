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

/** Samples younger than the first number are at least the second apart. */
const GRAINS: readonly (readonly [age: number, apart: number])[] = [
  [10 * MINUTE, 2 * SECOND],
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
  const kept: Sample[] = [sample];
  for (const older of samples.toReversed()) {
    const age = sample.at - older.at;
    const grain = GRAINS.find(([most]) => age <= most);
    const next = kept.at(-1);
    if (grain === undefined || next === undefined || older.at >= sample.at) continue;
    // The seam of two grains must not swallow what both would keep: the last one of a grain always stays.
    if (next.at - older.at >= grain[1] * 0.9 || kept.length === 1) kept.push(older);
  }
  return kept.reverse();
}
