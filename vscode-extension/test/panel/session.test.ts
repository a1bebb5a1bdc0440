import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { ModelFailure } from "../../src/models/failure";
import { DEBOUNCE_MS } from "../../src/panel/gathering";
import { play } from "./fixture/play";
import { FakeMemento, FakeModel } from "./fixture/session";
import { uriOf } from "./fixture/workspace";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a question", () => {
  test("is sent with the same context that was shown, and its answer comes piece by piece", async () => {
    const model = new FakeModel("In ", "`refund()`", ".");
    const { tell, server, last, posted } = await play(model);
    await tell({ type: "question", question: "Where?", mentions: [] });
    const shown = last("ledger").ledger.items.map(({ key }) => key);
    await tell({ type: "ask", question: "Where?", mentions: [] });
    const sent = server.asked.find(({ preview }) => preview === false);
    expect(sent).toEqual({ ...server.asked[server.asked.indexOf(sent ?? {}) - 1], preview: false });
    expect(last("turn").turn).toMatchObject({ state: "done", model: "qwen3:8b", tokens: 4_067 });
    expect(last("turn").turn.sent).toHaveLength(shown.length);
    expect(posted.flatMap((message) => (message.type === "text" ? [message.text] : [])).join("")).toBe(
      "In `refund()`.",
    );
    expect(model.prompts[0]?.at(-1)?.content).toMatch(
      /^# Context\n\n## bookings\/refunds\.py[^]*# Question\n\nWhere\?$/,
    );
  });

  test("is followed by another in the same conversation, which sends nothing twice", async () => {
    const model = new FakeModel("Yes.");
    const { tell, server } = await play(model);
    await tell({ type: "ask", question: "one?", mentions: [] });
    await tell({ type: "ask", question: "two?", mentions: [] });
    const [first, second] = server.asked.filter(({ preview }) => preview === false);
    expect(second?.conversationId).toBe(first?.conversationId);
    const [before = [], after = []] = model.prompts;
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.at(-1)?.content).not.toContain("refunds.py");
  });

  test("goes on after the server has forgotten the conversation, without anything twice", async () => {
    const model = new FakeModel("Yes.");
    const { tell, server } = await play(model);
    await tell({ type: "ask", question: "one?", mentions: [] });
    server.forget();
    await tell({ type: "ask", question: "two?", mentions: [] });
    const prompt = (model.prompts[1] ?? []).map(({ content }) => content).join("\n");
    expect(prompt.match(/What a guest gets back/g)).toHaveLength(1);
  });

  test("is given everything where the server takes for held what never arrived", async () => {
    const model = new FakeModel("Yes.");
    const { tell, server } = await play(model);
    const { conversationId = "" } = server.asked.at(-1) ?? {};
    await server.context({ conversationId, preview: false }, new AbortController().signal);
    await tell({ type: "ask", question: "one?", mentions: [] });
    const [, refused, again] = server.asked.filter(({ preview }) => preview === false);
    expect(refused?.conversationId).toBe(conversationId);
    expect(again?.conversationId).not.toBe(conversationId);
    expect(model.prompts[0]?.at(-1)?.content).toContain("What a guest gets back");
  });

  test("that was stopped keeps what has come of its answer", async () => {
    const model = new FakeModel("So far");
    model.ending = "never";
    const { session, last, tell } = await play(model);
    const asked = session.receive({ type: "ask", question: "one?", mentions: [] });
    await vi.advanceTimersByTimeAsync(100);
    expect(last("turn").turn.state).toBe("streaming");
    await tell({ type: "ask", question: "meanwhile?", mentions: [] });
    await tell({ type: "stop" });
    await asked;
    expect(last("turn").turn).toMatchObject({ state: "stopped", answer: "So far" });
    expect(model.prompts).toHaveLength(1);
  });

  test("that failed says why, and is asked again with the same prompt", async () => {
    const model = new FakeModel("Half");
    model.ending = new ModelFailure("cutOff", { subject: "http://localhost:1" });
    const { last, tell, warnings, server } = await play(model);
    await tell({ type: "ask", question: "a secret question", mentions: [] });
    expect(last("turn").turn).toMatchObject({
      state: "failed",
      failure: { kind: "cutOff", subject: "http://localhost:1" },
    });
    expect(warnings.join()).not.toContain("secret question");
    const commits = server.asked.filter(({ preview }) => preview === false).length;
    model.ending = "end";
    await tell({ type: "retry" });
    expect(last("turn").turn).toMatchObject({ state: "done", answer: "Half" });
    expect(last("turn").turn.failure).toBeUndefined();
    expect(model.prompts[1]).toEqual(model.prompts[0]);
    expect(server.asked.filter(({ preview }) => preview === false)).toHaveLength(commits);
  });

  test("whose context could not be gathered says so, and is gathered again", async () => {
    const { last, tell, server } = await play();
    server.failure = new Error("The server is not running.");
    await tell({ type: "ask", question: "one?", mentions: [] });
    expect(last("turn").turn.failure).toEqual({ kind: "context", detail: "The server is not running." });
    server.failure = undefined;
    await tell({ type: "retry" });
    expect(last("turn").turn).toMatchObject({ state: "done", tokens: 4_067 });
  });

  test("too long for its model is not sent", async () => {
    const model = Object.assign(new FakeModel("no"), { maxInputTokens: 50 });
    const { last, tell } = await play(model);
    await tell({ type: "ask", question: "one?", mentions: [] });
    expect(last("turn").turn.failure).toEqual({ kind: "tooLong", subject: "qwen3:8b" });
    expect(model.prompts).toEqual([]);
  });

  test("without a model is not lost", async () => {
    const { last, tell } = await play("none");
    expect(last("model").model).toEqual({ kind: "none" });
    await tell({ type: "ask", question: "one?", mentions: [] });
    expect(last("turn").turn).toMatchObject({ question: "one?", failure: { kind: "noModel" } });
  });

  test("is not asked while the server's address is a bad one, which is said", async () => {
    const { last } = await play(new ModelFailure("badAddress", { subject: "localhost" }));
    expect(last("model").model).toEqual({ kind: "failed", failure: { kind: "badAddress", subject: "localhost" } });
  });
});

describe("conversations", () => {
  test("are kept for the workspace without the text of any file, and opened again", async () => {
    const memento = new FakeMemento();
    const { tell, last } = await play(new FakeModel("In `refund()`."), memento);
    await tell({ type: "ask", question: "Where are refunds calculated?", mentions: [] });
    expect(JSON.stringify([...memento.values])).not.toContain("What a guest gets back");
    const [chat] = last("chats").chats;
    await tell({ type: "newChat" });
    expect(last("chat").chat.turns).toEqual([]);
    await tell({ type: "openChat", id: chat?.id ?? "" });
    expect(last("chat").chat.turns).toMatchObject([
      { question: "Where are refunds calculated?", answer: "In `refund()`." },
    ]);

    const later = await play(new FakeModel("Again."), memento);
    await later.tell({ type: "openChat", id: chat?.id ?? "" });
    await later.tell({ type: "ask", question: "And now?", mentions: [] });
    expect(later.last("chat").chat.turns).toHaveLength(2);
    expect(later.last("turn").turn).toMatchObject({ state: "done", answer: "Again." });
  });

  test("have their own pins, and end an answer that is under way", async () => {
    const model = new FakeModel("So far");
    model.ending = "never";
    const { session, tell, server, last } = await play(model);
    await tell({ type: "pin", uri: uriOf("bookings/policy.py"), on: true });
    const asked = session.receive({ type: "ask", question: "one?", mentions: [] });
    await vi.advanceTimersByTimeAsync(100);
    await tell({ type: "newChat" });
    await asked;
    expect(server.asked.at(-1)?.mustInclude).toEqual([]);
    expect(last("chats").chats).toMatchObject([{ title: "one?", turns: 1 }]);
    expect(last("chat").chat.turns).toEqual([]);
  });

  test("are deleted one by one, or all at once", async () => {
    const memento = new FakeMemento();
    const { tell, last, session } = await play(undefined, memento);
    await tell({ type: "ask", question: "one?", mentions: [] });
    await tell({ type: "newChat" });
    await tell({ type: "ask", question: "two?", mentions: [] });
    await tell({ type: "deleteChat", id: last("chats").chats[1]?.id ?? "" });
    expect(last("chats").chats.map(({ title }) => title)).toEqual(["two?"]);
    await session.clearHistory();
    expect(last("chats").chats).toEqual([]);
    expect(last("chat").chat.turns).toEqual([]);
    expect(memento.values.get("magnetar.conversations")).toBeUndefined();
  });
});

describe("the page", () => {
  test("is given names of files and symbols as they are typed", async () => {
    const { tell, last } = await play();
    await tell({ type: "complete", request: 1, kind: "file", prefix: "" });
    expect(last("completions").completions[0]).toMatchObject({ insert: "@bookings/refunds.py", label: "refunds.py" });
    await tell({ type: "complete", request: 2, kind: "file", prefix: "RefundD" });
    expect(last("completions")).toMatchObject({ request: 2, completions: [{ label: "RefundDialog.tsx" }] });
    await tell({ type: "complete", request: 3, kind: "symbol", prefix: "share" });
    expect(last("completions").completions).toEqual([
      { insert: "#share_at", label: "share_at", detail: "Policy · bookings/policy.py", icon: "symbol-method" },
    ]);
  });

  test("opens, inserts and copies through the editor", async () => {
    const { tell, editor, commands } = await play();
    const range = { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } };
    await tell({ type: "open", uri: uriOf("api/errors.py"), range });
    await tell({ type: "insertText", text: "x = 1" });
    await tell({ type: "copyText", text: "y" });
    await tell({ type: "command", command: "showLog" });
    expect(editor.opened).toEqual([{ uri: uriOf("api/errors.py"), range }]);
    expect(editor.inserted).toEqual(["x = 1"]);
    expect(editor.copied).toBe("y");
    expect(commands).toEqual(["showLog"]);
  });

  test("cannot make the extension do what no message says", async () => {
    const { session, warnings, commands } = await play();
    for (const message of [
      null,
      "ready",
      { type: "eval" },
      { type: "command", command: "rm" },
      { type: "budget", tokenBudget: 0 },
    ])
      await session.receive(message);
    expect(warnings).toHaveLength(5);
    expect(commands).toEqual([]);
  });

  test("is proposed a question by a command", async () => {
    const { session, last, server } = await play();
    session.propose("Why?");
    await vi.advanceTimersByTimeAsync(DEBOUNCE_MS);
    expect(last("draft").question).toBe("Why?");
    expect(last("focus")).toEqual({ type: "focus" });
    expect(server.asked.at(-1)?.query).toBe("Why?");
  });
});
