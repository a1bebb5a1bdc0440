// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { ago, drawAnswer, drawTimes, wrap } from "../../../server/scripts/answer.mjs";
import { clip, clipPath, duration, hasColour, painter } from "../../../server/scripts/terminal.mjs";

const NOW = 1_700_000_000_000;
const view = { paint: painter(false), width: 100, relative: (/** @type {string} */ uri) => uri.slice(8), now: NOW };

/** @param {object} [fields] */
function item(fields) {
  return {
    uri: "file:///src/app.py",
    kind: "file",
    languageId: "python",
    ranges: [{ start: { line: 0, character: 0 }, end: { line: 40, character: 0 } }],
    content: "",
    tokens: 1_234,
    score: 0.5,
    reasons: [{ signal: "lexical", weight: 0.7, detail: "budget" }, { signal: "importedBy", weight: 0.3 }],
    source: "disk",
    mtime: NOW / 1_000 - 300,
    sha256: "0123456789abcdef",
    cached: true,
    ...fields,
  };
}

/** @param {object} [fields] */
function answer(fields) {
  const rest = { dropped: [], lateSources: [], index: { state: "ready", files: 1, indexedFiles: 1 } };
  return { items: [item()], tokens: 1_234, tokenBudget: 8_192, ...rest, cache: { hits: 1, misses: 0 }, ...fields };
}

/** @param {object} [fields] */
const drawn = (fields) => drawAnswer(answer(fields), view).join("\n");

test("an item shows its path, its cost, its rank, what of it is shown, where the text is from, and why", () => {
  const text = drawn();
  for (const part of ["src/app.py", "1,234 tokens", "■", "whole file", "disk, changed 5 min ago", "sha256 01234567"]) {
    assert.ok(text.includes(part), part);
  }
  assert.ok(text.includes("lexical (budget) · imported by"));
});

test("an unsaved buffer is told from the disk", () => {
  assert.ok(drawn({ items: [item({ source: "buffer", version: 7, mtime: undefined })] }).includes("buffer, version 7"));
});

test("pieces name their lines, and a range that ends at the start of a line leaves that line out", () => {
  const ranges = [
    { start: { line: 4, character: 0 }, end: { line: 9, character: 0 } },
    { start: { line: 20, character: 4 }, end: { line: 20, character: 9 } },
  ];
  assert.ok(drawn({ items: [item({ kind: "snippet", ranges })] }).includes("snippet, lines 5–9, 21"));
});

test("what was left out is counted by reason, and the best of it named", () => {
  const dropped = Array.from({ length: 8 }, (_, index) => ({
    uri: `file:///src/b${index}.py`,
    reason: index ? "budget" : "secret",
    score: 0.1,
    tokens: 99,
  }));
  const text = drawn({ dropped });
  assert.ok(text.includes("1 secret, 7 no room in the budget"));
  assert.ok(text.includes("src/b4.py"));
  assert.ok(!text.includes("src/b5.py"));
  assert.ok(text.includes("and 3 more"));
});

test("after the first pieces, one line each is enough", () => {
  const items = Array.from({ length: 20 }, (_, index) => item({ uri: `file:///src/m${index}.py` }));
  const lines = drawAnswer(answer({ items }), view).filter((line) => /src\/m1\d\.py/.test(line));
  assert.equal(lines.length, 10);
  for (const line of lines) assert.match(line, /lexical, importedBy +1,234 tokens$/);
});

test("sources that were late are named", () => {
  assert.ok(drawn({ lateSources: ["semantic"] }).includes("Late, so left out: semantic"));
});

test("no line is wider than the terminal, whatever the names and details are", () => {
  const long = "x".repeat(300);
  const items = [
    item({ uri: `file:///${long}/${long}.py`, reasons: [{ signal: "lexical", weight: 1, detail: long }] }),
    ...Array.from({ length: 9 }, () => item({ uri: `file:///${long}.py`, tokens: 999_999 })),
    item({ kind: "outline", ranges: Array(80).fill({ start: { line: 1, character: 0 }, end: { line: 9, character: 0 } }) }),
  ];
  const dropped = [{ uri: `file:///${long}`, reason: "outsideWorkspace", score: 0.1 }];
  for (const width of [60, 80, 100]) {
    for (const line of drawAnswer(answer({ items, dropped }), { ...view, width })) {
      assert.ok(line.length <= width, `${line.length} > ${width}: ${line}`);
    }
  }
});

test("an empty answer is still an answer", () => {
  const text = drawn({ items: [], tokens: 0 });
  assert.ok(text.includes("0 of 8,192 tokens in 0 pieces"));
  assert.ok(text.includes("Nothing was left out."));
});

test("times are read in the unit that fits them", () => {
  assert.deepEqual([3.21, 38, 999, 1_234, 61_000].map(duration), ["3.2 ms", "38 ms", "999 ms", "1.2 s", "61.0 s"]);
  assert.ok(drawTimes([["answer", 38, "warm"]], view)[0].includes("38 ms   warm"));
  assert.deepEqual([5, 90, 7_200, 3 * 86_400].map(ago), ["just now", "1 min ago", "2 h ago", "3 days ago"]);
});

test("a long path keeps the name of its file", () => {
  assert.equal(clipPath("a/very/long/path/to/the/file.py", 18), "a/ver…/the/file.py");
  assert.equal(clip("abcdef", 4), "abc…");
  assert.deepEqual(wrap(["aaaa", "bbbb", "cccc"], 12), ["aaaa · bbbb", "cccc"]);
});

test("colours are for terminals that want them", () => {
  const terminal = /** @type {any} */ ({ isTTY: true });
  const pipe = /** @type {any} */ ({ isTTY: false });
  assert.equal(hasColour(terminal, {}), true);
  assert.equal(hasColour(pipe, {}), false);
  assert.equal(hasColour(terminal, { NO_COLOR: "1" }), false);
  assert.equal(hasColour(terminal, { TERM: "dumb" }), false);
  assert.equal(hasColour(pipe, { FORCE_COLOR: "1" }), true);
});
