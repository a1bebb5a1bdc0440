import { describe, expect, test } from "vitest";

import { FakeMemento } from "./fixture/session";
import { History } from "../../src/panel/history";
import { readToHost, readToPage, type TurnView } from "../../src/panel/messages";
import { fileView } from "../../src/panel/names";
import { pageHtml } from "../../src/panel/page";

const PARTS = {
  cspSource: "https://webview.test",
  script: "https://webview.test/panel.js",
  style: "https://webview.test/panel.css",
  title: "Magnetar",
  language: "en",
  nonce: "abc",
};

describe("the page", () => {
  test("lets nothing in but its own script, style and font", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(pageHtml(PARTS))?.[1]?.replaceAll("&#39;", "'");
    expect(policy?.split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'nonce-abc'",
      "style-src https://webview.test",
      "font-src https://webview.test",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test("has no style, no handler and no script of its own in it", () => {
    const html = pageHtml(PARTS);
    expect(html).not.toMatch(/ style=| on\w+=|<style|unsafe-/);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain('<script nonce="abc" src="https://webview.test/panel.js"></script>');
  });

  test("cannot be broken out of by a title", () => {
    expect(pageHtml({ ...PARTS, title: '</title><script>"' })).not.toContain("</title><script>");
  });
});

describe("messages", () => {
  test("of neither side are read by the other", () => {
    expect(readToHost({ type: "ready" })).toEqual({ type: "ready" });
    expect(readToPage({ type: "ready" })).toBeUndefined();
    expect(readToHost({ type: "focus" })).toBeUndefined();
    expect(readToPage({ type: "focus" })).toEqual({ type: "focus" });
  });

  test.each([
    { type: "pin", uri: "file:///a" },
    { type: "pin", uri: 5, on: true },
    { type: "budget", tokenBudget: 1.5 },
    { type: "open", uri: "file:///a", range: { start: { line: -1, character: 0 }, end: { line: 0, character: 0 } } },
    { type: "copyContext", format: "html" },
    { type: "complete", request: 1, kind: "folder", prefix: "" },
    [],
    "ask",
    undefined,
  ])("that are not as they should be are refused: %j", (message) => {
    expect(readToHost(message)).toBeUndefined();
  });

  test("lose the fields that nobody knows", () => {
    expect(readToHost({ type: "stop", extra: 1 })).toEqual({ type: "stop" });
  });
});

test.each([
  ["a.py", "a.py", ""],
  ["src/a.py", "a.py", "src"],
  ["my folder/b/c d.md", "c d.md", "my folder/b"],
])("a path is a name and a folder: %s", (path, name, directory) => {
  expect(fileView("file:///x", path)).toEqual({ uri: "file:///x", name, directory });
});

describe("the history", () => {
  function turn(id: string, letters = 10, state: TurnView["state"] = "done"): TurnView {
    return { id, question: `question ${id}`, answer: "x".repeat(letters), state, sent: [], tokens: 0 };
  }

  test("has the latest conversation first, and the oldest make room", async () => {
    const history = new History(new FakeMemento());
    for (let number = 0; number < 40; number++)
      await history.save({ id: `c${number}`, changedAt: number, turns: [turn(`t${number}`)] });
    await history.save({ id: "c20", changedAt: 99, turns: [turn("t20"), turn("t20b")] });
    const summaries = history.summaries();
    expect(summaries).toHaveLength(30);
    expect(summaries[0]).toEqual({ id: "c20", changedAt: 99, turns: 2, title: "question t20" });
    expect(summaries.at(-1)?.id).toBe("c10");
  });

  test("is bounded in letters and turns, but keeps the latest conversation", async () => {
    const history = new History(new FakeMemento());
    await history.save({ id: "old", changedAt: 1, turns: [turn("a", 300_000)] });
    await history.save({ id: "large", changedAt: 2, turns: [turn("b", 600_000)] });
    expect(history.all().map(({ id }) => id)).toEqual(["large"]);
    await history.save({
      id: "long",
      changedAt: 3,
      turns: Array.from({ length: 90 }, (_, number) => turn(String(number))),
    });
    expect(history.find("long")?.turns).toHaveLength(60);
    expect(history.find("long")?.turns.at(-1)?.id).toBe("89");
  });

  test("says of an answer that was under way that it was stopped", async () => {
    const history = new History(new FakeMemento());
    await history.save({ id: "c", changedAt: 1, turns: [turn("a", 5, "streaming"), turn("b", 5, "failed")] });
    expect(history.find("c")?.turns.map(({ state }) => state)).toEqual(["stopped", "failed"]);
  });

  test("leaves out what it cannot read", async () => {
    const memento = new FakeMemento();
    await memento.update("magnetar.conversations", [{ id: 5 }, { id: "ok", changedAt: 1, turns: [turn("a")] }, null]);
    expect(new History(memento).all().map(({ id }) => id)).toEqual(["ok"]);
    await memento.update("magnetar.conversations", "nonsense");
    expect(new History(memento).all()).toEqual([]);
  });
});
