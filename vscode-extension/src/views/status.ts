/** Where the server stands: an item in the status bar, and one beside the language for who looks there. */

import * as vscode from "vscode";

import type { ServerState } from "../server/state";
import type { Supervisor } from "../server/supervisor";

interface Appearance {
  text: string;
  detail: string;
  severity: vscode.LanguageStatusSeverity;
  busy: boolean;
}

const STATUS_BAR_PRIORITY = 90;

export class StatusItems implements vscode.Disposable {
  readonly #bar: vscode.StatusBarItem;
  readonly #language: vscode.LanguageStatusItem;
  readonly #listener: vscode.Disposable;
  readonly #supervisor: Supervisor;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    this.#bar = vscode.window.createStatusBarItem(
      "magnetar.status",
      vscode.StatusBarAlignment.Right,
      STATUS_BAR_PRIORITY,
    );
    this.#bar.name = "Magnetar";
    this.#language = vscode.languages.createLanguageStatusItem("magnetar.status", { scheme: "file" });
    this.#language.name = "Magnetar";
    this.#listener = supervisor.onDidChangeState((state) => {
      this.#show(state);
    });
    this.#show(supervisor.state);
    this.#bar.show();
  }

  dispose(): void {
    this.#listener.dispose();
    this.#bar.dispose();
    this.#language.dispose();
  }

  #show(state: ServerState): void {
    const { text, detail, severity, busy } = appearance(state);
    const failed = state.kind === "failed";
    this.#bar.text = text;
    this.#bar.tooltip = this.#tooltip(detail);
    this.#bar.command = failed || state.kind === "off" ? "magnetar.restart" : "magnetar.panel.focus";
    this.#bar.backgroundColor = failed ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    this.#bar.accessibilityInformation = { label: `Magnetar: ${detail}` };
    this.#language.text = `Magnetar: ${detail}`;
    this.#language.severity = severity;
    this.#language.busy = busy;
    this.#language.command = { command: "magnetar.showLog", title: vscode.l10n.t("Show Log") };
    void vscode.commands.executeCommand("setContext", "magnetar.state", state.kind);
  }

  #tooltip(detail: string): vscode.MarkdownString {
    const links = [
      `[${vscode.l10n.t("Statistics")}](command:magnetar.showStatistics)`,
      `[${vscode.l10n.t("Log")}](command:magnetar.showLog)`,
      `[${vscode.l10n.t("Restart")}](command:magnetar.restart)`,
    ];
    const tooltip = new vscode.MarkdownString(undefined, true);
    tooltip.isTrusted = { enabledCommands: ["magnetar.showStatistics", "magnetar.showLog", "magnetar.restart"] };
    tooltip.appendMarkdown("**Magnetar** – ").appendText(detail);
    const { server } = this.#supervisor;
    if (server)
      tooltip.appendMarkdown("\n\n").appendText(vscode.l10n.t("Server {0} ({1})", server.version, server.origin));
    return tooltip.appendMarkdown(`\n\n${links.join(" · ")}`);
  }
}

export function appearance(state: ServerState): Appearance {
  const { Error, Warning, Information } = vscode.LanguageStatusSeverity;
  switch (state.kind) {
    case "noWorkspace":
      return {
        text: "$(circle-slash) Magnetar",
        detail: vscode.l10n.t("no folder is open"),
        severity: Information,
        busy: false,
      };
    case "off":
      return { text: "$(circle-slash) Magnetar", detail: vscode.l10n.t("off"), severity: Information, busy: false };
    case "starting":
      return {
        text: "$(loading~spin) Magnetar",
        detail: state.message ?? vscode.l10n.t("starting"),
        severity: Information,
        busy: true,
      };
    case "warming":
      return {
        text: state.percentage === undefined ? "$(sync~spin) Magnetar" : `$(sync~spin) Magnetar ${state.percentage} %`,
        detail:
          state.message === undefined ? vscode.l10n.t("warming up") : vscode.l10n.t("warming up, {0}", state.message),
        severity: Information,
        busy: true,
      };
    case "ready":
      return { text: "$(check) Magnetar", detail: vscode.l10n.t("ready"), severity: Information, busy: false };
    case "degraded":
      return { text: "$(warning) Magnetar", detail: state.message, severity: Warning, busy: false };
    case "failed":
      return { text: "$(error) Magnetar", detail: state.message, severity: Error, busy: false };
  }
}
