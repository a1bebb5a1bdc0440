/** The conversations of a workspace, as they are kept between sessions: questions and answers, never file contents. */

import * as v from "valibot";

import { TurnView, type ChatSummary } from "./messages";

const KEY = "magnetar.conversations";
const MOST_CONVERSATIONS = 30;
const MOST_TURNS = 60;
/** Of all conversations together: workspace state is read whole when a window opens. */
const MOST_LETTERS = 500_000;
const TITLE_LETTERS = 80;

const Saved = v.object({ id: v.string(), changedAt: v.number(), turns: v.array(TurnView) });
export type SavedConversation = v.InferOutput<typeof Saved>;

/** Where they are kept; the editor's workspace state is one. */
export interface Storage {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

export class History {
  readonly #memento: Storage;

  constructor(memento: Storage) {
    this.#memento = memento;
  }

  /** Latest first; what another version wrote and this one cannot read is left out. */
  all(): SavedConversation[] {
    const stored = this.#memento.get(KEY);
    if (!Array.isArray(stored)) return [];
    return stored.flatMap((one) => {
      const read = v.safeParse(Saved, one);
      return read.success ? [read.output] : [];
    });
  }

  summaries(): ChatSummary[] {
    return this.all().map(({ id, changedAt, turns }) => ({ id, changedAt, turns: turns.length, title: title(turns) }));
  }

  find(id: string): SavedConversation | undefined {
    return this.all().find((one) => one.id === id);
  }

  /** Keeps a conversation as the latest; the oldest ones make room. */
  async save(conversation: SavedConversation): Promise<void> {
    const kept = { ...conversation, turns: conversation.turns.slice(-MOST_TURNS).map(ended) };
    await this.#write([kept, ...this.all().filter(({ id }) => id !== kept.id)]);
  }

  async remove(id: string): Promise<void> {
    await this.#write(this.all().filter((one) => one.id !== id));
  }

  async clear(): Promise<void> {
    await this.#memento.update(KEY, undefined);
  }

  async #write(conversations: readonly SavedConversation[]): Promise<void> {
    let letters = 0;
    const kept = conversations.slice(0, MOST_CONVERSATIONS).filter((one, place) => {
      letters += one.turns.reduce((sum, { question, answer }) => sum + question.length + answer.length, 0);
      return place === 0 || letters <= MOST_LETTERS;
    });
    await this.#memento.update(KEY, kept);
  }
}

/** An answer that was under way when its window closed has been stopped. */
function ended(turn: TurnView): TurnView {
  return ["gathering", "waiting", "streaming"].includes(turn.state) ? { ...turn, state: "stopped" } : turn;
}

function title(turns: readonly TurnView[]): string {
  const question = (turns[0]?.question ?? "").replace(/\s+/g, " ").trim();
  return question.length > TITLE_LETTERS ? `${question.slice(0, TITLE_LETTERS)}…` : question;
}
