// @ts-check
/** One code-server: a fresh user, the extension installed, and a port. Windows of it are opened in `window.mjs`. */

import { execFile, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { findPython } from "../../server/scripts/python.mjs";

const STARTED_WITHIN_MS = 60_000;
const POLL_MS = 50;

/** Nothing asks, nothing phones home, and nothing but the extension opens a view. */
const SETTINGS = {
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "workbench.startupEditor": "none",
  "workbench.enableExperiments": false,
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "git.openRepositoryInParentFolders": "never",
  "security.workspace.trust.enabled": false,
  "window.autoDetectColorScheme": false,
};

/** @typedef {import("./box.mjs").Box} Box */

export class Editor {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #process;

  /**
   * @param {Box} box
   * @param {string} [home] where its user lives; a folder of its own, removed in the end, where left out
   */
  constructor(box, home) {
    this.box = box;
    this.temporary = home === undefined;
    this.home = home ?? mkdtempSync(join(tmpdir(), "magnetar-e2e-"));
    this.url = "";
  }

  /**
   * Without settings, those that the user has are kept.
   * @param {string} vsix
   * @param {{settings?: object, models?: object[], port?: number}} options
   */
  async start(vsix, { settings, models, port } = {}) {
    for (const folder of ["data/User", "data/Machine", "extensions", "cache"])
      mkdirSync(join(this.home, folder), { recursive: true });
    writeFileSync(join(this.home, "config.yaml"), "auth: none\ncert: false\n");
    if (settings || !existsSync(join(this.home, "data", "User", "settings.json"))) this.configure(settings ?? {});
    if (models) writeFileSync(join(this.home, "data", "User", "chatLanguageModels.json"), JSON.stringify(models));
    const env = await this.#variables();
    const { node } = this.box;
    await promisify(execFile)(node, [...this.#arguments(), "--install-extension", vsix, "--force"], { env });
    const chosen = port ?? (await freePort());
    this.url = `http://127.0.0.1:${chosen}`;
    const log = openSync(join(this.home, "server.log"), "a");
    this.#process = spawn(node, [...this.#arguments(), "--bind-addr", `127.0.0.1:${chosen}`, ...QUIET], {
      env,
      // Its whole group is ended with it: it starts processes of its own, and so do the extensions.
      detached: true,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    await this.#answering(this.#process);
  }

  /**
   * Changes the user's settings, for windows that are opened from now on.
   * @param {object} settings
   */
  configure(settings) {
    const all = Object.entries({ ...SETTINGS, ...settings });
    // A browser is a remote window, where settings of the machine's owner count only in a file of their own.
    const [own, others] = [true, false].map((ours) => all.filter(([name]) => name.startsWith("magnetar.") === ours));
    for (const [folder, chosen] of /** @type {const} */ ([
      ["Machine", own],
      ["User", others],
    ])) {
      const path = join(this.home, "data", folder, "settings.json");
      writeFileSync(path, JSON.stringify(Object.fromEntries(chosen ?? []), undefined, 2));
    }
  }

  /** Resolves when it has ended by itself or by a signal. */
  async ended() {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null)
      await new Promise((done) => child.once("close", done));
  }

  async stop() {
    const child = this.#process;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, "SIGTERM");
      await this.ended();
    }
    if (this.temporary) rmSync(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  #arguments() {
    const { home } = this;
    const folders = ["--user-data-dir", join(home, "data"), "--extensions-dir", join(home, "extensions")];
    return [this.box.entry, "--config", join(home, "config.yaml"), ...folders];
  }

  /** @returns {Promise<NodeJS.ProcessEnv>} */
  async #variables() {
    const { executable } = await findPython(undefined);
    const { VSCODE_IPC_HOOK_CLI, ...variables } = process.env;
    return {
      ...variables,
      HOME: this.home,
      XDG_CONFIG_HOME: join(this.home, ".config"),
      XDG_DATA_HOME: join(this.home, ".local", "share"),
      XDG_CACHE_HOME: join(this.home, "cache"),
      EXTENSIONS_GALLERY: "{}",
      // Packages that were downloaded once are not downloaded again by the next fresh user.
      PIP_CACHE_DIR: join(this.box.directory, "pip"),
      // A switcher of Python versions may be lost without the user's real home: the real Python stands before it.
      PATH: [dirname(executable), this.box.path].join(delimiter),
    };
  }

  /** @param {import("node:child_process").ChildProcess} child */
  async #answering(child) {
    const last = Date.now() + STARTED_WITHIN_MS;
    while (
      !(await fetch(`${this.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (child.exitCode !== null || Date.now() > last) {
        throw new Error(
          `code-server does not answer:\n${readFileSync(join(this.home, "server.log"), "utf8").slice(-4_000)}`,
        );
      }
      await sleep(POLL_MS);
    }
  }
}

const QUIET = ["--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on("error", fail).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}
