import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { DEBOUNCE_MS, ELSEWHERE_MS, REFINE_MS } from "../../src/panel/gathering";
import { readToPage } from "../../src/panel/messages";
import { play } from "./fixture/play";
import { uriOf } from "./fixture/workspace";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

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
