/** Reads the settings `magnetar.*`. Their names, types and defaults stand in package.json, and nowhere else. */

import * as vscode from "vscode";

export const SECTION = "magnetar";

/** Changing one of these changes which server runs, or how: the server is started again. */
const NEED_A_RESTART = ["magnetar.server", "magnetar.cache.directory", "magnetar.cache.backend"];

/** What is sent to the server: the whole section, as nested objects. */
export function serverSettings(): unknown {
  return vscode.workspace.getConfiguration().get(SECTION);
}

/** A setting that names a program of this machine; a workspace cannot set it. */
export function serverPath(): string {
  return text("server.path");
}

export function serverPython(): string {
  return text("server.python");
}

export function needsRestart(event: vscode.ConfigurationChangeEvent): boolean {
  return NEED_A_RESTART.some((name) => event.affectsConfiguration(name));
}

function text(name: string): string {
  return vscode.workspace.getConfiguration(SECTION).get<string>(name, "").trim();
}
