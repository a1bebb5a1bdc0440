/** The conversation that is shown: its questions and answers, and its exchange for another one. */

import type { ContextResult } from "../protocol";
import { Answering } from "./answering";
import { Conversation, type Turn } from "./conversation";
import type { History } from "./history";
import type { ToPage, TurnView } from "./messages";
import type { Editor, ModelSource } from "./ports";

export interface ChatParts {
  readonly editor: Editor;
  readonly models: ModelSource;
  readonly history: History;
  readonly post: (message: ToPage) => void;
  readonly warn: (message: string) => void;
  readonly newId: () => string;
  readonly now: () => number;
  /** Gets a turn's context from the server, which counts it as sent. */
  readonly commit: (turn: Turn, signal: AbortSignal) => Promise<ContextResult>;
  /** Told when another conversation is shown. */
  readonly exchanged: () => void;
}

export class Chat {
  readonly #parts: ChatParts;
  #conversation: Conversation;
  #answering: Answering | undefined;

  constructor(parts: ChatParts) {
    this.#parts = parts;
    this.#conversation = new Conversation(parts.newId());
  }

  get conversation(): Conversation {
    return this.#conversation;
  }

  /** Whether an answer is under way. */
  get busy(): boolean {
    return this.#answering !== undefined;
  }

  /** Resolves once the answer is there, or has failed or been stopped. */
  async ask(question: string, mentions: readonly string[]): Promise<void> {
    const view: TurnView = { id: this.#parts.newId(), question, answer: "", state: "gathering", sent: [], tokens: 0 };
    const turn: Turn = { view, mentions, sent: undefined };
    this.#conversation.turns.push(turn);
    this.show();
    await this.#answer(turn);
  }

  /** Asks the last question again, with the context it was given then. */
  async retry(): Promise<void> {
    const turn = this.#conversation.turns.at(-1);
    if (this.busy || turn === undefined) return;
    turn.view.answer = "";
    delete turn.view.failure;
    await this.#answer(turn);
  }

  stop(): void {
    this.#answering?.stop();
  }

  startNew(): void {
    this.#exchange(new Conversation(this.#parts.newId()));
  }

  reopen(id: string): void {
    const saved = this.#parts.history.find(id);
    if (saved !== undefined && id !== this.#conversation.id) this.#exchange(new Conversation(saved.id, saved.turns));
  }

  async delete(id: string): Promise<void> {
    await this.#parts.history.remove(id);
    if (id === this.#conversation.id) this.startNew();
    else this.#showAll();
  }

  /** Deletes all conversations, the one shown among them. */
  async clear(): Promise<void> {
    await this.#parts.history.clear();
    this.startNew();
  }

  show(): void {
    const { id, turns } = this.#conversation;
    this.#parts.post({ type: "chat", chat: { id, turns: turns.map(({ view }) => ({ ...view })) } });
    this.#showAll();
  }

  async #answer(turn: Turn): Promise<void> {
    const { models, editor, commit, post, warn } = this.#parts;
    const conversation = this.#conversation;
    const answering = new Answering(conversation, turn, {
      models,
      editor,
      commit,
      post: (message) => {
        if (conversation === this.#conversation) post(message);
      },
    });
    this.#answering = answering;
    await answering.run();
    if (this.#answering === answering) this.#answering = undefined;
    const { failure } = turn.view;
    if (failure !== undefined) warn(`No answer from ${failure.subject ?? "the model"}: ${failure.kind}`);
    await this.#save(conversation);
  }

  async #save({ id, turns }: Conversation): Promise<void> {
    await this.#parts.history.save({ id, changedAt: this.#parts.now(), turns: turns.map(({ view }) => view) });
    this.#showAll();
  }

  #exchange(conversation: Conversation): void {
    this.stop();
    this.#answering = undefined;
    this.#conversation = conversation;
    this.show();
    this.#parts.exchanged();
  }

  #showAll(): void {
    const chats = this.#parts.history.summaries();
    this.#parts.post({ type: "chats", chats, current: this.#conversation.id });
  }
}
