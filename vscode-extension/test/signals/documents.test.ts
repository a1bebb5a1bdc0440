import { beforeEach, describe, expect, test, vi } from "vitest";

import type * as vscode from "vscode";

import { OpenDocuments } from "../../src/signals/documents";
import { editor } from "../editor/played";
import { TabInputText, TabInputTextDiff, Uri } from "../editor/vscode";

interface Played {
  uri: Uri;
  isDirty: boolean;
}

/** The middleware as the language client calls it, on documents that have only what it looks at. */
class Client {
  readonly sent: string[] = [];
  readonly documents = new OpenDocuments((error) => {
    throw error;
  });

  async open(document: Played): Promise<void> {
    await this.documents.middleware.didOpen(real(document), this.#note("open"));
  }

  async change(document: Played): Promise<void> {
    const event = { document: real(document) } as vscode.TextDocumentChangeEvent;
    await this.documents.middleware.didChange(event, () => this.#note("change")());
  }

  async save(document: Played): Promise<void> {
    await this.documents.middleware.didSave(real(document), this.#note("save"));
  }

  async close(document: Played): Promise<void> {
    await this.documents.middleware.didClose(real(document), this.#note("close"));
  }

  #note(what: string) {
    return () => {
      this.sent.push(what);
      return Promise.resolve();
    };
  }
}

function real(document: Played): vscode.TextDocument {
  return document as unknown as vscode.TextDocument;
}

describe("open documents", () => {
  const document = { uri: Uri.file("/project/a.py"), isDirty: false };
  const dirty = { ...document, isDirty: true };
  let client: Client;

  beforeEach(() => {
    editor.reset();
    client = new Client();
  });

  test("of a tab are told of from opening to closing", async () => {
    editor.show(new TabInputText(document.uri));
    await client.open(document);
    await client.change(dirty);
    await client.save(document);
    await client.close(document);
    expect(client.sent).toEqual(["open", "change", "save", "close"]);
  });

  test("in the background are not told of", async () => {
    await client.open(document);
    await client.change(document);
    await client.save(document);
    await client.close(document);
    expect(client.sent).toEqual([]);
  });

  test("of a diff view are not told of", async () => {
    editor.show(new TabInputTextDiff(Uri.parse("git:/project/a.py"), document.uri));
    await client.open(document);
    expect(client.sent).toEqual([]);
  });

  test("in the background are told of once a tab shows them", async () => {
    await client.open(document);
    editor.show(new TabInputText(document.uri));
    await vi.waitFor(() => {
      expect(client.sent).toEqual(["open"]);
    });
    await client.close(document);
    expect(client.sent).toEqual(["open", "close"]);
  });

  test("with unsaved changes are told of wherever they are", async () => {
    await client.open(dirty);
    expect(client.sent).toEqual(["open"]);
  });

  test("that change in the background are opened as they are now, without the change being sent twice", async () => {
    await client.open(document);
    await client.change(dirty);
    expect(client.sent).toEqual(["open"]);
    await client.change(dirty);
    expect(client.sent).toEqual(["open", "change"]);
  });

  test("of a closed connection are forgotten", async () => {
    await client.open(document);
    client.documents.dispose();
    editor.show(new TabInputText(document.uri));
    await Promise.resolve();
    expect(client.sent).toEqual([]);
  });
});
