/** The arithmetic of the charts: numbers in, positions and SVG paths out. Pure. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A value over time; undefined where nothing is known, which breaks the line. */
export interface Reading {
  readonly at: number;
  readonly value: number | undefined;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** First and last moment shown. */
  readonly from: number;
  readonly to: number;
  /** The value at the upper edge; the lower one is 0. */
  readonly most: number;
}

/** Of the time shown. */
const SEEN_SHARE = 1 / 20;

export function place({ at, value }: { at: number; value: number }, frame: Frame): Point {
  const span = Math.max(frame.to - frame.from, 1);
  const share = Math.min(Math.max(value / Math.max(frame.most, Number.EPSILON), 0), 1);
  return { x: round(((at - frame.from) / span) * frame.width), y: round((1 - share) * frame.height) };
}

/** The stretches of readings without a break, as points. A pause long enough to be seen is a break too. */
export function stretches(readings: readonly Reading[], frame: Frame): Point[][] {
  const pause = (frame.to - frame.from) * SEEN_SHARE;
  const found: Point[][] = [];
  let current: Point[] = [];
  let last: number | undefined;
  for (const { at, value } of readings) {
    const broken = value === undefined || (last !== undefined && at - last > pause);
    if (broken && current.length > 0) {
      found.push(current);
      current = [];
    }
    if (value !== undefined) current.push(place({ at, value }, frame));
    last = at;
  }
  return current.length > 0 ? [...found, current] : found;
}

export function linePath(readings: readonly Reading[], frame: Frame): string {
  return stretches(readings, frame).map(line).join("");
}

/** The line's area down to zero. */
export function areaPath(readings: readonly Reading[], frame: Frame): string {
  return stretches(readings, frame)
    .map((points) => {
      const first = points[0]?.x ?? 0;
      const last = points.at(-1)?.x ?? first;
      return `${line(points)}L${last} ${frame.height}L${first} ${frame.height}Z`;
    })
    .join("");
}

/** The least of 1, 2, 2.5 and 5 times a power of ten that a value fits under. */
export function niceMost(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** The reading nearest in time. */
export function nearest<R extends { readonly at: number }>(readings: readonly R[], at: number): R | undefined {
  return readings.reduce<R | undefined>(
    (best, one) => (best === undefined || Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best),
    undefined,
  );
}

/** Shares of a whole as segments one after another; a whole of nothing has none. */
export function shares(values: readonly number[]): { start: number; width: number }[] {
  const whole = values.reduce((sum, value) => sum + value, 0);
  let start = 0;
  return values.map((value) => {
    const width = whole > 0 ? value / whole : 0;
    const segment = { start, width };
    start += width;
    return segment;
  });
}

/** What draws a share of a circle of this radius as a dashed stroke. */
export function ring(share: number, radius: number): { dash: string; circumference: number } {
  const circumference = 2 * Math.PI * radius;
  const drawn = Math.min(Math.max(share, 0), 1) * circumference;
  return { dash: `${round(drawn)} ${round(circumference - drawn)}`, circumference };
}

function line(points: readonly Point[]): string {
  return points.map(({ x, y }, number) => `${number === 0 ? "M" : "L"}${x} ${y}`).join("");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
