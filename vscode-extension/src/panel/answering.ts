/** One turn's way to its answer: context, prompt, model. It reports each step and can be stopped at any of them. */

import { ModelFailure } from "../models/failure";
import type { ChatModel } from "../models/model";
import type { ContextResult } from "../protocol";
import { OutOfStep, type Conversation, type Turn } from "./conversation";
import { failureView } from "./failures";
import type { SentFile, ToPage, TurnView } from "./messages";
import { fileView } from "./names";
import type { Editor, ModelSource } from "./ports";
import { promptOf } from "./prompt";

/** How often new text is shown: smooth to the eye, without a message for each token. */
const FLUSH_MS = 40;
/** No text has more letters to a token on average, so only what certainly does not fit is held back. */
const LETTERS_PER_TOKEN = 6;

export interface Surroundings {
  readonly models: ModelSource;
  readonly editor: Editor;
  readonly commit: (turn: Turn, signal: AbortSignal) => Promise<ContextResult>;
  readonly post: (message: ToPage) => void;
}

export class Answering {
  readonly #conversation: Conversation;
  readonly #turn: Turn;
  readonly #around: Surroundings;
  readonly #controller = new AbortController();
  #pending = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(conversation: Conversation, turn: Turn, around: Surroundings) {
    this.#conversation = conversation;
    this.#turn = turn;
    this.#around = around;
  }

  stop(): void {
    this.#controller.abort();
  }

  /** Never throws: what went wrong is told in the turn. */
  async run(): Promise<void> {
    const { signal } = this.#controller;
    try {
      const model = await this.#around.models.current();
      if (model === undefined) throw new ModelFailure("noModel");
      this.#become({ model: model.label });
      if (this.#turn.sent === undefined) await this.#gather();
      if (!signal.aborted) await this.#stream(model);
      this.#become({ state: signal.aborted ? "stopped" : "done" });
    } catch (error) {
      this.#become(signal.aborted ? { state: "stopped" } : { state: "failed", failure: failureView(error) });
    }
  }

  async #gather(): Promise<void> {
    this.#become({ state: "gathering" });
    let result = await this.#around.commit(this.#turn, this.#controller.signal);
    try {
      this.#conversation.give(this.#turn, result);
    } catch (error) {
      if (!(error instanceof OutOfStep)) throw error;
      this.#conversation.startOver();
      result = await this.#around.commit(this.#turn, this.#controller.signal);
      this.#conversation.give(this.#turn, result);
    }
    this.#become({ sent: this.#sent(), tokens: result.tokens + result.heldTokens });
  }

  async #stream(model: ChatModel): Promise<void> {
    this.#become({ state: "waiting" });
    const messages = promptOf(this.#conversation, this.#turn, (uri) => this.#around.editor.path(uri));
    const letters = messages.reduce((sum, { content }) => sum + content.length, 0);
    const most = model.maxInputTokens;
    if (most !== undefined && letters / LETTERS_PER_TOKEN > most)
      throw new ModelFailure("tooLong", { subject: model.label });
    try {
      for await (const text of model.stream(messages, this.#controller.signal)) {
        if (this.#turn.view.state !== "streaming") this.#become({ state: "streaming" });
        this.#pending += text;
        this.#timer ??= setTimeout(() => {
          this.#flush();
        }, FLUSH_MS);
      }
    } finally {
      this.#flush();
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending === "") return;
    this.#turn.view.answer += this.#pending;
    this.#around.post({ type: "text", turn: this.#turn.view.id, text: this.#pending });
    this.#pending = "";
  }

  #become(change: Partial<TurnView>): void {
    Object.assign(this.#turn.view, change);
    this.#around.post({ type: "turn", turn: { ...this.#turn.view } });
  }

  #sent(): SentFile[] {
    const fresh = new Set(this.#turn.sent);
    return this.#conversation.held().map((one) => {
      const { uri, ranges, tokens } = one.item;
      return { ...fileView(uri, this.#around.editor.path(uri)), ranges, tokens, held: !fresh.has(one) };
    });
  }
}
