// @ts-check
/** Waiting for what no page shows. */

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;
const LONGEST_MS = 30_000;

/**
 * @param {() => boolean} holds
 * @param {string} what it is that should come to pass
 */
export async function until(holds, what) {
  const last = Date.now() + LONGEST_MS;
  while (!holds()) {
    assert(Date.now() < last, `it did not come to pass: ${what}`);
    await sleep(POLL_MS);
  }
}
