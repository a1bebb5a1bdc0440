/**
 * The Python environments that belong to the workspace: the one chosen in the Python extension, where that is there,
 * and a virtual environment in a folder itself. The Python extension is never needed and never waited for.
 */

import { access } from "node:fs/promises";
import { join } from "node:path";

import * as vscode from "vscode";

import type { Command } from "./command";
import { interpreterOf } from "./environment";

const PYTHON_EXTENSION = "ms-python.python";
const FOLDERS = [".venv", "venv"];

/** What we use of the Python extension's interface. */
interface PythonExtension {
  environments?: { getActiveEnvironmentPath?: (resource?: vscode.Uri) => { path?: string } };
}

export async function workspaceInterpreters(): Promise<Command[]> {
  const folders = vscode.workspace.workspaceFolders?.filter(({ uri }) => uri.scheme === "file") ?? [];
  const paths = folders.flatMap(({ uri }) => [
    chosenIn(uri),
    ...FOLDERS.map((name) => interpreterOf(join(uri.fsPath, name))),
  ]);
  const there = await Promise.all(paths.map(async (path) => path !== undefined && (await exists(path))));
  const found = paths.filter((path, index): path is string => path !== undefined && there[index] === true);
  return [...new Set(found)].map((program) => ({ program, args: [] }));
}

function chosenIn(folder: vscode.Uri): string | undefined {
  const extension = vscode.extensions.getExtension<PythonExtension>(PYTHON_EXTENSION);
  if (!extension?.isActive) return undefined;
  return extension.exports.environments?.getActiveEnvironmentPath?.(folder).path;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
