import { randomUUID } from "node:crypto";

import * as vscode from "vscode";

import { Models } from "../models";
import { Workbench } from "./editor";
import { messageOf } from "./failures";
import { History } from "./history";
import type { PanelHost, ServerRequests } from "./host";
import type { PanelCommand } from "./messages";
import type { Server } from "./ports";
import { PanelSession } from "./session";
import { setup, showPage } from "./webviews";

const VIEW = "magnetar.panel";

/** The view "Ask", its commands, and what it hears of the editor. */
export class Panel implements vscode.WebviewViewProvider {
  readonly #host: PanelHost;
  readonly #models: Models;
  readonly #session: PanelSession;
  readonly #subscriptions: { dispose(): unknown }[];
  #view: vscode.WebviewView | undefined;

  constructor(host: PanelHost) {
    this.#host = host;
    this.#models = new Models(host.context.secrets);
    const workbench = new Workbench();
    this.#session = new PanelSession({
      server: cancellable(host.server),
      editor: workbench,
      models: this.#models,
      history: new History(host.context.workspaceState),
      post: (message) => void this.#view?.webview.postMessage(message),
      perform: (command) => void this.#perform(command),
      warn: (message) => {
        host.log.warn(message);
      },
      newId: randomUUID,
      now: Date.now,
    });
    this.#session.setServer(host.state);
    this.#subscriptions = [
      this.#models,
      workbench,
      vscode.window.registerWebviewViewProvider(VIEW, this, { webviewOptions: { retainContextWhenHidden: true } }),
      ...this.#commands(),
      ...this.#signals(),
    ];
  }

  /** Brings the panel forward, with a question in its box where one is given. */
  async show(question?: string): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW}.focus`);
    this.#session.propose(question);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    const { webview } = view;
    const session = this.#session;
    const subscriptions = [
      webview.onDidReceiveMessage((message: unknown) => {
        if (isReady(message)) void webview.postMessage(setup());
        void this.#receive(message);
      }),
      view.onDidChangeVisibility(() => {
        session.setVisible(view.visible);
      }),
    ];
    view.onDidDispose(() => {
      for (const subscription of subscriptions) subscription.dispose();
      if (this.#view !== view) return; // moved to the other side bar: the new one is there already
      this.#view = undefined;
      session.setVisible(false);
    });
    showPage(webview, this.#host.context.extensionUri, "panel", "Magnetar");
    session.setVisible(view.visible);
  }

  dispose(): void {
    this.#session.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Does what the page asks for; what cannot be done, such as opening a file that is gone, is told to the user. */
  async #receive(message: unknown): Promise<void> {
    try {
      await this.#session.receive(message);
    } catch (error) {
      void vscode.window.showErrorMessage(messageOf(error));
    }
  }

  #commands(): vscode.Disposable[] {
    return [
      vscode.commands.registerCommand("magnetar.newConversation", () => {
        this.#session.newChat();
      }),
      vscode.commands.registerCommand("magnetar.clearHistory", () => this.#clearHistory()),
      vscode.commands.registerCommand("magnetar.setApiKey", () => this.#models.setKey()),
      vscode.commands.registerCommand("magnetar.removeApiKey", () => this.#models.removeKey()),
    ];
  }

  #signals(): vscode.Disposable[] {
    const session = this.#session;
    const placeChanged = (): void => {
      session.placeChanged();
    };
    return [
      this.#host.onDidChangeState((state) => {
        session.setServer(state);
      }),
      this.#models.onDidChange(() => void session.modelChanged()),
      vscode.window.onDidChangeActiveTextEditor(placeChanged),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor.document.uri.scheme === "file") placeChanged();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) session.documentChanged(document.uri.toString());
      }),
      vscode.workspace.onDidSaveTextDocument((document) => {
        session.documentChanged(document.uri.toString());
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("magnetar.context.tokenBudget")) session.settingsChanged();
      }),
    ];
  }

  async #clearHistory(): Promise<void> {
    const clear = vscode.l10n.t("Clear");
    const chosen = await vscode.window.showWarningMessage(
      vscode.l10n.t("Clear all conversations of this workspace?"),
      { modal: true, detail: vscode.l10n.t("Questions and answers are kept in this workspace's storage only.") },
      clear,
    );
    if (chosen === clear) await this.#session.clearHistory();
  }

  async #perform(command: PanelCommand): Promise<void> {
    switch (command) {
      case "pickModel":
        await this.#models.pick();
        return;
      case "setApiKey":
        await this.#models.setKey();
        return;
      case "openModelSettings":
        await vscode.commands.executeCommand("workbench.action.openSettings", "magnetar.model");
        return;
      case "showLog":
        this.#host.log.show();
        return;
      case "restart":
        await vscode.commands.executeCommand("magnetar.restart");
        return;
      case "openFolder":
        await vscode.commands.executeCommand("vscode.openFolder");
        return;
    }
  }
}

function isReady(message: unknown): boolean {
  return typeof message === "object" && message !== null && "type" in message && message.type === "ready";
}

/** The server's requests, cancelled by an abort signal. */
function cancellable(requests: ServerRequests): Server {
  return {
    context: (params, signal) => cancelledBy(signal, (token) => requests.context(params, token)),
    predict: (params, signal) => cancelledBy(signal, (token) => requests.predict(params, token)),
    symbols: (params, signal) => cancelledBy(signal, (token) => requests.symbols(params, token)),
  };
}

async function cancelledBy<T>(signal: AbortSignal, ask: (token: vscode.CancellationToken) => Promise<T>): Promise<T> {
  const cancellation = new vscode.CancellationTokenSource();
  const cancel = (): void => {
    cancellation.cancel();
  };
  signal.addEventListener("abort", cancel);
  try {
    return await ask(cancellation.token);
  } finally {
    signal.removeEventListener("abort", cancel);
    cancellation.dispose();
  }
}
