/** The statistics page in a real browser. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BROWSER, launch, openPage, seriousFaults, type Stage } from "./fixture/browser";
import { afternoon } from "./fixture/statistics";
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

async function open(theme: Theme, width: number, height: number, message: object) {
  return await openPage(stage, {
    name: "statistics",
    theme,
    width,
    height,
    receive: (_ready, post) => {
      void post({ type: "setup", l10n: {} }).then(() => post(message));
    },
  });
}

describe.skipIf(BROWSER === undefined)(`the statistics page in a browser${WHY}`, () => {
  const message = { type: "statistics", ...afternoon() };

  for (const theme of ["dark", "light", "high-contrast", "high-contrast-light"] as const)
    for (const [width, height] of [
      [1100, 820],
      [420, 1500],
    ] as const)
      test(`has no serious accessibility fault and breaks no policy: ${theme}, ${width} pixels`, async () => {
        const { page, faults } = await open(theme, width, height, message);
        await page.getByText("2 h", { exact: true }).click();
        await page.getByRole("img", { name: /of the files are indexed/ }).waitFor();
        expect(await seriousFaults(page)).toEqual([]);
        if (PICTURES !== undefined) {
          mkdirSync(PICTURES, { recursive: true });
          await page.screenshot({ path: join(PICTURES, `statistics-${theme}-${width}.png`) });
        }
        expect(faults).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      });

  test("each chart is there as a table too", async () => {
    const { page } = await open("dark", 1100, 820, message);
    const card = page.getByRole("region", { name: "Cache hit rate" });
    await card.getByText("As a table").click();
    await card.getByRole("columnheader", { name: "Hit rate" }).waitFor();
    expect(await card.getByRole("row").count()).toBe(11);
    expect(await seriousFaults(page)).toEqual([]);
  });

  test("a server that does not answer is said so, and what was known stays", async () => {
    const { page, post } = await open("dark", 1100, 820, message);
    await page.getByRole("region", { name: "Memory" }).waitFor();
    await post({ type: "statisticsFailed", message: "The server is not running." });
    await page.getByRole("alert").getByText("The server is not running.").waitFor();
    expect(await page.getByRole("region", { name: "Memory" }).isVisible()).toBe(true);
  });
});
