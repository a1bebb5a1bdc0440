// @ts-check
/**
 * What all scenarios share: one editor with one fresh user, one browser, one model server. A scenario opens windows; what
 * a window showed when its scenario failed is told, and kept as a picture in `.e2e/failures`.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { Editor } from "./editor.mjs";
import { ModelServer } from "./model.mjs";
import { Window } from "./window.mjs";

const STEP_MS = 30_000;
const SIZE = { width: 1400, height: 900 };
const CHROMIUM = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** Chat of VS Code's own takes seconds to load, and only one scenario needs it. */
const WITHOUT_CHAT = { "chat.disableAIFeatures": true };

export class Session {
  /** @type {import("playwright-core").Browser | undefined} */
  #browser;

  /** @param {import("./box.mjs").Box} box */
  constructor(box) {
    this.box = box;
    this.editor = new Editor(box);
    this.model = new ModelServer();
    this.pictures = join(box.directory, "pictures");
    this.failures = join(box.directory, "failures");
    /** @type {Map<string, string>} What was measured, for the report. */
    this.figures = new Map();
  }

  /**
   * @param {string} vsix
   * @param {string} chromium
   */
  async start(vsix, chromium) {
    rmSync(this.failures, { recursive: true, force: true });
    await this.model.start();
    await this.editor.start(vsix, { settings: this.#settings({}), models: [this.model.asEditorModel()] });
    this.#browser = await this.box.playwright.chromium.launch({ executablePath: chromium, args: CHROMIUM });
  }

  async stop() {
    await this.#browser?.close();
    await this.editor.stop();
    await this.model.stop();
  }

  /**
   * A new folder in the user's home.
   * @param {string} name
   */
  folder(name = "shop") {
    const folder = join(mkdtempSync(join(this.editor.home, "work-")), name);
    mkdirSync(folder);
    return folder;
  }

  /**
   * Runs one scenario in a browser of its own.
   * @param {string} name
   * @param {object} settings
   * @param {(open: (folder: string) => Promise<Window>) => Promise<void>} scenario
   */
  async scenario(name, settings, scenario) {
    if (!this.#browser) throw new Error("the session has not started");
    this.editor.configure(this.#settings(settings));
    const context = await this.#browser.newContext({
      viewport: SIZE,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(STEP_MS);
    /** @type {Window[]} */
    const windows = [];
    try {
      await scenario(async (folder) => {
        const window = new Window(await context.newPage());
        windows.push(window);
        await window.open(this.editor.url, folder);
        return window;
      });
    } catch (error) {
      mkdirSync(this.failures, { recursive: true });
      const shown = [];
      for (const [index, window] of windows.entries()) {
        await window.screenshot(this.failures, `${name.replace(/\W+/g, "-")}-${index + 1}`);
        shown.push(await window.text().catch(String));
      }
      throw new Error(`${name}\n${shown.join("\n")}\n${this.log().slice(-3_000)}`, { cause: error });
    } finally {
      // A window that is left takes its extensions' processes with it at once; one that vanishes is waited for.
      for (const page of context.pages()) await page.goto("about:blank");
      await context.close();
    }
  }

  /** What the extension logged in all windows. */
  log() {
    const logs = join(this.editor.home, "data", "logs");
    if (!existsSync(logs)) return "";
    const names = readdirSync(logs, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith("Magnetar.log"),
    );
    return names.map((name) => readFileSync(join(logs, name), "utf8")).join("\n");
  }

  /** @param {object} settings */
  #settings(settings) {
    return {
      ...WITHOUT_CHAT,
      "magnetar.model.url": this.model.url,
      "magnetar.model.name": this.model.name,
      ...settings,
    };
  }
}
