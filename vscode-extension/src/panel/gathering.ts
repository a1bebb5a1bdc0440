/**
 * The context of the question that is being written: what it is asked for with, the latest answer, and keeping that up
 * to date as anything of it changes. One request at a time; a newer one cancels the older.
 */

import type { ContextParams, ContextResult, Item } from "../protocol";
import type { Conversation } from "./conversation";
import { messageOf } from "./failures";
import { itemKey, ledgerOf } from "./ledger";
import type { ToPage } from "./messages";
import type { Editor, Place, Server } from "./ports";

/** Long enough that a word is typed in it, short enough that a click seems to answer at once. */
export const DEBOUNCE_MS = 250;
/** Who moves about in the editor, or writes there, does not look at the panel meanwhile. */
export const ELSEWHERE_MS = 600;
/** Often enough to see the answer grow while a large folder is read, seldom enough not to slow that down. */
export const REFINE_MS = 2_000;

export class Gathering {
  question = "";
  mentions: readonly string[] = [];
  tokenBudget: number;
  readonly pinned = new Set<string>();
  readonly excluded = new Set<string>();

  readonly #server: Server;
  readonly #editor: Editor;
  readonly #post: (message: ToPage) => void;
  readonly #conversation: () => Conversation;
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #answeredAt = 0;
  #running: AbortController | undefined;
  #latest: { result: ContextResult; place: Place | undefined } | undefined;

  constructor(server: Server, editor: Editor, conversation: () => Conversation, post: (message: ToPage) => void) {
    this.#server = server;
    this.#editor = editor;
    this.#conversation = conversation;
    this.#post = post;
    this.tokenBudget = editor.tokenBudget();
  }

  /** Asks again soon; what changes until then is asked for with it. */
  schedule(delay = DEBOUNCE_MS): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), delay);
  }

  /** Asks now, and shows the answer. */
  async refresh(): Promise<void> {
    this.cancel();
    const running = new AbortController();
    this.#running = running;
    this.#post({ type: "gathering" });
    const place = this.#editor.place();
    try {
      const result = await this.#server.context(this.#params(place, true), running.signal);
      if (running.signal.aborted) return;
      this.show(result, place);
    } catch (error) {
      if (running.signal.aborted) return;
      this.#post({ type: "ledgerFailed", message: messageOf(error) });
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }

  /** What a turn is sent with; the server counts it as held from now on. */
  async commit(question: string, mentions: readonly string[], signal: AbortSignal): Promise<ContextResult> {
    this.cancel();
    const params = this.#params(this.#editor.place(), false);
    return await this.#server.context({ ...params, query: question, mustInclude: this.#wanted(mentions) }, signal);
  }

  /** Asks again if the latest answer came before everything was indexed; while that goes on, every now and then. */
  refine(indexed: boolean): void {
    const state = this.#latest?.result.index.state;
    const incomplete = state === "cold" || state === "warming";
    const asking = this.#running !== undefined || this.#timer !== undefined;
    if (incomplete && !asking && (indexed || Date.now() - this.#answeredAt >= REFINE_MS)) this.schedule(0);
  }

  /** Shows an answer as the ledger. */
  show(result: ContextResult, place: Place | undefined): void {
    this.#changed.clear();
    this.#answeredAt = Date.now();
    this.#latest = { result, place };
    this.#publish();
  }

  /** Shows the latest answer again, as after a page was opened anew. */
  republish(): void {
    if (this.#latest !== undefined) this.#publish();
  }

  pin(uri: string, on: boolean): void {
    toggle(this.pinned, uri, on);
    if (on) this.excluded.delete(uri);
    this.republish();
    this.schedule(0);
  }

  exclude(uri: string, on: boolean): void {
    toggle(this.excluded, uri, on);
    if (on) this.pinned.delete(uri);
    this.republish();
    this.schedule(0);
  }

  /** A document was edited, or written to disk. */
  documentChanged(uri: string): void {
    if (this.#latest?.result.items.some((item) => item.uri === uri) !== true) return;
    if (!this.#changed.has(uri)) {
      this.#changed.add(uri);
      this.#publish();
    }
    this.schedule(ELSEWHERE_MS);
  }

  /** Forgets what was chosen for one conversation. */
  reset(): void {
    this.cancel();
    this.question = "";
    this.mentions = [];
    this.pinned.clear();
    this.excluded.clear();
    this.#latest = undefined;
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running?.abort();
    this.#running = undefined;
  }

  /** The latest answer with the text of everything in it, what the conversation holds included. */
  complete(): ContextResult | undefined {
    if (this.#latest === undefined) return undefined;
    const held = new Map(
      this.#conversation()
        .held()
        .map(({ key, item }) => [key, item]),
    );
    const items = this.#latest.result.items.map((item) => (item.unchanged === true ? filled(item, held) : item));
    return { ...this.#latest.result, items };
  }

  #publish(): void {
    if (this.#latest === undefined) return;
    const { result, place } = this.#latest;
    const held = this.#conversation().held();
    const unchanged = new Set(result.items.filter((item) => item.unchanged === true).map(itemKey));
    const outdated = held.filter(({ key }) => !unchanged.has(key)).map(({ item }) => item.uri);
    const ledger = ledgerOf(result, {
      pinned: this.pinned,
      excluded: this.excluded,
      changed: new Set([...this.#changed, ...outdated]),
      heldTokens: new Map(held.map(({ key, item }) => [key, item.tokens])),
      scope: place,
      path: (uri) => this.#editor.path(uri),
    });
    this.#post({ type: "ledger", ledger });
  }

  #params(place: Place | undefined, preview: boolean): ContextParams {
    return {
      query: this.question,
      tokenBudget: this.tokenBudget,
      mustInclude: this.#wanted(this.mentions),
      exclude: [...this.excluded],
      conversationId: this.#conversation().serverId,
      preview,
      ...(place === undefined ? {} : { textDocument: { uri: place.uri }, position: place.position }),
      ...(place?.selection === undefined ? {} : { selection: place.selection }),
    };
  }

  #wanted(mentions: readonly string[]): string[] {
    return [...new Set([...this.pinned, ...mentions])].filter((uri) => !this.excluded.has(uri));
  }
}

function toggle(set: Set<string>, value: string, on: boolean): void {
  if (on) set.add(value);
  else set.delete(value);
}

function filled(item: Item, held: ReadonlyMap<string, Item>): Item {
  const { content, tokens } = held.get(itemKey(item)) ?? item;
  return { ...item, content, tokens };
}
