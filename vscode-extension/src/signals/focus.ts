/**
 * Tells the server which document the user looks at, and where the cursor rests in it.
 *
 * A document is looked at when its text tab is the active one. A diff view, an output panel and whatever is not on
 * disk say nothing; no tab at all, or one of another kind such as the settings, says that nothing is looked at.
 */

import * as vscode from "vscode";

import type { FocusParams } from "../protocol";

/** Between two tabs the editor is without one for a moment, and its tabs and editors do not change at one instant. */
const SETTLE_MS = 50;
/** A cursor that stays for this long is not on its way elsewhere. */
const REST_MS = 400;

export class FocusSignals implements vscode.Disposable {
  readonly #send: (params: FocusParams) => void;
  readonly #listeners: vscode.Disposable;
  #latest: string | undefined;
  #settling: NodeJS.Timeout | undefined;
  #resting: NodeJS.Timeout | undefined;

  constructor(send: (params: FocusParams) => void) {
    this.#send = send;
    const settle = (): void => {
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => {
        this.#tell();
      }, SETTLE_MS);
    };
    this.#listeners = vscode.Disposable.from(
      vscode.window.onDidChangeActiveTextEditor(settle),
      vscode.window.tabGroups.onDidChangeTabs(settle),
      vscode.window.tabGroups.onDidChangeTabGroups(settle),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === vscode.window.activeTextEditor) this.#rest();
      }),
    );
  }

  /** Tells a server that has just started, which knows nothing yet. */
  begin(): void {
    this.#latest = undefined;
    this.#tell();
  }

  dispose(): void {
    clearTimeout(this.#settling);
    clearTimeout(this.#resting);
    this.#listeners.dispose();
  }

  #rest(): void {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      this.#tell();
    }, REST_MS);
  }

  #tell(): void {
    const params = focus();
    if (params === undefined) return;
    const said = JSON.stringify(params);
    if (said === this.#latest) return;
    this.#latest = said;
    this.#send(params);
  }
}

/** What is looked at now; `undefined` where there is nothing to say about it. */
function focus(): FocusParams | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputTextDiff) return undefined;
  if (!(input instanceof vscode.TabInputText)) return {};
  if (input.uri.scheme !== "file") return undefined;
  const textDocument = { uri: input.uri.toString() };
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.uri.toString() !== textDocument.uri) return { textDocument };
  const { line, character } = editor.selection.active;
  return { textDocument, position: { line, character } };
}
