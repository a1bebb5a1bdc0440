// @ts-check
/**
 * The Python environment in `.venv` at the repository's root: made, kept in step with uv.lock, rebuilt when broken.
 * Nothing is installed outside of it. What it was made from is written down inside it (the stamp), so that a run with
 * nothing to do takes no longer than one start of Python and needs no network.
 */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { withLock } from "./lock.mjs";
import { SetupError, findPython, isSupported, probe } from "./python.mjs";
import { Steps } from "./terminal.mjs";

const STAMP = "magnetar-setup.json";
const UV = "uv>=0.9";
const LAST_LINES = 8;
const LEAST_FREE_BYTES = 64 * 1024 * 1024;

/** Settings of pip that uv knows by another name; what is set for uv itself wins. */
const PIP_TO_UV = {
  PIP_INDEX_URL: "UV_DEFAULT_INDEX",
  PIP_EXTRA_INDEX_URL: "UV_INDEX",
  PIP_CERT: "SSL_CERT_FILE",
  PIP_PROXY: "ALL_PROXY",
};

/** @typedef {import("./python.mjs").Python} Python */
/** @typedef {{fingerprint: string, root: string, version: string, real: string, groups: string[]}} Stamp */

export class Environment {
  /** @param {string} root the repository's */
  constructor(root) {
    this.root = realpathSync(root);
    this.directory = join(this.root, ".venv");
    this.python = this.program("python");
  }

  /**
   * Where a program of the environment is.
   * @param {string} name
   */
  program(name) {
    return process.platform === "win32"
      ? join(this.directory, "Scripts", `${name}.exe`)
      : join(this.directory, "bin", name);
  }

  /**
   * Makes the environment what uv.lock says, with the dependency groups named and those it already has.
   * @param {{groups?: string[], python?: string, steps?: Steps}} options
   */
  async prepare({ groups = [], python, steps = new Steps(process.stderr) }) {
    if (await this.#isReady(groups, python)) return;
    const id = createHash("sha256").update(this.root).digest("hex").slice(0, 16);
    const wait = (/** @type {number} */ holder) => steps.say(`  … waiting for another setup (process ${holder})`);
    await withLock(join(tmpdir(), `magnetar-setup-${id}.lock`), wait, async () => {
      if (await this.#isReady(groups, python)) return;
      await this.#build(groups, python, steps);
    });
  }

  /**
   * @param {string[]} groups
   * @param {string | undefined} asked
   */
  async #isReady(groups, asked) {
    const stamp = this.#stamp();
    if (stamp?.fingerprint !== this.#fingerprint() || stamp.root !== this.root) return false;
    if (!groups.every((group) => stamp.groups.includes(group)) || !existsSync(this.program("magnetar"))) return false;
    const [installed, wanted] = await Promise.all([probe([this.python]), asked ? findPython(asked) : undefined]);
    return installed?.version.join(".") === stamp.version && (!wanted || wanted.real === stamp.real);
  }

  /**
   * @param {string[]} groups
   * @param {string | undefined} asked
   * @param {Steps} steps
   */
  async #build(groups, asked, steps) {
    steps.say(`Setting up magnetar in ${this.directory}`);
    const stamp = this.#stamp();
    rmSync(join(this.directory, STAMP), { force: true });
    const base = await steps.run("Python", async (detail) => {
      const kept = await this.#usable(stamp, asked);
      const python = kept ?? (await findPython(asked));
      detail(`${python.version.join(".")}  ${python.executable}${kept ? "" : "  (new)"}`);
      if (!kept) rmSync(this.directory, { recursive: true, force: true });
      return python;
    });
    if (!existsSync(this.directory)) await steps.run("virtual environment", () => this.#create(base));
    if (!existsSync(this.program("uv"))) {
      await steps.run("uv", async (detail) => this.#run([...(await this.#pip(base)), "install", UV], detail));
    }
    const all = [...new Set([...(stamp?.groups ?? []), ...groups])].sort();
    await steps.run("packages of uv.lock", (detail) => this.#sync(base, all, detail));
    /** @type {Stamp} */
    const made = {
      fingerprint: this.#fingerprint(),
      root: this.root,
      version: base.version.join("."),
      real: base.real,
      groups: all,
    };
    writeFileSync(join(this.directory, STAMP), `${JSON.stringify(made)}\n`);
  }

  /**
   * The Python of the environment that is there, if it can stay: it runs, was not moved, and is the one asked for.
   * @param {Stamp | undefined} stamp
   * @param {string | undefined} asked
   */
  async #usable(stamp, asked) {
    const installed = await probe([this.python]);
    if (!installed || !isSupported(installed) || (stamp && stamp.root !== this.root)) return undefined;
    if (stamp && stamp.version !== installed.version.join(".")) return undefined;
    if (asked && (await findPython(asked)).real !== installed.real) return undefined;
    return installed;
  }

  /**
   * Makes the virtual environment: without a pip of its own where the base has one that can serve it, which saves
   * seconds and works on Debian, whose Python cannot copy a pip by itself.
   * @param {Python} base
   */
  async #create(base) {
    const shared = await succeeds([base.executable, "-m", "pip", "--python", base.executable, "--version"]);
    await this.#run([base.executable, "-m", "venv", ...(shared ? ["--without-pip"] : []), this.directory]);
  }

  /**
   * The command of a pip that installs into the environment.
   * @param {Python} base
   */
  async #pip(base) {
    const own = await succeeds([this.python, "-c", "import pip"]);
    return own ? [this.python, "-m", "pip"] : [base.executable, "-m", "pip", "--python", this.python];
  }

  /**
   * Installs exactly what uv.lock says: from uv's own cache where everything is there, else from the index. Where uv
   * cannot reach that, pip is given the same versions and hashes: it may know a mirror, a proxy or a certificate from
   * its own configuration, which uv does not read.
   * @param {Python} base
   * @param {string[]} groups
   * @param {(text: string) => void} detail
   */
  async #sync(base, groups, detail) {
    const chosen = ["--frozen", "--no-default-groups", ...groups.flatMap((group) => ["--group", group])];
    const sync = [this.program("uv"), "sync", "--python", this.python, ...chosen];
    try {
      await this.#run([...sync, "--offline"], detail).catch(() => this.#run(sync, detail));
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      const list = join(this.directory, "requirements.txt");
      const pip = [...(await this.#pip(base)), "install", "--no-deps"];
      try {
        await this.#run([this.program("uv"), "export", ...chosen, "--no-emit-project", "--output-file", list]);
        await this.#run([...pip, "--require-hashes", "--requirement", list], detail);
        await this.#run([...pip, "--editable", this.root], detail);
      } catch {
        throw error;
      }
    }
  }

  /**
   * Runs a command to its end; its output is shown line by line as a detail, and told in full when it fails.
   * @param {string[]} command
   * @param {(text: string) => void} [detail]
   */
  async #run(command, detail) {
    const [program, ...args] = command;
    const child = spawn(program, args, { cwd: this.root, env: this.#variables(), stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        output += `${line}\n`;
        detail?.(line.trim());
      });
    }
    const code = await new Promise((resolve) => {
      child.on("error", (error) => resolve(void (output += error.message))).on("close", resolve);
    });
    detail?.("");
    if (code !== 0) throw failure(command, output, this.root);
  }

  #variables() {
    /** @type {NodeJS.ProcessEnv} */
    const variables = { ...process.env };
    for (const [pip, uv] of Object.entries(PIP_TO_UV)) {
      if (variables[pip] && !variables[uv]) variables[uv] = variables[pip];
    }
    // A shell with another environment active, or a pip told to install elsewhere, must not lead astray.
    for (const name of ["VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"]) delete variables[name];
    return {
      ...variables,
      UV_PROJECT_ENVIRONMENT: this.directory,
      UV_PYTHON_DOWNLOADS: "never",
      UV_NO_PROGRESS: "1",
      PIP_NO_INPUT: "1",
      PIP_DISABLE_PIP_VERSION_CHECK: "1",
      PYTHONUTF8: "1",
      NO_COLOR: "1",
    };
  }

  /** @returns {Stamp | undefined} */
  #stamp() {
    try {
      return JSON.parse(readFileSync(join(this.directory, STAMP), "utf8"));
    } catch {
      return undefined;
    }
  }

  #fingerprint() {
    const hash = createHash("sha256");
    for (const name of ["uv.lock", "pyproject.toml"]) hash.update(readFileSync(join(this.root, name)));
    return hash.digest("hex");
  }
}

class CommandFailed extends SetupError {}

/**
 * Says in a sentence why a command failed, and what to do.
 * @param {string[]} command
 * @param {string} output
 * @param {string} directory
 */
function failure(command, output, directory) {
  const disk = statfsSync(directory);
  const { message, hint } = explain(command, output, disk.bavail * disk.bsize);
  return new CommandFailed(message, hint);
}

/**
 * @param {string[]} command
 * @param {string} output
 * @param {number} freeBytes of the disk it wrote to
 */
export function explain(command, output, freeBytes) {
  const last = output.trim().split("\n").slice(-LAST_LINES).join("\n");
  if (/no space left|ENOSPC|not enough space/i.test(output) || freeBytes < LEAST_FREE_BYTES) {
    return { message: "The disk is full.", hint: "Free about 1 GB, then run this again." };
  }
  if (/ensurepip/.test(output)) {
    const hint =
      "On Debian and Ubuntu: sudo apt install python3-venv. Or name another Python with --python EXE.";
    return { message: `${command[0]} has neither pip nor ensurepip, so nothing can be installed with it.`, hint };
  }
  if (/certificate|CERTIFICATE_VERIFY_FAILED|UnknownIssuer|SSLError/.test(output)) {
    const hint = "Name your organisation's certificates: SSL_CERT_FILE=/path/to/ca.pem (pip's PIP_CERT works too).";
    return { message: `The package index's certificate is not trusted:\n${last}`, hint };
  }
  if (/connect|resolve|timed out|Failed to fetch|dns|proxy|from versions: none|network was disabled/i.test(output)) {
    const hint = "The first setup needs the network. Behind a proxy set HTTPS_PROXY; for a mirror set PIP_INDEX_URL.";
    return { message: `The package index cannot be reached:\n${last}`, hint };
  }
  return { message: `${command.join(" ")} failed:\n${last}`, hint: "Mend what it says, then run this again." };
}

/** @param {string[]} command */
async function succeeds([program, ...args]) {
  const child = spawn(program, args, { stdio: "ignore" });
  return (await new Promise((resolve) => child.on("error", () => resolve(1)).on("close", resolve))) === 0;
}
