/**
 * The bundled server's own Python environment, in the extension's global storage.
 *
 * One environment is made for each wheel, in a folder named after the wheel's content: an updated extension makes a new
 * one, and a window that still runs the old server keeps it. An environment is built beside its place and moved there
 * when it is whole, so that a crash leaves none that is half made, and of two windows that build at once one wins.
 * Nothing is installed outside of that folder.
 */

import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, stat, statfs, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { l10n } from "vscode";

import { CommandFailed, run, type Command } from "./command";
import { SetupError } from "./failure";
import type { Python } from "./python";
import { moduleOf, versionOf } from "./version";

const BUILDING = ".building-";
const DAY_MS = 24 * 60 * 60 * 1_000;
const ABANDONED_AFTER_MS = DAY_MS;
const UNUSED_AFTER_MS = 14 * DAY_MS;
const LEAST_FREE_BYTES = 256 * 1024 * 1024;
const LAST_LINES = 6;

/** A shell with another environment active, or a pip told to install elsewhere, must not lead astray. */
const VARIABLES = {
  VIRTUAL_ENV: undefined,
  PYTHONHOME: undefined,
  PYTHONPATH: undefined,
  PIP_TARGET: undefined,
  PIP_PREFIX: undefined,
  PIP_USER: undefined,
  PIP_REQUIRE_VIRTUALENV: undefined,
  PIP_NO_INPUT: "1",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
  PYTHONUTF8: "1",
  NO_COLOR: "1",
} as const;

/** Who follows a build. */
export interface Audience {
  /** Told what is going on, in a few words. */
  onStep: (step: string) => void;
  /** Told each line that pip writes. */
  onLine: (line: string) => void;
  signal: AbortSignal;
}

/** Called upon only where there is something to build. */
export interface Building {
  /** Which Python to build with. */
  findPython: () => Promise<Python>;
  /** Follows a build from its begin to its end. */
  show: <T>(build: (audience: Audience) => Promise<T>) => Promise<T>;
}

/** A server that was seen to run. */
export interface Prepared extends Command {
  version: string;
}

export class BundledEnvironment {
  readonly #wheel: string;
  readonly #storage: string;

  /**
   * @param wheel the server's wheel inside the extension
   * @param storage a folder for environments, which need not exist
   */
  constructor(wheel: string, storage: string) {
    this.#wheel = wheel;
    this.#storage = storage;
  }

  /** The environment's server; the environment is built where it is missing or broken. */
  async prepare({ findPython, show }: Building): Promise<Prepared> {
    const name = await this.#name();
    const place = join(this.#storage, name);
    const ready = await serverIn(place);
    if (ready) {
      const now = new Date();
      await utimes(place, now, now);
      return ready;
    }
    return show(async (audience) => {
      const python = await findPython();
      await mkdir(this.#storage, { recursive: true });
      await this.#removeAbandoned();
      const building = join(this.#storage, `${BUILDING}${randomBytes(6).toString("hex")}`);
      try {
        await this.#build(python, building, audience);
        await moveInto(place, building);
      } finally {
        await rm(building, { recursive: true, force: true });
      }
      await this.#removeUnused(name);
      const command = commandIn(place);
      return { ...command, version: await versionOf(command) };
    });
  }

  /** Throws the environment away, so that the next `prepare` builds a new one. */
  async remove(): Promise<void> {
    await rm(join(this.#storage, await this.#name()), { recursive: true, force: true });
  }

  async #name(): Promise<string> {
    const content = await readFile(this.#wheel).catch((error: unknown) => {
      throw new SetupError(
        l10n.t("This copy of the extension carries no server."),
        l10n.t("Install the extension again, or name a server in the setting magnetar.server.path."),
        { cause: error },
      );
    });
    return createHash("sha256").update(content).digest("hex").slice(0, 12);
  }

  async #build(base: Python, directory: string, { onStep, onLine, signal }: Audience): Promise<void> {
    const execute = async ({ program, args }: Command, ...more: string[]): Promise<void> => {
      try {
        await run({ program, args: [...args, ...more] }, { env: VARIABLES, signal, onLine });
      } catch (error) {
        if (!(error instanceof CommandFailed) || signal.aborted) throw error;
        throw explain(error, await freeBytes(dirname(directory)));
      }
    };
    onStep(l10n.t("making a Python environment with {0}", base.executable));
    // Where the base has a pip that can serve the environment, one of its own is not needed: that saves seconds, and
    // works on Debian, whose Python cannot copy a pip by itself.
    const python = { program: base.executable, args: [] };
    const shared = await succeeds(python, "-m", "pip", "--python", base.executable, "--version");
    await execute(python, "-m", "venv", ...(shared ? ["--without-pip"] : []), directory);
    onStep(l10n.t("installing {0} and what it needs", basename(this.#wheel).split("-")[0] ?? "magnetar"));
    const made = { program: interpreterOf(directory), args: [] };
    const pip = shared
      ? { ...python, args: ["-m", "pip", "--python", made.program] }
      : { ...made, args: ["-m", "pip"] };
    await execute(pip, "install", "--prefer-binary", this.#wheel);
    onStep(l10n.t("trying the server"));
    await execute(moduleOf(made), "--version");
  }

  /** Leftovers of a window that ended while it was building. */
  async #removeAbandoned(): Promise<void> {
    await this.#remove((name) => name.startsWith(BUILDING), ABANDONED_AFTER_MS);
  }

  /** Environments of earlier versions, once no window can still be running a server from them. */
  async #removeUnused(used: string): Promise<void> {
    await this.#remove((name) => name !== used && !name.startsWith(BUILDING), UNUSED_AFTER_MS);
  }

  async #remove(chosen: (name: string) => boolean, age: number): Promise<void> {
    for (const name of (await readdir(this.#storage)).filter(chosen)) {
      const path = join(this.#storage, name);
      if ((await stat(path)).mtimeMs < Date.now() - age) await rm(path, { recursive: true, force: true });
    }
  }
}

export function interpreterOf(environment: string, platform: NodeJS.Platform = process.platform): string {
  return platform === "win32" ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python");
}

function commandIn(environment: string): Command {
  return moduleOf({ program: interpreterOf(environment), args: [] });
}

async function serverIn(environment: string): Promise<Prepared | undefined> {
  const command = commandIn(environment);
  try {
    return { ...command, version: await versionOf(command) };
  } catch (error) {
    if (error instanceof CommandFailed) return undefined;
    throw error;
  }
}

/** Moves a whole environment to its place; where another window was first and its own runs, that one stays. */
async function moveInto(place: string, building: string): Promise<void> {
  try {
    await rename(building, place);
  } catch (error) {
    if (await serverIn(place)) return;
    await rm(place, { recursive: true, force: true });
    await rename(building, place).catch(() => {
      throw error;
    });
  }
}

async function succeeds({ program }: Command, ...args: string[]): Promise<boolean> {
  return run({ program, args }, { env: VARIABLES }).then(
    () => true,
    () => false,
  );
}

async function freeBytes(directory: string): Promise<number> {
  const disk = await statfs(directory);
  return disk.bavail * disk.bsize;
}

/** Says in a sentence why a step failed, and what to do. */
export function explain({ message, output }: CommandFailed, free: number): SetupError {
  const said = `${message}\n${output}`;
  const last = output.trim().split("\n").slice(-LAST_LINES).join("\n");
  if (free < LEAST_FREE_BYTES || /no space left|ENOSPC|not enough space/i.test(said)) {
    return new SetupError(l10n.t("The disk is full."), l10n.t("Free about 500 MB, then try again."));
  }
  if (/ensurepip|No module named venv/.test(said)) {
    return new SetupError(
      l10n.t("This Python cannot make environments."),
      l10n.t(
        "On Debian and Ubuntu run: sudo apt install python3-venv. Or name another Python in the setting magnetar.server.python.",
      ),
    );
  }
  if (/CERTIFICATE_VERIFY_FAILED|certificate|SSLError/.test(said)) {
    return new SetupError(
      l10n.t("The package index's certificate is not trusted."),
      l10n.t("Tell pip of your organisation's certificates: pip config set global.cert /path/to/ca.pem"),
    );
  }
  if (/connect|resolve|timed out|retries exceeded|proxy|from versions: none/i.test(said)) {
    return new SetupError(
      l10n.t("The package index cannot be reached."),
      l10n.t(
        "The first start needs the network. Behind a proxy set HTTPS_PROXY; for a mirror: pip config set global.index-url URL",
      ),
    );
  }
  return new SetupError(message, last);
}
