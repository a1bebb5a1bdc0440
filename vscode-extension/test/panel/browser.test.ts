/**
 * The panel's page in a real browser, with the real session behind it: what a person does, and what they see. Pictures
 * go to the folder that MAGNETAR_SCREENSHOTS names.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BROWSER, launch, openPage, seriousFaults, type OpenPage, type Stage } from "./fixture/browser";
import { ModelFailure } from "../../src/models/failure";
import { FakeModel, scene, type Scene } from "./fixture/session";
import { ANSWER } from "./fixture/answer";
import type { Theme } from "./fixture/themes";

const PICTURES = process.env["MAGNETAR_SCREENSHOTS"];
const WHY = BROWSER === undefined ? " (skipped: no Chromium here; apt-get install chromium-headless-shell)" : "";

let stage: Stage;

beforeAll(async () => {
  if (BROWSER !== undefined) stage = await launch();
});
afterAll(async () => {
  if (BROWSER !== undefined) await stage.browser.close();
});

interface Opened extends OpenPage, Scene {}

interface Settings {
  theme?: Theme;
  width?: number;
  height?: number;
  model?: Parameters<typeof scene>[1];
  state?: Parameters<Scene["session"]["setServer"]>[0];
}

async function open({ theme = "dark", width = 380, height = 820, model, state = { kind: "ready" } }: Settings = {}) {
  let send: (message: unknown) => Promise<void> = () => Promise.resolve();
  const played = scene((message) => void send(message), model ?? new FakeModel(...ANSWER));
  played.session.setServer(state);
  played.session.setVisible(true);
  const opened = await openPage(stage, {
    name: "panel",
    theme,
    width,
    height,
    receive: (message, post) => {
      send = post;
      const ready = (message as { type?: string }).type === "ready";
      void (ready ? post({ type: "setup", l10n: {} }) : Promise.resolve()).then(() => played.session.receive(message));
    },
  });
  return { ...opened, ...played } satisfies Opened;
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

async function ask(page: Page, question: string): Promise<void> {
  await page.getByRole("textbox", { name: "Question" }).fill(question);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

describe.skipIf(BROWSER === undefined)(`the panel in a browser${WHY}`, () => {
  for (const theme of ["dark", "light", "high-contrast", "high-contrast-light"] as const) {
    test(`has no serious accessibility fault and breaks no policy: ${theme}`, async () => {
      const { page, faults, session } = await open({ theme });
      await page.getByRole("button", { name: /^refunds.py/ }).waitFor();
      await page.getByRole("button", { name: "Show the text of policy.py" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: "Code in python" }).waitFor();
      await session.receive({ type: "pin", uri: "file:///home/ada/harbor/.env", on: true });
      await page.getByText("may hold secrets").waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      // Only the list scrolls, never the whole panel.
      expect(await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight)).toBe(0);
      await picture(page, `context-${theme}`);
      await ask(page, "Where are refunds calculated, and why are they rounded?");
      await page.getByText("The answer is complete").waitFor({ state: "attached" });
      await page
        .getByText("6 pieces")
        .or(page.getByText(/pieces/).first())
        .first()
        .waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await picture(page, `answer-${theme}`);
      expect(faults).toEqual([]);
    });
  }

  const STATES = {
    noWorkspace: { kind: "noWorkspace" },
    starting: { kind: "starting", message: "Setting up the server for the first time" },
    failed: { kind: "failed", message: "No Python 3.10 or newer was found. Set magnetar.server.python." },
    off: { kind: "off" },
    warming: { kind: "warming", percentage: 42, message: "4 210 / 10 000 files" },
    degraded: { kind: "degraded", message: "The cache cannot be written; answers come from memory." },
  } as const;
  for (const [name, state] of Object.entries(STATES)) {
    test(`says what the server is doing: ${name}`, async () => {
      const { page } = await open({ state, width: 300, height: 500 });
      const words = "message" in state ? state.message : /No folder is open|not trusted|is off/;
      await page.getByText(words).first().waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await picture(page, `state-${name}`);
    });
  }

  test("without a model the context can be copied", async () => {
    const { page, editor } = await open({ model: "none", width: 300 });
    await page.getByRole("button", { name: /^refunds.py/ }).waitFor();
    await page.getByRole("button", { name: "Copy Context" }).click();
    await expect.poll(() => editor.copied).toContain("## bookings/refunds.py");
    expect(await seriousFaults(page)).toEqual([]);
    await picture(page, "no-model");
  });

  test("names of files and symbols are completed by keyboard", async () => {
    const { page, server } = await open({ width: 500 });
    const box = page.getByRole("textbox", { name: "Question" });
    await box.click();
    await box.pressSequentially("why does #sha");
    await page.getByRole("option", { name: /share_at/ }).waitFor();
    await page.keyboard.press("Enter");
    await box.pressSequentially("round in @poli");
    await page
      .getByRole("option", { name: /policy.py/ })
      .first()
      .waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await picture(page, "suggestions");
    await page.keyboard.press("Tab");
    expect(await box.inputValue()).toBe("why does #share_at round in @bookings/policy.py ");
    await expect.poll(() => server.asked.at(-1)?.mustInclude).toEqual(["file:///home/ada/harbor/bookings/policy.py"]);
  });

  test("pieces are pinned, excluded and opened by keyboard", async () => {
    const { page, server, editor } = await open({ width: 340 });
    const first = page.getByRole("button", { name: /^refunds.py/ });
    await first.waitFor();
    await first.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("p");
    await page.getByRole("button", { name: "Unpin policy.py" }).waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("Delete");
    await page.getByText("Excluded by you").waitFor();
    await expect
      .poll(() => server.asked.at(-1))
      .toMatchObject({
        mustInclude: ["file:///home/ada/harbor/bookings/policy.py"],
        exclude: [expect.stringContaining("harbor")],
      });
    await page.getByRole("button", { name: /^gateway.py/ }).click();
    expect(editor.opened[0]).toMatchObject({ range: { start: { line: 30 } } });
    await page.getByText(/for which there is no room/).click();
    await page.getByRole("button", { name: /^refunds.py/ }).hover();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByText("Excluded by you").scrollIntoViewIfNeeded();
    await picture(page, "pinned-and-excluded");
  });

  test("a failed answer says why and can be asked again", async () => {
    const model = new FakeModel("Refunds are");
    model.ending = new ModelFailure("unreachable", { subject: "http://127.0.0.1:11434", detail: "ECONNREFUSED" });
    const { page } = await open({ model, width: 340 });
    await ask(page, "Where are refunds calculated?");
    await page.getByText("Nothing answers at http://127.0.0.1:11434").waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await picture(page, "failed-answer");
    model.ending = "end";
    model.pieces = ["In `refund()`."];
    await page.getByRole("button", { name: "Ask again" }).click();
    await page.locator(".markdown", { hasText: "In refund()." }).waitFor();
    expect(model.prompts[1]).toEqual(model.prompts[0]);
  });

  test("an answer under way is stopped, and HTML in it stays text", async () => {
    const model = new FakeModel(
      "<img src=https://evil.test/x onerror=alert(1)> [run](javascript:alert(1)) ![p](https://evil.test/p.png)\n\n",
    );
    model.ending = "never";
    const { page, faults } = await open({ model });
    await ask(page, "<b>bold?</b>");
    await page.locator(".turn", { hasText: "onerror=alert(1)" }).waitFor();
    expect(await page.locator(".turn img, .turn b, .turn a[href^='javascript']").count()).toBe(0);
    await page.getByRole("button", { name: "Stop the answer" }).click();
    await page.getByText("Stopped.").waitFor();
    expect(faults).toEqual([]);
  });

  test("a follow-up shows what the model has already, and what changed since", async () => {
    const { page, server, session, editor } = await open({ width: 320, theme: "light" });
    await ask(page, "Where are refunds calculated?");
    await page.locator(".markdown").getByText("whole cents.").waitFor();
    const changed = "file:///home/ada/harbor/bookings/policy.py";
    server.edits.set(changed, "class Policy: ...\n");
    session.documentChanged(changed);
    await page.getByRole("button", { name: /^Context/ }).click();
    const piece = page.getByRole("listitem").filter({ hasText: "policy.pybookings" });
    await piece.getByText("changed", { exact: true }).waitFor();
    await piece.getByText("in the chat").waitFor({ state: "detached" });
    await page.getByRole("listitem").filter({ hasText: "models.py" }).getByText("in the chat").waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await picture(page, "follow-up");
    await page.getByRole("button", { name: "Copy the context as Markdown" }).click();
    await expect.poll(() => editor.copied).toContain("class Policy: ...");
    expect(editor.copied).toContain("What a guest gets back");
  });

  test("everything is reached by the Tab key, in the order it is read", async () => {
    const { page } = await open();
    await page.getByRole("button", { name: /^refunds.py/ }).waitFor();
    const reached: string[] = [];
    for (let step = 0; step < 14; step++) {
      await page.keyboard.press("Tab");
      reached.push(
        await page.evaluate(() => {
          const { activeElement: focused } = document;
          return focused?.getAttribute("aria-label") ?? focused?.textContent ?? "";
        }),
      );
    }
    expect(reached).toEqual([
      "Context18 pieces",
      "Copy the context as Markdown",
      "Copy the context as JSON",
      "Gather again",
      "",
      "refunds.pybookings",
      "Show the text of refunds.py",
      "Pin refunds.py",
      "Exclude refunds.py",
      "13 more for which there is no room",
      "Question",
      "Name a file",
      "Name a symbol",
      "qwen3:8b",
    ]);
  });

  test("an answer is read aloud in whole paragraphs while it comes", async () => {
    const model = new FakeModel("First **paragraph**.\n\n", "Second one is");
    model.ending = "never";
    const { page } = await open({ model });
    await ask(page, "Where are refunds calculated?");
    const spoken = page.locator("[role=status][aria-live=polite]");
    await expect.poll(() => spoken.textContent()).toBe("First paragraph.");
    await page.keyboard.press("Escape");
    await expect.poll(() => spoken.textContent()).toBe("Second one is\nThe answer was stopped");
  });

  test("a question can be written while the server starts, and is what is gathered for first", async () => {
    const { page, session, server } = await open({ state: { kind: "starting" } });
    await page.getByRole("textbox", { name: "Question" }).fill("why?");
    expect(await page.getByRole("button", { name: "Send", exact: true }).isDisabled()).toBe(true);
    expect(server.asked).toEqual([]);
    session.setServer({ kind: "ready" });
    await page.getByRole("button", { name: /^refunds.py/ }).waitFor();
    expect(server.asked.map(({ query }) => query)).toEqual(["why?"]);
  });

  test("a question half written outlives a restart of the server", async () => {
    const { page, session } = await open();
    const box = page.getByRole("textbox", { name: "Question" });
    await box.fill("why does the pol");
    session.setServer({ kind: "starting", message: "The server ended unexpectedly and is started again." });
    await page.getByText("is started again").waitFor();
    session.setServer({ kind: "ready" });
    await page.getByText("is started again").waitFor({ state: "detached" });
    expect(await box.inputValue()).toBe("why does the pol");
    session.setServer({ kind: "failed", message: "It keeps ending." });
    await box.waitFor({ state: "detached" });
    session.setServer({ kind: "ready" });
    await box.waitFor();
    expect(await box.inputValue()).toBe("why does the pol");
  });
});
