import { expect, test } from "vitest";

import { literal } from "../src/literal";
import { parse, wordsOf } from "../src/webview/markdown/tree";

test.each([
  "src/cart.py",
  "a_b*c*`d`.md",
  "![plan](https://evil.test/a.png)",
  "[run](command:workbench.action.terminal.new)",
  "<img src=https://evil.test/a.png>",
  "https://evil.test/a.py",
  "www.evil.test",
  "ada@evil.test",
  "# heading",
  "- item",
  "1. item",
  "> quote",
  "a | b",
  "&lt;b&gt;",
  "$(zap) icon",
  "~~old~~ \\ ^ == ++",
])("shows %s as it is", (name) => {
  const [paragraph, ...rest] = parse(`**${literal(name)}**`).children;
  expect(rest).toEqual([]);
  expect(paragraph && wordsOf(paragraph)).toBe(name);
  // A bare address may become a link to itself, which does nothing until it is clicked.
  const written = JSON.stringify(paragraph);
  expect(written).not.toMatch(/"type":"(image|html|heading|list|blockquote|inlineCode|emphasis|delete|break)"/);
  for (const [, address] of written.matchAll(/"url":"([^"]*)"/g))
    expect(name).toContain(address?.replace(/^(https?|mailto):(\/\/www)?/, ""));
});

test("keeps a name in one line, and its letters in their order", () => {
  expect(literal("a\n\n# b")).toBe("a\uFFFD\uFFFD\\# b");
  expect(literal("a\u202Eb")).toBe("a\uFFFDb");
});
