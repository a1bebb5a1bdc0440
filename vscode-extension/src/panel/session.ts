/**
 * The panel without its window: takes the page's messages, keeps the conversation, and says what is to be shown. What
 * gathers the context and what asks the model are parts of their own.
 */

import { Chat } from "./chat";
import { Completions } from "./completion";
import { failureView } from "./failures";
import { ELSEWHERE_MS, Gathering } from "./gathering";
import type { History } from "./history";
import { itemKey } from "./ledger";
import { readToHost, type CopyFormat, type Model, type PanelCommand, type ToHost, type ToPage } from "./messages";
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
  readonly #chat: Chat;
  #state: ServerState = { kind: "starting" };
  #visible = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#gathering = new Gathering(parts.server, parts.editor, () => this.#chat.conversation, parts.post);
    this.#chat = new Chat({
      ...parts,
      commit: ({ view, mentions }, signal) => this.#gathering.commit(view.question, mentions, signal),
      exchanged: () => {
        this.#gathering.reset();
        this.#gather(0);
      },
    });
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
    const served = serving(this.#state);
    this.#state = state;
    this.#parts.post({ type: "server", server: state });
    // A server at work says so each time; only what an answer could not know yet is asked for again.
    if (!served) this.#gather(0);
    else if (this.#visible) this.#gathering.refine(state.kind === "ready");
  }

  async modelChanged(): Promise<void> {
    this.#parts.post({ type: "model", model: await this.#model() });
  }

  /** The user is somewhere else, or has selected something else. */
  placeChanged(): void {
    this.#gather(ELSEWHERE_MS);
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
    this.#chat.startNew();
    this.#emptyBox();
  }

  async clearHistory(): Promise<void> {
    await this.#chat.clear();
    this.#emptyBox();
  }

  dispose(): void {
    this.#chat.stop();
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
        this.#chat.stop();
        return;
      case "retry":
        await this.#chat.retry();
        await this.#afterAnswer();
        return;
      case "newChat":
        this.newChat();
        return;
      case "openChat":
        this.#chat.reopen(message.id);
        return;
      case "deleteChat":
        await this.#chat.delete(message.id);
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
    this.#chat.show();
    this.#gathering.republish();
    this.#gather(0);
    await this.modelChanged();
  }

  async #ask(question: string, mentions: readonly string[]): Promise<void> {
    if (this.#chat.busy || question.trim() === "") return;
    this.#gathering.question = "";
    this.#gathering.mentions = [];
    await this.#chat.ask(question, mentions);
    await this.#afterAnswer();
  }

  /** The next question's context holds what was just sent, and a model that did not answer may do so by now. */
  async #afterAnswer(): Promise<void> {
    this.#gather(0);
    await this.modelChanged();
  }

  #emptyBox(): void {
    this.#parts.post({ type: "draft", tokenBudget: this.#gathering.tokenBudget, question: "" });
    this.#parts.post({ type: "focus" });
  }

  /** Gathers where somebody looks and the server answers. */
  #gather(delay?: number): void {
    if (this.#visible && serving(this.#state)) this.#gathering.schedule(delay);
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

/** Whether requests are answered in this state. */
function serving({ kind }: ServerState): boolean {
  return kind === "warming" || kind === "ready" || kind === "degraded";
}
