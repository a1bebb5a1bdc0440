/**
 * The editor's interface as far as the code under test uses it, for `import "vscode"` in unit tests. A test plays the
 * user through `editor` in `./played`; what is not here is not used without a real editor.
 */

import { editor } from "./played";
import { Emitter } from "./emitter";

export { Emitter as EventEmitter };

export class Disposable {
  readonly #dispose: () => unknown;

  constructor(dispose: () => unknown) {
    this.#dispose = dispose;
  }

  static from(...parts: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const part of parts) part.dispose();
    });
  }

  dispose(): void {
    this.#dispose();
  }
}

export class Uri {
  readonly scheme: string;
  readonly path: string;

  private constructor(scheme: string, path: string) {
    this.scheme = scheme;
    this.path = path;
  }

  static file(path: string): Uri {
    return new Uri("file", path);
  }

  static parse(text: string): Uri {
    const colon = text.indexOf(":");
    return new Uri(text.slice(0, colon), decodeURIComponent(text.slice(colon + 1).replace(/^\/\//, "")));
  }

  static joinPath(base: Uri, ...parts: string[]): Uri {
    const path = new URL(parts.map(encodeURIComponent).join("/"), `file://${base.path}/`).pathname;
    return new Uri(base.scheme, decodeURIComponent(path));
  }

  get fsPath(): string {
    return this.path;
  }

  toString(): string {
    return `${this.scheme}://${encodeURI(this.path)}`;
  }
}

export class TabInputText {
  readonly uri: Uri;

  constructor(uri: Uri) {
    this.uri = uri;
  }
}

export class TabInputTextDiff {
  readonly original: Uri;
  readonly modified: Uri;

  constructor(original: Uri, modified: Uri) {
    this.original = original;
    this.modified = modified;
  }
}

export class CancellationError extends Error {}

export class CancellationTokenSource {
  readonly token = { isCancellationRequested: false };

  cancel(): void {
    this.token.isCancellationRequested = true;
  }

  dispose(): void {
    // There is nothing to let go of here.
  }
}

export class LanguageModelError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export const LanguageModelChatMessage = {
  User: (content: string) => ({ role: "user", content }),
  Assistant: (content: string) => ({ role: "assistant", content }),
};

export class LanguageModelTextPart {
  readonly value: string;

  constructor(value: string) {
    this.value = value;
  }
}

export class LanguageModelToolResult {
  readonly content: unknown[];

  constructor(content: unknown[]) {
    this.content = content;
  }
}

export class McpStdioServerDefinition {
  readonly label: string;
  readonly command: string;
  readonly args: string[];
  readonly env: object;
  readonly version: string | undefined;

  constructor(label: string, command: string, args: string[], env: object, version?: string) {
    this.label = label;
    this.command = command;
    this.args = args;
    this.env = env;
    this.version = version;
  }
}

export const LanguageStatusSeverity = { Information: 0, Warning: 1, Error: 2 } as const;

export const l10n = {
  t: (text: string, ...values: (string | number)[]): string =>
    text.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)])),
};

export const window = {
  get activeTextEditor() {
    return editor.activeEditor;
  },
  tabGroups: {
    get all() {
      return [{ tabs: editor.tabs }];
    },
    get activeTabGroup() {
      return { activeTab: editor.activeTab };
    },
    onDidChangeTabs: editor.tabsChanged.event,
    onDidChangeTabGroups: editor.groupsChanged.event,
  },
  onDidChangeActiveTextEditor: editor.editorChanged.event,
  onDidChangeTextEditorSelection: editor.selectionChanged.event,
};

export const workspace = {
  get workspaceFolders() {
    return editor.folders;
  },
  onDidChangeWorkspaceFolders: editor.foldersChanged.event,
  asRelativePath: (uri: Uri): string => {
    const folder = editor.folders.find(({ uri: { path } }) => uri.path.startsWith(`${path}/`));
    return folder ? uri.path.slice(folder.uri.path.length + 1) : uri.path;
  },
};

export const lm = {
  registerTool: (name: string, tool: unknown): Disposable => {
    editor.tools.set(name, tool);
    return new Disposable(() => editor.tools.delete(name));
  },
  registerMcpServerDefinitionProvider: (_: string, provider: unknown): Disposable => {
    editor.mcpProvider = provider;
    return new Disposable(() => (editor.mcpProvider = undefined));
  },
};
