// @ts-check
/** What it looks like in each theme: pictures for people, and a check of what a screen reader finds. */

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { shop } from "../workspaces.mjs";

/** Each theme by its kind, as the workbench names it. */
const THEMES = {
  vs: "Light 2026",
  "vs-dark": "Dark 2026",
  "hc-black": "Default High Contrast",
  "hc-light": "Default High Contrast Light",
};
const SERIOUS = new Set(["serious", "critical"]);

/** @typedef {import("../session.mjs").Session} Session */
/** @typedef {import("../window.mjs").Window} Window */
/** @typedef {import("playwright-core").FrameLocator} FrameLocator */
/** @typedef {{violations: {impact: string, nodes: {html: string, failureSummary: string}[]}[]}} Report */

/** @param {Session} session */
export async function themes(session) {
  const folder = shop(session.folder());
  mkdirSync(session.pictures, { recursive: true });
  await session.scenario("themes", {}, async (open) => {
    const window = await open(folder);
    const { panel } = window;
    const looked = new Looked(session, window);
    await window.ready();
    for (const path of ["shop/pricing.py", "tests/test_pricing.py", "shop/pricing.py", "shop/cart.py"]) {
      await window.file(path);
    }
    await window.activity("Magnetar");
    await window.widenSideBar(140);
    await panel.question.fill("how is a discount priced?");
    await panel.piece("pricing.py").waitFor();
    const checkPanel = (/** @type {string} */ kind) => looked.check(panel.frame, kind, "--vscode-sideBar-background");
    await looked.at("context", checkPanel);

    await panel.question.press("Enter");
    await panel.answers.locator("strong", { hasText: "shop/pricing.py" }).waitFor();
    await looked.at("answer", checkPanel);

    await window.command("Magnetar: Show Statistics");
    await window.statistics.getByText("Cache hit rate").first().waitFor();
    await looked.at("statistics", (kind) => looked.check(window.statistics, kind, "--vscode-editor-background"));

    await window.command("Welcome: Open Walkthrough...");
    await window.quickInput.locator("input").first().fill("Magnetar");
    await window.quickInput.locator(".monaco-list-row", { hasText: "Get Started with Magnetar" }).first().click();
    await window.page.getByText("The workspace warms up").first().waitFor();
    // The pictures of a walkthrough want room.
    await window.page.keyboard.press("Control+b");
    await looked.at("walkthrough");
    await window.page.keyboard.press("Control+b");

    await window.file("shop/pricing.py");
    await looked.at("next-files", async () => {
      await window.command("Magnetar: Go to Predicted Next File...");
      await window.picker("Likely next files").locator(".monaco-list-row").first().waitFor();
    });
  });
}

/** One window, looked at in every theme. */
class Looked {
  #axe;

  /**
   * @param {Session} session
   * @param {Window} window
   */
  constructor(session, window) {
    this.session = session;
    this.window = window;
    const { resolve } = createRequire(join(session.box.root, "package.json"));
    this.#axe = readFileSync(resolve("axe-core/axe.min.js"), "utf8");
  }

  /**
   * @param {string} what the pictures' name
   * @param {(kind: string) => Promise<void>} [prepare] what to do before a picture is taken
   */
  async at(what, prepare) {
    for (const [kind, theme] of Object.entries(THEMES)) {
      await this.window.dismiss();
      await this.window.theme(theme);
      await this.window.page.locator(`.monaco-workbench.${kind}`).waitFor();
      await prepare?.(kind);
      // Neither a tooltip nor a blinking cursor belongs in a picture.
      await this.window.page.mouse.move(0, 0);
      await this.window.screenshot(this.session.pictures, `${what}-${kind}`);
    }
  }

  /**
   * @param {FrameLocator} page
   * @param {string} kind of the theme
   * @param {string} background what the workbench paints behind the page, which is see-through
   */
  async check(page, kind, background) {
    await page.locator(`body.${BODIES[kind]}`).waitFor();
    const body = await page.locator("body").elementHandle();
    const frame = await body?.ownerFrame();
    assert(frame);
    await frame.evaluate((name) => (document.body.style.backgroundColor = `var(${name})`), background);
    // Given to the page by the browser itself: the page's own policy would not let it in.
    await frame.evaluate(this.#axe);
    /** @type {Report} */
    const report = await frame.evaluate("axe.run()");
    const serious = report.violations.filter(({ impact }) => SERIOUS.has(impact)).flatMap(({ nodes }) => nodes);
    assert.deepEqual(
      serious.map(({ html, failureSummary }) => `${kind}: ${failureSummary}\n${html}`),
      [],
    );
  }
}

/** @type {Record<string, string>} How a webview's body is told of each kind of theme. */
const BODIES = {
  vs: "vscode-light",
  "vs-dark": "vscode-dark",
  "hc-black": "vscode-high-contrast",
  "hc-light": "vscode-high-contrast-light",
};
