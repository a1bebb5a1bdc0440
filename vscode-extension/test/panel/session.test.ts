import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { ModelFailure } from "../../src/models/failure";
import { DEBOUNCE_MS, ELSEWHERE_MS, REFINE_MS } from "../../src/panel/gathering";
import { readToPage, type ToHost, type ToPage } from "../../src/panel/messages";
import { FakeMemento, FakeModel, scene, type Scene } from "./fixture/session";
import { uriOf } from "./fixture/workspace";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Played extends Scene {
  readonly posted: ToPage[];
  readonly tell: (message: ToHost) => Promise<void>;
  /** The latest message of a type. */
  readonly last: <T extends ToPage["type"]>(type: T) => Extract<ToPage, { type: T }>;
}

async function play(
  model: Parameters<typeof scene>[1] = new FakeModel("In `refund()`."),
  memento?: FakeMemento,
): Promise<Played> {
  const posted: ToPage[] = [];
  const played = scene((message) => posted.push(message), model, memento);
  played.session.setServer({ kind: "ready" });
  played.session.setVisible(true);
  const tell = async (message: ToHost): Promise<void> => {
    await played.session.receive(message);
    await vi.advanceTimersByTimeAsync(DEBOUNCE_MS);
  };
  await tell({ type: "ready" });
  return {
    ...played,
    posted,
    tell,
    last: <T extends ToPage["type"]>(type: T) => {
      const found = posted.findLast((message): message is Extract<ToPage, { type: T }> => message.type === type);
      if (found === undefined) throw new Error(`no ${type} was posted`);
      return found;
    },
  };
}

describe("the ledger", () => {
  test("is there before anything is sent, as a preview of the conversation", async () => {
    const { server, last, posted } = await play();
    expect(server.asked.at(-1)).toMatchObject({
      preview: true,
      tokenBudget: 4_096,
      textDocument: { uri: uriOf("bookings/refunds.py") },
      position: { line: 11, character: 4 },
    });
    expect(last("ledger").ledger.items[0]).toMatchObject({
      name: "refunds.py",
      directory: "bookings",
      tokens: 412,
      freshness: "buffer",
      held: false,
    });
    for (const message of posted) expect(readToPage(JSON.parse(JSON.stringify(message)))).toEqual(message);
  });

  test("is asked for once while its user types, and an older request is cancelled", async () => {
    const { server, session } = await play();
    const before = server.asked.length;
    for (const question of ["w", "wh", "why"]) await session.receive({ type: "question", question, mentions: [] });
    await vi.advanceTimersByTimeAsync(DEBOUNCE_MS);
    expect(server.asked.slice(before).map(({ query }) => query)).toEqual(["why"]);
  });

  test("shows the newer answer where the older one comes late", async () => {
    const { server, tell, posted } = await play();
    let release = (): void => undefined;
    server.gate = new Promise((resolve) => (release = resolve));
    await tell({ type: "budget", tokenBudget: 1_024 });
    server.gate = undefined;
    await tell({ type: "budget", tokenBudget: 2_048 });
    const shown = posted.filter(({ type }) => type === "ledger").length;
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(posted.filter(({ type }) => type === "ledger")).toHaveLength(shown);
  });

  test("has what is pinned and mentioned, and not what is excluded", async () => {
    const { tell, server, last } = await play();
    const [policy, gateway] = [uriOf("bookings/policy.py"), uriOf("payments/gateway.py")];
    await tell({ type: "pin", uri: policy, on: true });
    await tell({ type: "question", question: "@payments/gateway.py", mentions: [gateway] });
    expect(server.asked.at(-1)).toMatchObject({ mustInclude: [policy, gateway], exclude: [] });
    await tell({ type: "exclude", uri: policy, on: true });
    expect(server.asked.at(-1)).toMatchObject({ mustInclude: [gateway], exclude: [policy] });
    const { ledger } = last("ledger");
    expect(ledger.excluded).toEqual([{ uri: policy, name: "policy.py", directory: "bookings" }]);
    expect(ledger.items.map(({ uri }) => uri)).not.toContain(policy);
    expect(ledger.leftOut.map(({ reason }) => reason)).not.toContain("excluded");
  });

  test("says what changed after it was built, until it is built again", async () => {
    const { session, last, server } = await play();
    const uri = uriOf("bookings/policy.py");
    server.edits.set(uri, "class Policy: ...\n");
    session.documentChanged(uri);
    const freshness = (): unknown => last("ledger").ledger.items.find((item) => item.uri === uri)?.freshness;
    expect(freshness()).toBe("changed");
    await vi.advanceTimersByTimeAsync(ELSEWHERE_MS);
    expect(freshness()).toBe("buffer");
  });

  test("is not asked for while nobody looks, nor while no server answers", async () => {
    const { session, server } = await play();
    const before = server.asked.length;
    session.setVisible(false);
    session.placeChanged();
    session.documentChanged(uriOf("bookings/policy.py"));
    await vi.advanceTimersByTimeAsync(ELSEWHERE_MS);
    session.setServer({ kind: "failed", message: "It stopped." });
    session.setVisible(true);
    await vi.advanceTimersByTimeAsync(DEBOUNCE_MS);
    expect(server.asked).toHaveLength(before);
    session.setServer({ kind: "warming" });
    await vi.advanceTimersByTimeAsync(DEBOUNCE_MS);
    expect(server.asked).toHaveLength(before + 1);
  });

  test("grows while the folder is read, and is left alone by a server that has only worked", async () => {
    const { session, server } = await play();
    server.index = { state: "warming", files: 90, indexedFiles: 10 };
    session.placeChanged();
    await vi.advanceTimersByTimeAsync(ELSEWHERE_MS);
    const reads = server.asked.length;
    for (let percentage = 0; percentage < 100; percentage++) {
      session.setServer({ kind: "warming", percentage });
      await vi.advanceTimersByTimeAsync(REFINE_MS / 20);
    }
    expect(server.asked.length - reads).toBe(4);
    server.index = { state: "ready", files: 90, indexedFiles: 90 };
    const before = server.asked.length;
    for (const kind of ["ready", "warming", "ready", "warming", "ready"] as const) {
      session.setServer({ kind });
      await vi.advanceTimersByTimeAsync(REFINE_MS);
    }
    expect(server.asked).toHaveLength(before + 1);
  });

  test("tells the server's own words where it fails", async () => {
    const { server, tell, last } = await play();
    server.failure = new Error("No workspace is open.");
    await tell({ type: "refresh" });
    expect(last("ledgerFailed").message).toBe("No workspace is open.");
  });

  test("can be copied and previewed, with what the conversation holds", async () => {
    const { tell, editor, last } = await play();
    await tell({ type: "ask", question: "one?", mentions: [] });
    await tell({ type: "copyContext", format: "markdown" });
    expect(editor.copied).toContain('## bookings/refunds.py\n\n```python\n"""What a guest gets back');
    await tell({ type: "copyContext", format: "json" });
    const copied = JSON.parse(editor.copied) as { items: unknown[] };
    expect(copied.items[0]).toMatchObject({ tokens: 412, unchanged: true });
    const [item] = last("ledger").ledger.items;
    expect(item).toMatchObject({ held: true, tokens: 412 });
    await tell({ type: "preview", key: item?.key ?? "" });
    expect(last("preview").content).toContain("What a guest gets back");
  });
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
