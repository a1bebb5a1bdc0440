/** What package.json contributes is there, is described, and is translated. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { texts } from "../scripts/l10n.mjs";

const EXTENSION = fileURLToPath(new URL("..", import.meta.url));

interface Manifest {
  icon: string;
  contributes: {
    commands: { command: string }[];
    languageModelTools: { name: string; inputSchema: { properties: object } }[];
    menus: Record<string, { command: string }[]>;
    walkthroughs: { steps: { media: { svg: string } }[] }[];
  };
}

const text = readFileSync(join(EXTENSION, "package.json"), "utf8");
const manifest = JSON.parse(text) as Manifest;
const { contributes } = manifest;
const sources = readdirSync(join(EXTENSION, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.startsWith("webview"))
  .map((name) => readFileSync(join(EXTENSION, "src", name), "utf8"));

function read(name: string): Record<string, string> {
  return JSON.parse(readFileSync(join(EXTENSION, name), "utf8")) as Record<string, string>;
}

describe("the manifest", () => {
  test("has a text for every placeholder, and no text too many", () => {
    const used = [...text.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);
    expect([...new Set(used)].sort()).toEqual(Object.keys(read("package.nls.json")).sort());
  });

  test("names commands that the code registers, and all of them", () => {
    const registered = sources.flatMap((source) =>
      [...source.matchAll(/(?:registerCommand\(\s*|^ {4})"(magnetar\.\w+)"/gm)].map(([, command]) => command),
    );
    expect(contributes.commands.map(({ command }) => command).sort()).toEqual([...new Set(registered)].sort());
  });

  test("puts into menus only commands that there are", () => {
    const commands = contributes.commands.map(({ command }) => command);
    for (const { command } of Object.values(contributes.menus).flat()) expect(commands).toContain(command);
  });

  test("names pictures that there are", () => {
    const pictures = contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg));
    for (const picture of [manifest.icon, ...pictures]) expect(existsSync(join(EXTENSION, picture))).toBe(true);
  });

  test("describes the input of every tool that the code registers", () => {
    const registered = sources.flatMap((source) =>
      [...source.matchAll(/registerTool\("(\w+)"/g)].map(([, name]) => name),
    );
    expect(contributes.languageModelTools.map(({ name }) => name).sort()).toEqual(registered.sort());
    for (const { inputSchema } of contributes.languageModelTools) {
      expect(Object.keys(inputSchema.properties).length).toBeGreaterThan(0);
    }
  });
});

test("the texts of the code are ready to be translated: npm run l10n writes them down", async () => {
  expect(read("l10n/bundle.l10n.json")).toEqual(await texts());
});
