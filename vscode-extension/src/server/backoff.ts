/**
 * How long to wait before a server that ended by itself is started again, and when to give up: a server that keeps
 * ending is not mended by being started once more.
 */

const DELAYS_MS = [500, 2_000, 5_000, 15_000];
/** A server that ran for this long was well; what happened before no longer counts. */
const FORGOTTEN_AFTER_MS = 3 * 60_000;

export class Backoff {
  readonly #now: () => number;
  #ends: number[] = [];

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The server ended: how many milliseconds to wait, or `undefined` to give up. */
  ended(): number | undefined {
    const now = this.#now();
    this.#ends = this.#ends.filter((end) => end > now - FORGOTTEN_AFTER_MS);
    const delay = DELAYS_MS[this.#ends.length];
    this.#ends.push(now);
    return delay;
  }

  /** The user asks for a new start: all is forgiven. */
  reset(): void {
    this.#ends = [];
  }
}
