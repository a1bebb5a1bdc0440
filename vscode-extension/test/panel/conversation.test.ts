import { describe, expect, test } from "vitest";

import { Conversation, OutOfStep, type Turn } from "../../src/panel/conversation";
import type { TurnView } from "../../src/panel/messages";
import { contextMarkdown, promptOf } from "../../src/panel/prompt";
import type { ContextResult, Item } from "../../src/protocol";

function view(id: string, question: string): TurnView {
  return { id, question, answer: "", state: "done", sent: [], tokens: 0 };
}

function item(path: string, content: string, extra: Partial<Item> = {}): Item {
  return {
    uri: `file:///w/${path}`,
    kind: "snippet",
    languageId: "python",
    ranges: [{ start: { line: 4, character: 0 }, end: { line: 9, character: 0 } }],
    content,
    tokens: 10,
    score: 1,
    reasons: [{ signal: "lexical", weight: 1 }],
    source: "disk",
    sha256: content,
    cached: true,
    ...extra,
  };
}

function unchanged(path: string): Item {
  return item(path, "", { tokens: 0, unchanged: true });
}

function result(items: Item[], removed: string[] = []): ContextResult {
  return {
    items,
    tokens: 0,
    tokenBudget: 100,
    heldTokens: 0,
    removed: removed.map((path) => `file:///w/${path}`),
    dropped: [],
    lateSources: [],
    index: { state: "ready", files: 1, indexedFiles: 1 },
    cache: { hits: 0, misses: 0 },
    elapsedMs: 1,
  };
}

const path = (uri: string): string => uri.slice("file:///w/".length);

function turn(conversation: Conversation, question: string, given: ContextResult): Turn {
  const next: Turn = { view: view(question, question), mentions: [], sent: undefined };
  conversation.turns.push(next);
  conversation.give(next, given);
  return next;
}

describe("a conversation's prompt", () => {
  test("begins with all of the prompt before, and grows at its end", () => {
    const conversation = new Conversation("c");
    const first = turn(conversation, "one?", result([item("a.py", "A\n"), item("b.py", "B\n")]));
    const before = promptOf(conversation, first, path);
    first.view.answer = "One.";
    const second = turn(conversation, "two?", result([unchanged("a.py"), unchanged("b.py"), item("c.py", "C\n")]));
    const after = promptOf(conversation, second, path);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.slice(before.length)).toEqual([
      { role: "assistant", content: "One." },
      { role: "user", content: "# Context\n\n## c.py (lines 5-9)\n\n```python\nC\n```\n\n# Question\n\ntwo?" },
    ]);
  });

  test("keeps no text that has changed, may not be shown any more, or made room", () => {
    const conversation = new Conversation("c");
    const all = ["a.py", "b.py", "c.py", "d.py"].map((name) => item(name, `old ${name}\n`));
    const first = turn(conversation, "one?", result(all));
    turn(conversation, "two?", result([unchanged("a.py"), item("b.py", "new b.py\n")], ["c.py"]));
    expect(first.sent?.map(({ gone }) => gone)).toEqual([undefined, "changed", "removed", "room"]);
    const last = conversation.turns[1];
    if (last === undefined) throw new Error("it has two turns");
    const prompt = promptOf(conversation, last, path).map(({ content }) => content);
    expect(prompt.join()).not.toMatch(/old [bcd]/);
    expect(prompt[1]).toContain("old a.py");
    expect(prompt[1]).toContain("## b.py (lines 5-9)\n\n(Changed since; the current text is in a later message.)");
    expect(prompt.at(-1)).toContain("new b.py");
  });

  test("takes a piece that changed twice in its latest state alone", () => {
    const conversation = new Conversation("c");
    turn(conversation, "one?", result([item("a.py", "1\n")]));
    turn(conversation, "two?", result([item("a.py", "2\n")]));
    const third = turn(conversation, "three?", result([unchanged("a.py")]));
    expect(conversation.held().map((one) => one.item.content)).toEqual(["2\n"]);
    expect(JSON.stringify(promptOf(conversation, third, path))).not.toContain("```python\\n1\\n");
  });

  test("never has an empty message, even where no answer came", () => {
    const conversation = new Conversation("c");
    turn(conversation, "one?", result([]));
    const second = turn(conversation, "two?", result([]));
    expect(promptOf(conversation, second, path).map(({ role, content }) => [role, content])).toEqual([
      ["system", expect.stringMatching(/\S/)],
      ["user", "one?"],
      ["assistant", "(no answer)"],
      ["user", "two?"],
    ]);
  });

  test("fences text that has fences in it, and lets no file name end its heading", () => {
    const text = contextMarkdown([item("a\n# b.md", "````\nx\n````", { languageId: "markdown" })], path);
    expect(text).toBe("## a\uFFFD# b.md (lines 5-9)\n\n`````markdown\n````\nx\n````\n`````\n");
  });
});

describe("a conversation out of step", () => {
  test("says so before anything is altered", () => {
    const conversation = new Conversation("c");
    const first = turn(conversation, "one?", result([item("a.py", "A\n")]));
    const next: Turn = { view: view("2", "two?"), mentions: [], sent: undefined };
    conversation.turns.push(next);
    expect(() => {
      conversation.give(next, result([unchanged("z.py")]));
    }).toThrow(OutOfStep);
    expect(first.sent?.[0]?.gone).toBeUndefined();
    expect(next.sent).toBeUndefined();
  });

  test("begins anew under another id, and holds nothing then", () => {
    const conversation = new Conversation("c");
    turn(conversation, "one?", result([item("a.py", "A\n")]));
    expect(conversation.serverId).toBe("c");
    conversation.startOver();
    expect(conversation.serverId).not.toBe("c");
    expect(conversation.held()).toEqual([]);
  });
});
