/** What the command palette offers, beyond the panel and the statistics page. Each is a few lines over a request. */

import * as vscode from "vscode";

import type { Panel } from "./panel";
import { ClearRequest, SynchronizeRequest, WarmRequest, type InFolder } from "./protocol";
import { reportProblem } from "./report";
import { examine } from "./server/doctor";
import { describe } from "./server/failure";
import type { Supervisor } from "./server/supervisor";
import { serverSettings } from "./settings";
import { pickNextFile, type NextFiles } from "./views/nextFiles";

export interface Commanded {
  supervisor: Supervisor;
  nextFiles: NextFiles;
  panel: Panel;
  log: vscode.LogOutputChannel;
  /** This extension's. */
  version: string;
  /** Throws the bundled server's environment away. */
  forgetEnvironment: () => Promise<void>;
}

export function registerCommands(on: Commanded): vscode.Disposable {
  const { supervisor, nextFiles, panel, log, version } = on;
  const commands: Record<string, () => unknown> = {
    "magnetar.warm": () => warm(supervisor),
    "magnetar.showNextFiles": () => pickNextFile(supervisor),
    "magnetar.refreshNextFiles": () => {
      nextFiles.refresh();
    },
    // The panel takes what is selected in the editor for what its question is about.
    "magnetar.showContextForSelection": () => panel.show(),
    "magnetar.showLog": () => {
      log.show();
    },
    "magnetar.restart": () => supervisor.restart(),
    "magnetar.setUpServer": async () => {
      await supervisor.stop();
      await on.forgetEnvironment();
      await supervisor.restart();
    },
    "magnetar.clearCache": () => clearCache(supervisor),
    "magnetar.forgetLearned": async () => {
      if (await forgetLearned(supervisor)) nextFiles.refresh();
    },
    "magnetar.doctor": () => doctor(supervisor),
    "magnetar.reportProblem": () => reportProblem(supervisor, version),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, command]) =>
      vscode.commands.registerCommand(name, async () => {
        try {
          await command();
        } catch (error) {
          log.error(name, describe(error));
          void vscode.window.showErrorMessage(describe(error));
        }
      }),
    ),
  );
}

async function warm(supervisor: Supervisor): Promise<void> {
  const reports = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Indexing the workspace"),
      cancellable: true,
    },
    (_, token) => inEachFolder((folder) => supervisor.request(WarmRequest, folder, token)),
  );
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      "{0} files and {1} symbols are indexed; {2} files were known before.",
      sum(reports.map(({ files }) => files)).toLocaleString(),
      sum(reports.map(({ symbols }) => symbols)).toLocaleString(),
      sum(reports.map(({ reused }) => reused)).toLocaleString(),
    ),
  );
}

async function clearCache(supervisor: Supervisor): Promise<void> {
  const cleared = await inEachFolder((folder) => supervisor.request(ClearRequest, { scope: "cache", ...folder }));
  const entries = sum(cleared.map((one) => one.entries));
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      "{0} cached entries are cleared. They are filled again as they are needed.",
      entries.toLocaleString(),
    ),
  );
}

async function forgetLearned(supervisor: Supervisor): Promise<boolean> {
  const forget = vscode.l10n.t("Forget");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("Forget which files you visit together in this workspace?"),
    { modal: true, detail: vscode.l10n.t("Predictions begin anew. This cannot be undone.") },
    forget,
  );
  if (answer !== forget) return false;
  await inEachFolder((folder) => supervisor.request(ClearRequest, { scope: "model", ...folder }));
  await supervisor.request(SynchronizeRequest, {});
  return true;
}

/** Asks for each open folder in turn. */
async function inEachFolder<R>(ask: (folder: InFolder) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    if (uri.scheme === "file") answers.push(await ask({ workspaceFolder: uri.toString() }));
  }
  return answers;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Runs the server's own examination, and shows what it says in an editor. */
async function doctor({ server }: Supervisor): Promise<void> {
  if (!server)
    throw new Error(vscode.l10n.t("There is no server to examine. Restart it first; the log says what went wrong."));
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const content = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Examining the installation") },
    () => examine(server, folder, serverSettings()),
  );
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language: "plaintext" }));
}
