/**
 * The panel without its window: takes the page's messages, keeps the conversation, and says what is to be shown. What
 * gathers the context and what asks the model are parts of their own.
 */

import { Answering } from "./answering";
import { Completions } from "./completion";
import { Conversation, type Turn } from "./conversation";
import { failureView } from "./failures";
import { Gathering } from "./gathering";
import type { History } from "./history";
import { itemKey } from "./ledger";
import {
  readToHost,
  type CopyFormat,
  type Model,
  type PanelCommand,
  type ToHost,
  type ToPage,
  type TurnView,
} from "./messages";
import type { Editor, ModelSource, Server } from "./ports";
import { contextMarkdown } from "./prompt";
import type { ServerState } from "./host";

export interface SessionParts {
  readonly server: Server;
  readonly editor: Editor;
  readonly models: ModelSource;
  readonly history: History;
  readonly post: (message: ToPage) => void;
  /** Does what only the editor around the panel can. */
  readonly perform: (command: PanelCommand) => void;
  /** Told what went wrong, for the log: never questions, contents or keys. */
  readonly warn: (message: string) => void;
  readonly newId: () => string;
  readonly now: () => number;
}

export class PanelSession {
  readonly #parts: SessionParts;
  readonly #gathering: Gathering;
  readonly #completions: Completions;
  #conversation: Conversation;
  #answering: Answering | undefined;
  #state: ServerState = { kind: "starting" };
  #visible = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#conversation = new Conversation(parts.newId());
    this.#gathering = new Gathering(parts.server, parts.editor, () => this.#conversation, parts.post);
    this.#completions = new Completions(parts);
  }

  /** Takes a message from the page, whatever it is. */
  async receive(message: unknown): Promise<void> {
    const read = readToHost(message);
    if (read === undefined) this.#parts.warn("The panel sent a message that nobody understands.");
    else await this.#handle(read);
  }

  /** A hidden panel asks for nothing. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    if (visible) this.#gather(0);
    else this.#gathering.cancel();
  }

  setServer(state: ServerState): void {
    const before = this.#state.kind;
    this.#state = state;
    this.#parts.post({ type: "server", server: state });
    if (state.kind !== before) this.#gather(0);
  }

  async modelChanged(): Promise<void> {
    this.#parts.post({ type: "model", model: await this.#model() });
  }

  /** The user is somewhere else, or has selected something else. */
  placeChanged(): void {
    this.#gather();
  }

  documentChanged(uri: string): void {
    if (this.#visible) this.#gathering.documentChanged(uri);
  }

  /** The budget in the settings is another one; it counts until the slider is moved. */
  settingsChanged(): void {
    this.#gathering.tokenBudget = this.#parts.editor.tokenBudget();
    this.#parts.post({ type: "draft", tokenBudget: this.#gathering.tokenBudget });
    this.#gather();
  }

  /** Puts a question into the box, and the cursor with it. */
  propose(question: string | undefined): void {
    if (question !== undefined) {
      this.#gathering.question = question;
      this.#parts.post({ type: "draft", tokenBudget: this.#gathering.tokenBudget, question });
    }
    this.#parts.post({ type: "focus" });
    this.#gather(0);
  }

  newChat(): void {
    this.#open(new Conversation(this.#parts.newId()));
    this.#parts.post({ type: "draft", tokenBudget: this.#gathering.tokenBudget, question: "" });
    this.#parts.post({ type: "focus" });
  }

  async clearHistory(): Promise<void> {
    await this.#parts.history.clear();
    this.newChat();
  }

  dispose(): void {
    this.#answering?.stop();
    this.#completions.cancel();
    this.#gathering.cancel();
  }

  async #handle(message: ToHost): Promise<void> {
    const { editor } = this.#parts;
    const gathering = this.#gathering;
    switch (message.type) {
      case "ready":
        await this.#showAll();
        return;
      case "question":
        gathering.question = message.question;
        gathering.mentions = message.mentions;
        this.#gather();
        return;
      case "budget":
        gathering.tokenBudget = message.tokenBudget;
        this.#gather();
        return;
      case "refresh":
        this.#gather(0);
        return;
      case "pin":
        gathering.pin(message.uri, message.on);
        return;
      case "exclude":
        gathering.exclude(message.uri, message.on);
        return;
      case "open":
        await editor.open(message.uri, message.range);
        return;
      case "preview":
        this.#preview(message.key);
        return;
      case "copyContext":
        await this.#copyContext(message.format);
        return;
      case "copyText":
        await editor.copy(message.text);
        return;
      case "insertText":
        await editor.insert(message.text);
        return;
      case "ask":
        await this.#ask(message.question, message.mentions);
        return;
      case "stop":
        this.#answering?.stop();
        return;
      case "retry":
        await this.#retry();
        return;
      case "newChat":
        this.newChat();
        return;
      case "openChat":
        this.#reopen(message.id);
        return;
      case "deleteChat":
        await this.#parts.history.remove(message.id);
        if (message.id === this.#conversation.id) this.newChat();
        else this.#showChats();
        return;
      case "complete":
        await this.#completions.complete(message);
        return;
      case "command":
        this.#parts.perform(message.command);
        return;
    }
  }

  async #showAll(): Promise<void> {
    const { post } = this.#parts;
    post({ type: "server", server: this.#state });
    post({ type: "draft", tokenBudget: this.#gathering.tokenBudget, question: this.#gathering.question });
    this.#showChat();
    this.#gathering.republish();
    this.#gather(0);
    await this.modelChanged();
  }

  async #ask(question: string, mentions: readonly string[]): Promise<void> {
    if (this.#answering !== undefined || question.trim() === "") return;
    const view: TurnView = {
      id: this.#parts.newId(),
      question,
      answer: "",
      state: "gathering",
      sent: [],
      tokens: 0,
    };
    const turn: Turn = { view, mentions, sent: undefined };
    this.#conversation.turns.push(turn);
    this.#gathering.question = "";
    this.#gathering.mentions = [];
    this.#showChat();
    await this.#answer(turn);
  }

  async #retry(): Promise<void> {
    const turn = this.#conversation.turns.at(-1);
    if (this.#answering !== undefined || turn === undefined) return;
    turn.view.answer = "";
    delete turn.view.failure;
    await this.#answer(turn);
  }

  async #answer(turn: Turn): Promise<void> {
    const conversation = this.#conversation;
    const answering = new Answering(conversation, turn, {
      models: this.#parts.models,
      editor: this.#parts.editor,
      post: (message) => {
        if (conversation === this.#conversation) this.#parts.post(message);
      },
      commit: (one, signal) => this.#gathering.commit(one.view.question, one.mentions, signal),
    });
    this.#answering = answering;
    await answering.run();
    if (this.#answering === answering) this.#answering = undefined;
    const { failure } = turn.view;
    if (failure !== undefined) this.#parts.warn(`No answer from ${failure.subject ?? "the model"}: ${failure.kind}`);
    await this.#parts.history.save({
      id: conversation.id,
      changedAt: this.#parts.now(),
      turns: conversation.turns.map(({ view }) => view),
    });
    this.#showChats();
    if (conversation === this.#conversation) this.#gather(0);
  }

  #reopen(id: string): void {
    const saved = this.#parts.history.find(id);
    if (saved !== undefined && id !== this.#conversation.id) this.#open(new Conversation(saved.id, saved.turns));
  }

  #open(conversation: Conversation): void {
    this.#answering?.stop();
    this.#answering = undefined;
    this.#gathering.reset();
    this.#conversation = conversation;
    this.#showChat();
    this.#gather(0);
  }

  #showChat(): void {
    const { id, turns } = this.#conversation;
    this.#parts.post({ type: "chat", chat: { id, turns: turns.map(({ view }) => ({ ...view })) } });
    this.#showChats();
  }

  #showChats(): void {
    const chats = this.#parts.history.summaries();
    this.#parts.post({ type: "chats", chats, current: this.#conversation.id });
  }

  /** Gathers where somebody looks and the server answers. */
  #gather(delay?: number): void {
    if (this.#visible && ["warming", "ready", "degraded"].includes(this.#state.kind)) this.#gathering.schedule(delay);
  }

  #preview(key: string): void {
    const item = this.#gathering.complete()?.items.find((one) => itemKey(one) === key);
    if (item === undefined) return;
    this.#parts.post({ type: "preview", key, content: item.content, languageId: item.languageId });
  }

  async #copyContext(format: CopyFormat): Promise<void> {
    const { editor } = this.#parts;
    const result = this.#gathering.complete();
    if (result === undefined) return;
    const text =
      format === "json"
        ? JSON.stringify(result, undefined, 2)
        : contextMarkdown(result.items, (uri) => editor.path(uri));
    await editor.copy(text);
  }

  async #model(): Promise<Model> {
    try {
      const model = await this.#parts.models.current();
      return model === undefined ? { kind: "none" } : { kind: "model", label: model.label };
    } catch (error) {
      return { kind: "failed", failure: failureView(error) };
    }
  }
}
