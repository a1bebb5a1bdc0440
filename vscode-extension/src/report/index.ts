/** Collects what helps to understand a problem, and shows it to the user. Nothing is sent, and nothing else is opened. */

import { homedir, release, type } from "node:os";

import * as vscode from "vscode";

import { StatsRequest } from "../protocol";
import { examine } from "../server/doctor";
import { describe } from "../server/failure";
import type { Supervisor } from "../server/supervisor";
import { serverSettings } from "../settings";
import { readExamination, reportDocument, type Examination } from "./document";

/** @param version this extension's */
export async function reportProblem(supervisor: Supervisor, version: string): Promise<void> {
  const content = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Collecting what helps to understand it") },
    () => collect(supervisor, version),
  );
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language: "markdown" }));
}

async function collect(supervisor: Supervisor, version: string): Promise<string> {
  const { server, state } = supervisor;
  return reportDocument({
    introduction: vscode.l10n.t(
      "Nothing of this was sent. Read it, take out what you do not want to share, and hand it to whoever helps you.",
    ),
    versions: {
      "VS Code": `${vscode.version} (${vscode.env.remoteName ?? vscode.env.appHost})`,
      extension: version,
      server: server ? `${server.version} (${server.origin})` : "none",
      "operating system": `${type()} ${release()} ${process.arch}`,
    },
    state: "message" in state && state.message ? `${state.kind}: ${state.message}` : state.kind,
    settings: serverSettings(),
    statistics: await statistics(supervisor),
    examination: await examination(supervisor),
    home: homedir(),
  });
}

async function statistics(supervisor: Supervisor): Promise<unknown> {
  try {
    return await supervisor.request(StatsRequest, {});
  } catch (error) {
    return describe(error);
  }
}

async function examination({ server }: Supervisor): Promise<Examination | string> {
  if (!server) return "There is no server to examine.";
  try {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    return readExamination(await examine(server, folder, serverSettings(), "--json"));
  } catch (error) {
    return describe(error);
  }
}
