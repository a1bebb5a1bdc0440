// @ts-check
/**
 * Finds a Python that can run magnetar. A name on PATH proves nothing (version-switching shims and the Windows store's
 * placeholder are there without a Python behind them), so every candidate is run.
 */

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const OLDEST = [3, 10];
const PROBE = `import json, os, sys
executable = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps({
  "version": list(sys.version_info[:3]), "executable": executable, "real": os.path.realpath(executable),
}))`;

/**
 * @typedef {object} Python
 * @property {[number, number, number]} version
 * @property {string} executable the interpreter itself, outside of any virtual environment
 * @property {string} real the same with symbolic links resolved, to tell whether two are one
 */

/** A failure a person can mend: its message says what happened, `hint` what to do. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} hint
   */
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/**
 * The commands to try, best first.
 * @param {string} platform
 * @returns {string[][]}
 */
export function candidates(platform = process.platform) {
  const versioned = ["python3.13", "python3.12", "python3.11", "python3.10"].map((name) => [name]);
  return [...versioned, ["python3"], ["python"], ...(platform === "win32" ? [["py", "-3"]] : [])];
}

/**
 * Runs a command and asks what Python it is; undefined where it is none that runs.
 * @param {string[]} command
 * @returns {Promise<Python | undefined>}
 */
export async function probe([program, ...args]) {
  try {
    const { stdout } = await promisify(execFile)(program, [...args, "-c", PROBE], { timeout: 20_000 });
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

/** @param {Python} python */
export function isSupported({ version: [major, minor] }) {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/**
 * The Python to use: the one asked for, or the first that is new enough.
 * @param {string | undefined} asked
 * @returns {Promise<Python>}
 */
export async function findPython(asked) {
  const found = [];
  for (const command of asked ? [[asked]] : candidates()) {
    const python = await probe(command);
    if (python && isSupported(python)) return python;
    if (python) found.push(`${command.join(" ")} is ${python.version.join(".")}`);
  }
  const oldest = OLDEST.join(".");
  if (asked) {
    throw new SetupError(
      found.length ? `${found[0]}; magnetar needs ${oldest} or newer.` : `${asked} is no Python that runs.`,
      "Name another one with --python, or leave it out to take the first that fits.",
    );
  }
  throw new SetupError(
    `No Python ${oldest} or newer was found${found.length ? ` (${found.join(", ")})` : ""}.`,
    `Install one (${installHint()}), or name one with --python EXE.`,
  );
}

function installHint() {
  if (process.platform === "win32") return "winget install Python.Python.3.13";
  if (process.platform === "darwin") return "brew install python";
  return "apt install python3 python3-venv, dnf install python3, or your system's package";
}
