/** The editor that unit tests play: its tabs, its active editor, its folders, and the events they cause. */

import { Emitter } from "./emitter";
import type { TabInputText, TabInputTextDiff, Uri } from "./vscode";

interface Tab {
  input: TabInputText | TabInputTextDiff | object;
}

interface TextEditor {
  document: { uri: Uri };
  selection: { active: { line: number; character: number } };
}

class PlayedEditor {
  tabs: Tab[] = [];
  activeTab: Tab | undefined;
  activeEditor: TextEditor | undefined;
  folders: { name: string; uri: Uri }[] = [];
  readonly tools = new Map<string, unknown>();
  mcpProvider: unknown;
  readonly foldersChanged = new Emitter<undefined>();
  readonly tabsChanged = new Emitter<undefined>();
  readonly groupsChanged = new Emitter<undefined>();
  readonly editorChanged = new Emitter<TextEditor | undefined>();
  readonly selectionChanged = new Emitter<{ textEditor: TextEditor }>();

  reset(): void {
    this.tabs = [];
    this.activeTab = undefined;
    this.activeEditor = undefined;
    this.folders = [];
    this.tools.clear();
  }

  /** Shows a tab; the editor follows where it is one of text. */
  show(input: Tab["input"], textEditor?: TextEditor): void {
    const tab = { input };
    this.tabs.push(tab);
    this.activeTab = tab;
    this.activeEditor = textEditor;
    this.tabsChanged.fire(undefined);
    this.editorChanged.fire(textEditor);
  }

  closeAll(): void {
    this.tabs = [];
    this.activeTab = undefined;
    this.activeEditor = undefined;
    this.tabsChanged.fire(undefined);
    this.editorChanged.fire(undefined);
  }

  moveCursor(line: number, character: number): void {
    if (!this.activeEditor) throw new Error("no editor is active");
    this.activeEditor.selection.active = { line, character };
    this.selectionChanged.fire({ textEditor: this.activeEditor });
  }
}

export const editor = new PlayedEditor();
