// @ts-check
/** One window of the editor, as its user sees it: what is clicked, typed and read. Nothing of the extension is reached
 * but through the workbench. */

import { join } from "node:path";

import { Panel, statistics } from "./panel.mjs";

const STEP_MS = 30_000;
const READY_MS = 120_000;
/** A list that is there after this long stays. */
const CHOICE_MS = 8_000;

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */

export class Window {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.status = page.locator("#magnetar\\.magnetar-vscode\\.magnetar\\.status");
    this.notifications = page.locator(".notifications-toasts");
    this.panel = new Panel(page);
    this.statistics = statistics(page);
    this.quickInput = page.locator(".quick-input-widget:visible");
  }

  /**
   * Opens a folder, and waits for the workbench to be drawn.
   * @param {string} url the editor's
   * @param {string} folder
   */
  async open(url, folder) {
    await this.page.goto(`${url}/?folder=${encodeURIComponent(folder)}`);
    await this.page.locator(".monaco-workbench .part.statusbar").waitFor();
  }

  /** Waits until the extension says that everything is indexed. */
  async ready() {
    await this.statusSays(/^Magnetar: ready$/, READY_MS);
  }

  /**
   * Waits until the status bar says something, to those who hear rather than see it.
   * @param {RegExp} pattern
   */
  async statusSays(pattern, timeout = STEP_MS) {
    await this.page.getByRole("button", { name: pattern }).and(this.status.locator("*")).first().waitFor({ timeout });
  }

  /**
   * Runs a command of the palette.
   * @param {string} title
   */
  async command(title) {
    await this.#choose("F1", `>${title}`, title);
  }

  /**
   * Opens a file by its name.
   * @param {string} path
   */
  async file(path) {
    const name = path.split("/").at(-1) ?? path;
    await this.#choose("Control+p", path, name);
    await this.tab(name).waitFor();
  }

  /**
   * The active tab of a name.
   * @param {string} name
   */
  tab(name) {
    return this.page.locator(`.tab.active[data-resource-name="${name}"]`).first();
  }

  /**
   * Types at the beginning of the active editor.
   * @param {string} text
   */
  async type(text) {
    await this.page.locator(".editor-instance .view-lines").first().click();
    await this.page.keyboard.press("Control+Home");
    await this.page.keyboard.insertText(text);
  }

  /**
   * The quick pick of a title.
   * @param {string} title
   */
  picker(title) {
    return this.quickInput.filter({ has: this.page.locator(".quick-input-title", { hasText: title }) });
  }

  /**
   * Changes the colour theme.
   * @param {string} label
   */
  async theme(label) {
    await this.command("Preferences: Color Theme");
    await this.quickInput.locator("input").first().fill(label);
    await this.quickInput.locator(".monaco-list-row").getByText(label, { exact: true }).first().click();
  }

  /**
   * Chooses a predicted next file by its name.
   * @param {string} name
   */
  async nextFile(name) {
    await this.command("Magnetar: Go to Predicted Next File...");
    await this.picker("Likely next files").locator(".monaco-list-row", { hasText: name }).first().click();
  }

  /**
   * Opens a view container.
   * @param {string} name
   */
  async activity(name) {
    await this.page.locator(".activitybar").getByRole("tab", { name }).click();
  }

  /**
   * Drags the side bar's edge.
   * @param {number} pixels
   */
  async widenSideBar(pixels) {
    const box = await this.page.locator(".part.sidebar").boundingBox();
    if (!box) throw new Error("there is no side bar");
    const [x, y] = [box.x + box.width + 2, box.y + box.height / 2];
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.move(x + pixels, y, { steps: 4 });
    await this.page.mouse.up();
  }

  /** VS Code's own chat. */
  get chat() {
    return this.page.locator(".interactive-session").first();
  }

  /**
   * Makes VS Code's own chat take a model that is not its vendor's: its list must have been opened once.
   * @param {string} model
   */
  async enableLocalModel(model) {
    await this.command("Manage Language Models");
    const list = this.page.locator(".monaco-modal-editor-block");
    await list.getByText(model).first().waitFor();
    await this.page.keyboard.press("Escape");
    await list.waitFor({ state: "detached" });
  }

  /**
   * Asks VS Code's own chat, once the answer before is complete: what is sent sooner goes to whoever gives that one. Whatever takes
   * the focus or the Enter for itself just then, a list of completions, say, the question is sent once more, as a person would.
   * @param {string} question
   */
  async ask(question) {
    await this.chat.locator(".interactive-response.chat-response-loading").waitFor({ state: "detached" });
    const input = this.chat.locator(".chat-editor-container");
    const written = input.locator(".view-lines").filter({ hasText: question.split(" ").at(-1) });
    for (let tries = 3; ; tries--) {
      await input.click();
      await this.page.keyboard.press("Control+A");
      await this.page.keyboard.type(question);
      try {
        await written.waitFor({ timeout: CHOICE_MS });
        await this.page.keyboard.press("Enter");
        await written.waitFor({ state: "detached", timeout: CHOICE_MS });
        return;
      } catch (error) {
        if (tries === 1) throw error;
      }
    }
  }

  /** What can be read in the window, for a report. */
  async text() {
    return (await this.page.locator("body").innerText()).replace(/\s*\n\s*/g, " | ");
  }

  /**
   * @param {string} folder
   * @param {string} name
   */
  async screenshot(folder, name) {
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** Closes a quick pick that is open. */
  async dismiss() {
    if (await this.quickInput.isVisible()) await this.page.keyboard.press("Escape");
  }

  /**
   * Chooses a row of a list that a key brings up. The workbench closes the list again where something else takes the focus
   * just then, a part that is drawn anew, say: then it is brought up once more, as a person would.
   * @param {string} key
   * @param {string} typed
   * @param {string} row
   */
  async #choose(key, typed, row) {
    for (let tries = 3; ; tries--) {
      await this.#quickInputGone();
      await this.page.keyboard.press(key);
      try {
        await this.quickInput.locator("input").first().fill(typed, { timeout: CHOICE_MS });
        await this.quickInput.locator(".monaco-list-row", { hasText: row }).first().click({ timeout: CHOICE_MS });
        return;
      } catch (error) {
        if (tries === 1) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
  }

  /** One that is still on its way out takes a new one with it. */
  async #quickInputGone() {
    await this.page.locator(".quick-input-widget").first().waitFor({ state: "hidden" });
  }
}
