/**
 * One chat: its turns, and which pieces of context the model has been given in which of them.
 *
 * The server remembers what it sent under the conversation's id; this is the client's half of that bargain. After each
 * answer the model's prompt holds exactly what the answer calls unchanged, in its old place, and what is new, at the
 * end; so a prompt only grows, and a provider's prompt cache keeps hitting. What changed or may no longer be shown
 * loses its text at once.
 */

import type { ContextResult, Item } from "../protocol";
import { itemKey } from "./ledger";
import type { TurnView } from "./messages";

/** A piece of context in the place where the model was first given it. */
export interface Sent {
  readonly key: string;
  readonly item: Item;
  /** Why its text is no longer part of the prompt; undefined while it is. */
  gone?: "changed" | "removed" | "room";
}

export interface Turn {
  /** What the panel shows of it, and what is kept of it. */
  readonly view: TurnView;
  /** Documents named in the question, which it must be given. */
  readonly mentions: readonly string[];
  /** What it added to the prompt; undefined until the server has answered, and again after a restart. */
  sent: Sent[] | undefined;
}

/** Thrown where the server takes for held what this side does not have, as after an answer that never arrived. */
export class OutOfStep extends Error {
  override readonly name = "OutOfStep";
}

export class Conversation {
  readonly id: string;
  readonly turns: Turn[];
  #restarts = 0;

  constructor(id: string, turns: readonly TurnView[] = []) {
    this.id = id;
    this.turns = turns.map((view) => ({ view, mentions: [], sent: undefined }));
  }

  /** The id the server knows it by. */
  get serverId(): string {
    return this.#restarts === 0 ? this.id : `${this.id}/${this.#restarts}`;
  }

  /** Every piece whose text is in the prompt. */
  held(): Sent[] {
    return this.turns.flatMap(({ sent = [] }) => sent.filter((one) => one.gone === undefined));
  }

  /**
   * Takes what the server gave for a turn into the prompt.
   *
   * @throws OutOfStep a piece is called unchanged that is not held; nothing is altered then.
   */
  give(turn: Turn, result: ContextResult): void {
    const held = new Map(this.held().map((one) => [one.key, one]));
    const unchanged = new Set(result.items.filter((item) => item.unchanged === true).map(itemKey));
    for (const key of unchanged) if (!held.has(key)) throw new OutOfStep(key);
    const fresh = result.items.filter((item) => item.unchanged !== true);
    const replaced = new Set(fresh.map(({ uri }) => uri));
    const removed = new Set(result.removed);
    for (const [key, one] of held) {
      if (unchanged.has(key)) continue;
      one.gone = removed.has(one.item.uri) ? "removed" : replaced.has(one.item.uri) ? "changed" : "room";
    }
    turn.sent = fresh.map((item) => ({ key: itemKey(item), item }));
  }

  /** Nothing sent so far counts: the server begins anew under another id, and gives everything again. */
  startOver(): void {
    for (const one of this.held()) one.gone = "room";
    this.#restarts++;
  }
}
