import * as v from "valibot";
import * as vscode from "vscode";

import { messageOf } from "./failures";
import type { PanelHost } from "./host";
import { readToHost, Sample, type ToPage } from "./messages";
import { extended, sampleOf } from "./timeline";
import { setup, showPage } from "./webviews";

const POLL_MS = 2_000;
/** A window may close at any time, without a word to its pages. */
const SAVE_MS = 60_000;
const KEY = "magnetar.statistics";

/** The statistics page: one editor tab, which asks the server while it can be seen. */
export class StatisticsPage {
  readonly #host: PanelHost;
  readonly #command: vscode.Disposable;
  #panel: vscode.WebviewPanel | undefined;
  #samples: Sample[];
  #timer: NodeJS.Timeout | undefined;
  #saved = Date.now();

  constructor(host: PanelHost) {
    this.#host = host;
    const kept = v.safeParse(v.array(Sample), host.context.workspaceState.get(KEY));
    this.#samples = kept.success ? kept.output : [];
    this.#command = vscode.commands.registerCommand("magnetar.showStatistics", () => {
      this.#show();
    });
  }

  dispose(): void {
    this.#command.dispose();
    this.#panel?.dispose();
  }

  #show(): void {
    if (this.#panel !== undefined) {
      this.#panel.reveal();
      return;
    }
    const title = vscode.l10n.t("Magnetar Statistics");
    const panel = vscode.window.createWebviewPanel("magnetar.statistics", title, vscode.ViewColumn.Active, {
      retainContextWhenHidden: true,
    });
    this.#panel = panel;
    const subscriptions = [
      panel.webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)),
      panel.onDidChangeViewState(() => void this.#follow()),
    ];
    panel.onDidDispose(() => {
      for (const subscription of subscriptions) subscription.dispose();
      this.#panel = undefined;
      clearTimeout(this.#timer);
      this.#save();
    });
    showPage(panel.webview, this.#host.context.extensionUri, "statistics", title);
  }

  async #receive(message: unknown): Promise<void> {
    const read = readToHost(message);
    if (read?.type === "ready") {
      this.#post(setup());
      await this.#follow();
    } else if (read?.type === "command" && read.command === "showLog") this.#host.log.show();
  }

  /** Asks the server, and again in a while, for as long as the page can be seen. */
  async #follow(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#panel?.visible !== true) return;
    await this.#poll();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#follow(), POLL_MS);
  }

  async #poll(): Promise<void> {
    try {
      const statistics = await this.#host.server.stats({});
      this.#samples = extended(this.#samples, sampleOf(statistics, Date.now()));
      this.#post({ type: "statistics", statistics, samples: this.#samples });
      if (Date.now() - this.#saved > SAVE_MS) this.#save();
    } catch (error) {
      this.#post({ type: "statisticsFailed", message: messageOf(error) });
    }
  }

  #save(): void {
    this.#saved = Date.now();
    void this.#host.context.workspaceState.update(KEY, this.#samples);
  }

  #post(message: ToPage): void {
    void this.#panel?.webview.postMessage(message);
  }
}
