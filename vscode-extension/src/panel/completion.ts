/** What can follow an `@` or a `#` in the question. */

import type { SymbolKind } from "vscode-languageserver-protocol";

import type { SymbolHit } from "../protocol";
import { messageOf } from "./failures";
import type { Completion, ToHost, ToPage } from "./messages";
import { fileView } from "./names";
import type { Editor, Server } from "./ports";

const MOST = 20;

/** Answers the question box; a newer letter cancels what the older one asked for. */
export class Completions {
  readonly #parts: Parts;
  #running: AbortController | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async complete({ request, kind, prefix }: Extract<ToHost, { type: "complete" }>): Promise<void> {
    this.cancel();
    const running = new AbortController();
    this.#running = running;
    const { server, editor, post, warn } = this.#parts;
    const complete = kind === "file" ? completeFile : completeSymbol;
    try {
      const completions = await complete(prefix, server, editor, running.signal);
      if (!running.signal.aborted) post({ type: "completions", request, completions });
    } catch (error) {
      if (running.signal.aborted) return;
      warn(`No completions: ${messageOf(error)}`);
      post({ type: "completions", request, completions: [] });
    }
  }

  cancel(): void {
    this.#running?.abort();
  }
}

interface Parts {
  readonly server: Server;
  readonly editor: Editor;
  readonly post: (message: ToPage) => void;
  readonly warn: (message: string) => void;
}

/** Files: those likely to be needed next where nothing is typed yet, else those whose path has the text in it. */
async function completeFile(text: string, server: Server, editor: Editor, signal: AbortSignal): Promise<Completion[]> {
  const open = editor.place()?.uri;
  const likely = (await server.predict({ topK: MOST }, signal)).predictions.map(({ uri }) => uri);
  const first = open === undefined ? likely : [open, ...likely];
  const found = text === "" ? [] : await editor.files(text, signal);
  const wanted = text.toLowerCase();
  const rows = [...new Set([...first, ...found])]
    .map((uri) => ({ uri, path: editor.path(uri) }))
    .filter(({ path }) => path.toLowerCase().includes(wanted));
  const known = new Set(first);
  // Where nothing is typed, the order is that of likelihood.
  if (text !== "")
    rows.sort((a, b) => distance(a.path, wanted, known.has(a.uri)) - distance(b.path, wanted, known.has(b.uri)));
  return rows.slice(0, MOST).map(({ uri, path }) => {
    const { name, directory } = fileView(uri, path);
    return { insert: `@${path}`, label: name, detail: directory, icon: "file", uri };
  });
}

async function completeSymbol(
  text: string,
  server: Server,
  editor: Editor,
  signal: AbortSignal,
): Promise<Completion[]> {
  const open = editor.place()?.uri;
  const params = text === "" && open !== undefined ? { textDocument: { uri: open } } : { query: text };
  const { symbols } = await server.symbols({ ...params, limit: MOST }, signal);
  return symbols.map((symbol) => symbolCompletion(symbol, editor.path(symbol.uri)));
}

function symbolCompletion({ name, kind, containerName }: SymbolHit, path: string): Completion {
  const detail = containerName === undefined ? path : `${containerName} · ${path}`;
  return { insert: `#${name}`, label: name, detail, icon: SYMBOL_ICONS[kind] ?? "symbol-misc" };
}

/** By the protocol's numbers. */
const SYMBOL_ICONS: Partial<Record<SymbolKind, string>> = {
  2: "symbol-namespace",
  5: "symbol-class",
  6: "symbol-method",
  7: "symbol-property",
  8: "symbol-field",
  9: "symbol-method",
  10: "symbol-enum",
  11: "symbol-interface",
  12: "symbol-method",
  13: "symbol-variable",
  14: "symbol-constant",
  22: "symbol-enum-member",
  23: "symbol-structure",
};

/** Names that begin with the text come first, then names that have it, then paths; the likely ones before others. */
function distance(path: string, text: string, likely: boolean): number {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const place = name.startsWith(text) ? 0 : name.includes(text) ? 2 : 4;
  return place + (likely ? 0 : 1) + path.length / 10_000;
}
