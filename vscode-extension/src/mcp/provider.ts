/** Offers `magnetar mcp` to every agent in the editor, once a server is there: asking for it never sets one up. */

import * as vscode from "vscode";

import type { Supervisor } from "../server/supervisor";

const ID = "magnetar.mcp";

export function registerMcpServers(supervisor: Supervisor): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  return vscode.Disposable.from(
    changed,
    supervisor.onDidStart(() => {
      changed.fire();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      changed.fire();
    }),
    vscode.lm.registerMcpServerDefinitionProvider(ID, {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: () => definitions(supervisor),
    }),
  );
}

function definitions({ server }: Supervisor): vscode.McpStdioServerDefinition[] {
  const folders = vscode.workspace.workspaceFolders?.filter(({ uri }) => uri.scheme === "file") ?? [];
  if (!server) return [];
  return folders.map(({ name, uri }) => {
    const label = folders.length > 1 ? `Magnetar (${name})` : "Magnetar";
    const args = [...server.args, "mcp", uri.fsPath];
    return new vscode.McpStdioServerDefinition(label, server.program, args, {}, server.version);
  });
}
