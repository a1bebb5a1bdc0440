/**
 * The panel's page in a real browser, with the real session behind it: what a person does, and what they see. Pictures
 * go to the folder that MAGNETAR_SCREENSHOTS names.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BROWSER, launch, openPage, seriousFaults, type OpenPage } from "./fixture/browser";
import { FakeModel, scene, type Scene } from "./fixture/session";
import { ANSWER } from "./fixture/answer";
import type { Theme } from "./fixture/themes";

const PICTURES = process.env["MAGNETAR_SCREENSHOTS"];
const WHY = BROWSER === undefined ? " (skipped: no Chromium here; apt-get install chromium-headless-shell)" : "";

let browser: Browser;

beforeAll(async () => {
  if (BROWSER !== undefined) browser = await launch();
});
afterAll(async () => {
  if (BROWSER !== undefined) await browser.close();
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
  const opened = await openPage(browser, {
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
  for (const theme of ["dark", "light", "high-contrast"] as const) {
    test(`has no serious accessibility fault and breaks no policy: ${theme}`, async () => {
      const { page, faults, session } = await open({ theme });
      await page.getByRole("button", { name: /^refunds.py/ }).waitFor();
      await page.getByRole("button", { name: "Show the text of policy.py" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: "Code in python" }).waitFor();
      await session.receive({ type: "pin", uri: "file:///home/ada/harbor/.env", on: true });
      await page.getByText("may hold secrets").waitFor();
      expect(await seriousFaults(page)).toEqual([]);
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
});
