import { describe, expect, test } from "vitest";

import { budgetAt, LAST_STEP, segments, stepOf } from "../../../src/webview/ask/budget";
import { completed, mentioned, triggerAt } from "../../../src/webview/ask/trigger";
import { wholeUntil } from "../../../src/webview/ask/announcer";
import type { LedgerItem } from "../../../src/panel/messages";

describe("a name in the question", () => {
  test.each([
    ["@", 1, { kind: "file", prefix: "", start: 0, end: 1 }],
    ["why @src/a", 10, { kind: "file", prefix: "src/a", start: 4, end: 10 }],
    ["why @src/a", 7, { kind: "file", prefix: "sr", start: 4, end: 7 }],
    ["(#ref", 5, { kind: "symbol", prefix: "ref", start: 1, end: 5 }],
    ["a\n#b", 4, { kind: "symbol", prefix: "b", start: 2, end: 4 }],
    ["ada@example.org", 15, undefined],
    ["C# is", 2, undefined],
    ["@a b", 4, undefined],
    ["", 0, undefined],
  ])("%j at %i", (text, caret, trigger) => {
    expect(triggerAt(text, caret)).toEqual(trigger);
  });

  test("is put in place of what was typed of it", () => {
    const trigger = triggerAt("why @po now", 7);
    if (trigger === undefined) throw new Error("there is a name at the caret");
    expect(completed("why @po now", trigger, "@policy.py")).toEqual({ text: "why @policy.py now", caret: 15 });
    expect(completed("why @po", trigger, "@policy.py")).toEqual({ text: "why @policy.py ", caret: 15 });
  });

  test("counts as long as it stands there whole", () => {
    const known = new Map([
      ["@a.py", "file:///a.py"],
      ["@my file.md", "file:///my%20file.md"],
    ]);
    expect(mentioned("is @a.py like @my file.md?", known)).toEqual(["file:///a.py", "file:///my%20file.md"]);
    expect(mentioned("see @a.py.", known)).toEqual(["file:///a.py"]);
    expect(mentioned("see @a.pyc, not @a.py", known)).toEqual(["file:///a.py"]);
    expect(mentioned("see @a.pyx", known)).toEqual([]);
  });
});

describe("the budget", () => {
  test("has steps that grow, and each is found again", () => {
    for (let step = 0; step <= LAST_STEP; step++) {
      expect(stepOf(budgetAt(step))).toBe(step);
      if (step > 0) expect(budgetAt(step)).toBeGreaterThan(budgetAt(step - 1));
    }
    expect(budgetAt(stepOf(8_000))).toBe(8_192);
    expect(budgetAt(-3)).toBe(1_024);
    expect(budgetAt(99)).toBe(131_072);
  });

  test("is drawn in the order of the prompt, and never past its end", () => {
    const items = [
      { key: "a", held: true, pinned: false, tokens: 50 },
      { key: "b", held: false, pinned: true, tokens: 25 },
      { key: "c", held: false, pinned: false, tokens: 40 },
    ] as LedgerItem[];
    expect(segments({ items, tokenBudget: 100 })).toEqual([
      { key: "a", kind: "held", start: 0, width: 0.5 },
      { key: "b", kind: "pinned", start: 0.5, width: 0.25 },
      { key: "c", kind: "fresh", start: 0.75, width: 0.25 },
    ]);
  });
});

test("an answer is read aloud up to its last whole paragraph, and never in the middle of code", () => {
  expect(wholeUntil("One.")).toBe(0);
  expect(wholeUntil("One.\n\nTw")).toBe(4);
  expect(wholeUntil("One.\n\n```py\na\n\nb")).toBe(0);
  expect(wholeUntil("```py\na\n\nb\n```\n\nTw")).toBe(14);
});
