/**
 * Which documents the server is told of: those a tab shows, and those with unsaved changes. The editor opens many more
 * in the background (for searches, for other extensions), and the user looks at none of these.
 *
 * The language client would report every document; this stands between it and the server.
 */

import * as vscode from "vscode";
import type { TextDocumentSynchronizationMiddleware } from "vscode-languageclient";

/** One connection's documents: a new server knows of none. */
export class OpenDocuments implements vscode.Disposable {
  readonly #told = new Set<string>();
  readonly #waiting = new Map<string, () => Promise<void>>();
  readonly #tabs: vscode.Disposable;

  constructor(onError: (error: unknown) => void) {
    this.#tabs = vscode.window.tabGroups.onDidChangeTabs(() => {
      this.#tellShown().catch(onError);
    });
  }

  readonly middleware = {
    didOpen: async (document, next) => {
      const open = async (): Promise<void> => {
        this.#waiting.delete(key(document));
        this.#told.add(key(document));
        await next(document);
      };
      if (document.isDirty || isShown(document.uri)) await open();
      else this.#waiting.set(key(document), open);
    },
    didChange: async (event, next) => {
      const open = this.#waiting.get(key(event.document));
      // What opens it now has the change in it already.
      if (open) {
        if (event.document.isDirty || isShown(event.document.uri)) await open();
      } else {
        await next(event);
      }
    },
    didSave: async (document, next) => {
      if (this.#told.has(key(document))) await next(document);
    },
    didClose: async (document, next) => {
      this.#waiting.delete(key(document));
      if (this.#told.delete(key(document))) await next(document);
    },
  } satisfies TextDocumentSynchronizationMiddleware;

  dispose(): void {
    this.#tabs.dispose();
    this.#waiting.clear();
  }

  async #tellShown(): Promise<void> {
    const shown = shownUris();
    for (const [uri, open] of [...this.#waiting]) {
      if (shown.has(uri)) await open();
    }
  }
}

function key({ uri }: vscode.TextDocument): string {
  return uri.toString();
}

function isShown(uri: vscode.Uri): boolean {
  return shownUris().has(uri.toString());
}

/** The documents of all text tabs; a diff view shows none of its own. */
function shownUris(): Set<string> {
  const inputs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ input }) => input));
  return new Set(inputs.flatMap((input) => (input instanceof vscode.TabInputText ? [input.uri.toString()] : [])));
}
