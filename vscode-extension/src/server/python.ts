/**
 * Finds a Python that can run the server. A name on PATH proves nothing (version-switching shims and the Windows
 * store's placeholder are there without a Python behind them), so every candidate is run.
 */

import { l10n } from "vscode";

import { CommandFailed, run, type Command } from "./command";
import { SetupError } from "./failure";

const OLDEST = [3, 10] as const;
const PROBE_TIMEOUT_MS = 20_000;
const PROBE = `import json, sys
print(json.dumps({"version": list(sys.version_info[:3]), "executable": getattr(sys, "_base_executable", None) or sys.executable}))`;

export interface Python {
  version: readonly [number, number, number];
  /** The interpreter itself, outside of any virtual environment. */
  executable: string;
}

/** The commands to try, best first. */
export function candidates(platform: NodeJS.Platform = process.platform): Command[] {
  const names = ["python3.13", "python3.12", "python3.11", "python3.10", "python3", "python"];
  const commands: Command[] = names.map((program) => ({ program, args: [] }));
  return platform === "win32" ? [...commands, { program: "py", args: ["-3"] }] : commands;
}

export function isSupported({ version: [major, minor] }: Python): boolean {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** Runs a command and asks which Python it is; `undefined` where it is none that runs. */
export async function probe({ program, args }: Command): Promise<Python | undefined> {
  try {
    const answer = await run({ program, args: [...args, "-I", "-c", PROBE] }, { timeoutMs: PROBE_TIMEOUT_MS });
    return parse(answer);
  } catch (error) {
    if (error instanceof CommandFailed) return undefined;
    throw error;
  }
}

function parse(answer: string): Python | undefined {
  let read: Partial<Python>;
  try {
    read = JSON.parse(answer) as Partial<Python>;
  } catch {
    return undefined;
  }
  const { version, executable } = read;
  return version && executable ? { version, executable } : undefined;
}

/**
 * The Python to use: the one the user names, or the first candidate that is new enough.
 *
 * @param asked the setting `magnetar.server.python`; empty where the user names none
 * @param preferred tried before the names on PATH, such as the interpreter chosen in the editor
 */
export async function findPython(asked: string, preferred: readonly Command[] = []): Promise<Python> {
  const tried: string[] = [];
  for (const command of asked ? [{ program: asked, args: [] }] : [...preferred, ...candidates()]) {
    const python = await probe(command);
    if (python && isSupported(python)) return python;
    if (python) tried.push(l10n.t("{0} is Python {1}", command.program, python.version.join(".")));
  }
  const oldest = OLDEST.join(".");
  if (asked) {
    throw new SetupError(
      tried[0] ?? l10n.t("{0} is no Python that runs.", asked),
      l10n.t("Name Python {0} or newer in the setting magnetar.server.python, or leave it empty.", oldest),
    );
  }
  throw new SetupError(
    tried.length
      ? l10n.t("No Python {0} or newer was found ({1}).", oldest, tried.join(", "))
      : l10n.t("No Python {0} or newer was found.", oldest),
    installHint(),
  );
}

function installHint(): string {
  const ways: Partial<Record<NodeJS.Platform, string>> = {
    win32: "winget install Python.Python.3.13",
    darwin: "brew install python",
  };
  const way = ways[process.platform] ?? "apt install python3 python3-venv";
  return l10n.t("Install one ({0}), or name one in the setting magnetar.server.python.", way);
}
