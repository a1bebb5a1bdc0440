/** The budget slider's steps, and the budget bar's geometry. Pure. */

import type { Ledger } from "../../panel/messages";

/** Doubling, with a step between: a person thinks of budgets by their size, not by their digits. */
const STEPS = [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128].map((thousands) => thousands * 1_024);

export const LAST_STEP = STEPS.length - 1;

export function budgetAt(step: number): number {
  return STEPS[Math.min(Math.max(Math.round(step), 0), LAST_STEP)] ?? 8_192;
}

/** The step nearest to a budget, by ratio. */
export function stepOf(budget: number): number {
  const distances = STEPS.map((step) => Math.abs(Math.log(step / Math.max(budget, 1))));
  return distances.indexOf(Math.min(...distances));
}

export interface Segment {
  readonly key: string;
  readonly kind: "held" | "pinned" | "fresh";
  /** Of the bar's width, 0 to 1. */
  readonly start: number;
  readonly width: number;
}

/** One segment for each piece, in prompt order, as wide as its share of the budget. */
export function segments({ items, tokenBudget }: Pick<Ledger, "items" | "tokenBudget">): Segment[] {
  let start = 0;
  return items.map(({ key, held, pinned, tokens }) => {
    const width = Math.min(tokens / Math.max(tokenBudget, 1), 1 - start);
    const segment: Segment = { key, kind: held ? "held" : pinned ? "pinned" : "fresh", start, width };
    start += width;
    return segment;
  });
}
