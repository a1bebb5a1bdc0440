import { describe, expect, test } from "vitest";

import type { Sample } from "../../../src/panel/messages";
import { extended } from "../../../src/panel/timeline";
import {
  areaPath,
  linePath,
  nearest,
  niceMost,
  place,
  ring,
  shares,
  stretches,
} from "../../../src/webview/charts/geometry";
import { momentaryHitRate, processor, RANGES, spread, within } from "../../../src/webview/statistics/series";

const FRAME = { width: 100, height: 50, from: 1_000, to: 2_000, most: 10 };
const MINUTE = 60_000;

function sample(at: number, extra: Partial<Sample> = {}): Sample {
  return {
    at,
    hits: 0,
    misses: 0,
    hitRate: 0,
    predictionAccuracy: 0,
    hitAt1: 0,
    hitAt5: 0,
    rssBytes: 0,
    cpuSeconds: 0,
    uptimeSeconds: at / 1_000,
    ...extra,
  };
}

describe("a chart's geometry", () => {
  test("puts times from left to right and values from the bottom up, inside its frame", () => {
    expect(place({ at: 1_500, value: 2.5 }, FRAME)).toEqual({ x: 50, y: 37.5 });
    expect(place({ at: 2_000, value: 99 }, FRAME)).toEqual({ x: 100, y: 0 });
    expect(place({ at: 1_000, value: -1 }, FRAME)).toEqual({ x: 0, y: 50 });
  });

  test("breaks a line where nothing is known, and where a pause can be seen", () => {
    const known = [
      { at: 1_000, value: 0 },
      { at: 1_040, value: 10 },
      { at: 1_060, value: undefined },
      { at: 1_080, value: 5 },
      { at: 1_900, value: 5 },
    ];
    expect(linePath(known, FRAME)).toBe("M0 50L4 0M8 25M90 25");
    expect(areaPath(known.slice(0, 2), FRAME)).toBe("M0 50L4 0L4 50L0 50Z");
    expect(stretches([], FRAME)).toEqual([]);
  });

  test("ends its scale at a round number", () => {
    expect([0, 1, 3, 24, 251, 999].map((value) => niceMost(value))).toEqual([1, 1, 5, 25, 500, 1_000]);
  });

  test("finds what is nearest in time", () => {
    expect(nearest([{ at: 1 }, { at: 5 }, { at: 9 }], 6)).toEqual({ at: 5 });
    expect(nearest<{ at: number }>([], 6)).toBeUndefined();
  });

  test("divides a whole, and nothing into nothing", () => {
    expect(shares([3, 1])).toEqual([
      { start: 0, width: 0.75 },
      { start: 0.75, width: 0.25 },
    ]);
    expect(shares([0, 0])).toEqual([
      { start: 0, width: 0 },
      { start: 0, width: 0 },
    ]);
  });

  test("draws a share of a ring, and never more than all of it", () => {
    expect(ring(0.25, 10).dash).toBe("15.71 47.12");
    expect(ring(7, 10).dash).toBe("62.83 0");
  });
});

describe("what the samples say", () => {
  test("rates are those of the time between, and of one run of the server", () => {
    const samples = [
      sample(0, { hits: 10, misses: 10, cpuSeconds: 1 }),
      sample(1_000, { hits: 19, misses: 11, cpuSeconds: 1.5 }),
      sample(2_000, { hits: 19, misses: 11, cpuSeconds: 1.5 }),
      sample(3_000, { hits: 1, misses: 0, cpuSeconds: 0.1, uptimeSeconds: 0.5 }),
    ];
    expect(momentaryHitRate(samples, 0, 40_000)).toEqual([
      { at: 1_500, value: 90 },
      { at: 2_500, value: undefined },
    ]);
    expect(processor(samples)).toEqual([
      { at: 1_000, value: 50 },
      { at: 2_000, value: 0 },
    ]);
  });

  test("only the time shown counts, and a table has few rows with the latest among them", () => {
    const samples = Array.from({ length: 100 }, (_, minute) => sample(minute * MINUTE));
    expect(within(samples, RANGES[0], 99 * MINUTE)).toHaveLength(11);
    expect(spread(samples, 3).map(({ at }) => at / MINUTE)).toEqual([0, 50, 99]);
    expect(spread([1, 2], 3)).toEqual([1, 2]);
  });
});

describe("the timeline", () => {
  test("keeps the last minutes whole, and a month in a few hundred samples", () => {
    let samples: Sample[] = [];
    const end = 40 * 24 * 60 * MINUTE;
    for (let at = 0; at < end; at += 30 * MINUTE) samples = extended(samples, sample(at));
    for (let at = end; at < end + 20 * MINUTE; at += 2_000) samples = extended(samples, sample(at));
    const last = samples.at(-1)?.at ?? 0;
    const age = (one: Sample): number => last - one.at;
    expect(samples.filter((one) => age(one) < 10 * MINUTE)).toHaveLength(300);
    expect(samples.length).toBeLessThan(600);
    expect(age(samples[0] ?? sample(0))).toBeGreaterThan(29 * 24 * 60 * MINUTE);
    expect(age(samples[0] ?? sample(0))).toBeLessThanOrEqual(30 * 24 * 60 * MINUTE);
    expect(samples.map(({ at }) => at)).toEqual(samples.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  test("loses nothing by being thinned again and again", () => {
    let samples: Sample[] = [];
    for (let at = 0; at < 60 * MINUTE; at += 2_000) samples = extended(samples, sample(at));
    const minutes = new Set(samples.map(({ at }) => Math.floor(at / MINUTE)));
    expect(minutes.size).toBe(60);
  });

  test("goes on where the clock was set back", () => {
    const samples = extended([sample(5_000)], sample(1_000));
    expect(samples.map(({ at }) => at)).toEqual([1_000]);
  });
});
