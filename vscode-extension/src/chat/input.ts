/**
 * What a model passed to a tool, read with care: a schema is a request to a model, not a promise of one. The errors are
 * written for the model, which reads them and tries again.
 */

import * as vscode from "vscode";

/** The input cannot be used as it is; the message says what to send instead. */
export class InputError extends Error {
  override readonly name = "InputError";
}

export class Input {
  readonly #values: Record<string, unknown>;

  constructor(raw: unknown) {
    this.#values = typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>) : {};
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (!value?.trim()) throw new InputError(`"${name}" is missing: pass a non-empty string.`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    throw new InputError(`"${name}" must be a string.`);
  }

  optionalCount(name: string, most: number): number | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined) return undefined;
    // Models often write numbers as text.
    const count = Number(value);
    if (Number.isInteger(count) && count >= 1 && count <= most) return count;
    throw new InputError(`"${name}" must be a whole number from 1 to ${most}.`);
  }

  /** Paths as URIs. */
  files(name: string): string[] {
    const value = this.#values[name] ?? [];
    const paths: unknown[] = Array.isArray(value) ? value : [value];
    return paths.map((path) => {
      if (typeof path === "string" && path) return uriOf(path);
      throw new InputError(`"${name}" must be an array of paths relative to the workspace folder.`);
    });
  }
}

/**
 * The URI of a path as a model writes it: relative to the workspace folder, with the folder's name before it where
 * several are open, or absolute. Whether the file may be read is for the server to decide.
 */
export function uriOf(path: string): string {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const first = folders[0];
  if (!first) throw new InputError("No folder is open, so there are no files to name.");
  if (/^([/\\]|[A-Za-z]:[/\\])/.test(path)) return vscode.Uri.file(path).toString();
  const parts = path.split(/[/\\]+/).filter((part) => part !== ".");
  const named = folders.length > 1 ? folders.find(({ name }) => name === parts[0]) : undefined;
  return named
    ? vscode.Uri.joinPath(named.uri, ...parts.slice(1)).toString()
    : vscode.Uri.joinPath(first.uri, ...parts).toString();
}

export function pathOf(uri: string): string {
  return vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
}
