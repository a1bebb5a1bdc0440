/** Where everything is put together. Activation returns at once: the server starts beside the editor, not before it. */

import { readdirSync } from "node:fs";
import { join } from "node:path";

import * as vscode from "vscode";

import { registerParticipant } from "./chat/participant";
import { registerTools } from "./chat/tools";
import { registerCommands } from "./commands";
import { registerMcpServers } from "./mcp/provider";
import { registerNotices } from "./notices";
import { registerPanel, registerStatistics } from "./panel";
import { panelHost } from "./panelHost";
import { DidFocusNotification } from "./protocol";
import { connect } from "./server/client";
import { findServer } from "./server/discovery";
import { BundledEnvironment } from "./server/environment";
import { workspaceInterpreters } from "./server/interpreter";
import { building } from "./server/setup";
import { Supervisor } from "./server/supervisor";
import { needsRestart, serverPath } from "./settings";
import { FocusSignals } from "./signals/focus";
import { NextFiles } from "./views/nextFiles";
import { StatusItems } from "./views/status";

let running: Supervisor | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Magnetar", { log: true });
  const { version } = context.extension.packageJSON as { version: string };
  const storage = context.globalStorageUri.fsPath;
  const bundled = new BundledEnvironment(wheelIn(context.asAbsolutePath("dist/server")), join(storage, "servers"));
  const supervisor = new Supervisor({
    log,
    directory: context.extensionPath,
    hasFolder: () => vscode.workspace.workspaceFolders?.some(({ uri }) => uri.scheme === "file") ?? false,
    find: () =>
      findServer(
        { path: serverPath(), trusted: vscode.workspace.isTrusted, workspaceInterpreters, bundled },
        building(log),
      ),
    connect,
  });
  running = supervisor;
  const focus = new FocusSignals((params) => {
    supervisor.notify(DidFocusNotification, params);
  });
  const nextFiles = new NextFiles(supervisor, log);
  const host = panelHost(context, log, supervisor);
  const panel = registerPanel(host);
  const restart = (): void => void supervisor.restart();
  context.subscriptions.push(
    log,
    supervisor,
    focus,
    nextFiles,
    panel,
    registerStatistics(host),
    new StatusItems(supervisor),
    registerNotices(supervisor, context),
    registerCommands({ supervisor, nextFiles, panel, log, version, forgetEnvironment: () => bundled.remove() }),
    registerTools(supervisor),
    registerParticipant(supervisor, vscode.Uri.joinPath(context.extensionUri, "media", "icon.png")),
    registerMcpServers(supervisor),
    supervisor.onDidStart(() => {
      focus.begin();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (needsRestart(event)) restart();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      if (supervisor.state.kind === "noWorkspace") restart();
    }),
  );
  void supervisor.restart();
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}

/** The packaged wheel; where there is none, using it says so. */
function wheelIn(folder: string): string {
  try {
    const name = readdirSync(folder).find((file) => file.endsWith(".whl"));
    if (name !== undefined) return join(folder, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return join(folder, "magnetar.whl");
}
