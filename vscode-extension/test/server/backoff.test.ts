import { expect, test } from "vitest";

import { Backoff } from "../../src/server/backoff";

test("a server that keeps ending is started ever later, and at last no more", () => {
  const backoff = new Backoff(() => 0);
  const delays = Array.from({ length: 5 }, () => backoff.ended());
  expect(delays).toEqual([500, 2_000, 5_000, 15_000, undefined]);
});

test("a server that was well for a while begins anew", () => {
  let now = 0;
  const backoff = new Backoff(() => now);
  backoff.ended();
  backoff.ended();
  now += 3 * 60_000 + 1;
  expect(backoff.ended()).toBe(500);
});

test("a start that the user asks for begins anew", () => {
  const backoff = new Backoff(() => 0);
  backoff.ended();
  backoff.reset();
  expect(backoff.ended()).toBe(500);
});
