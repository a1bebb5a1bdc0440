import * as vscode from "vscode";

import type { Range } from "../protocol";
import type { Editor, Place } from "./ports";

const MOST_FOUND = 200;

/** The editor around the panel. */
export class Workbench implements Editor {
  /** A click into the panel leaves no editor active in some layouts; text is inserted where the user last was. */
  #last = vscode.window.activeTextEditor;
  readonly #following = vscode.window.onDidChangeActiveTextEditor((editor) => {
    if (editor !== undefined) this.#last = editor;
  });

  place(): Place | undefined {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.uri.scheme !== "file") return undefined;
    if (vscode.workspace.getWorkspaceFolder(editor.document.uri) === undefined) return undefined;
    const { active, start, end, isEmpty } = editor.selection;
    const position = { line: active.line, character: active.character };
    const uri = editor.document.uri.toString();
    if (isEmpty) return { uri, position };
    const selection = {
      start: { line: start.line, character: start.character },
      end: { line: end.line, character: end.character },
    };
    return { uri, position, selection };
  }

  path(uri: string): string {
    return vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
  }

  async files(text: string, signal: AbortSignal): Promise<string[]> {
    const cancellation = new vscode.CancellationTokenSource();
    const cancel = (): void => {
      cancellation.cancel();
    };
    signal.addEventListener("abort", cancel);
    try {
      const pattern = `**/*${anyCase(text)}*`;
      const found = await vscode.workspace.findFiles(pattern, hidden(), MOST_FOUND, cancellation.token);
      return found.map(String);
    } finally {
      signal.removeEventListener("abort", cancel);
      cancellation.dispose();
    }
  }

  async open(uri: string, range: Range | undefined): Promise<void> {
    const options = range === undefined ? {} : { selection: editorRange(range) };
    await vscode.window.showTextDocument(vscode.Uri.parse(uri), { preview: true, ...options });
  }

  async insert(text: string): Promise<void> {
    const editor = vscode.window.activeTextEditor ?? this.#last;
    if (editor === undefined || !vscode.window.visibleTextEditors.includes(editor)) {
      void vscode.window.showInformationMessage(vscode.l10n.t("Open the file that the code belongs in first."));
      return;
    }
    await editor.edit((edit) => {
      edit.replace(editor.selection, text);
    });
    await vscode.window.showTextDocument(editor.document, editor.viewColumn);
  }

  async copy(text: string): Promise<void> {
    await vscode.env.clipboard.writeText(text);
  }

  tokenBudget(): number {
    return vscode.workspace.getConfiguration("magnetar.context").get("tokenBudget", 8_192);
  }

  dispose(): void {
    this.#following.dispose();
  }
}

function editorRange({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

/** A glob that finds the text however it is written: globs tell case apart, people don't. */
function anyCase(text: string): string {
  return Array.from(text, (letter) => {
    const [small, large] = [letter.toLowerCase(), letter.toUpperCase()];
    if (small !== large) return `[${small}${large}]`;
    return /[\w./\- ]/.test(letter) ? letter : "?";
  }).join("");
}

/** What the user hides from the explorer and from searches is not proposed either. */
function hidden(): string {
  const files = vscode.workspace.getConfiguration("files").get<Record<string, unknown>>("exclude", {});
  const search = vscode.workspace.getConfiguration("search").get<Record<string, unknown>>("exclude", {});
  const globs = Object.entries({ ...files, ...search }).flatMap(([glob, on]) => (on === true ? [glob] : []));
  return `{${globs.join(",")}}`;
}
