/** What the user must be told without having asked: that there is no server, and that a server is of another version. */

import * as vscode from "vscode";

import type { Server } from "./server/discovery";
import type { Supervisor } from "./server/supervisor";

const SILENCED = "magnetar.silencedVersions";

export function registerNotices(supervisor: Supervisor, context: vscode.ExtensionContext): vscode.Disposable {
  return vscode.Disposable.from(
    supervisor.onDidChangeState((state) => {
      if (state.kind === "failed") void tellFailure(state.message);
    }),
    supervisor.onDidStart((server) => void tellOtherVersion(server, context)),
  );
}

async function tellFailure(message: string): Promise<void> {
  const again = vscode.l10n.t("Try Again");
  const log = vscode.l10n.t("Show Log");
  const chosen = await vscode.window.showErrorMessage(`Magnetar: ${message}`, again, log);
  if (chosen === again) await vscode.commands.executeCommand("magnetar.restart");
  if (chosen === log) await vscode.commands.executeCommand("magnetar.showLog");
}

async function tellOtherVersion({ version, origin }: Server, context: vscode.ExtensionContext): Promise<void> {
  const { version: own } = context.extension.packageJSON as { version: string };
  const silenced = context.globalState.get<string[]>(SILENCED, []);
  if (version === own || silenced.includes(version)) return;
  const silence = vscode.l10n.t("Don't Show Again");
  const chosen = await vscode.window.showInformationMessage(
    origin === "setting"
      ? vscode.l10n.t("The magnetar server in your settings is version {0}, this extension is {1}.", version, own)
      : vscode.l10n.t("The magnetar server in this workspace is version {0}, this extension is {1}.", version, own),
    silence,
  );
  if (chosen === silence) await context.globalState.update(SILENCED, [...silenced, version]);
}
