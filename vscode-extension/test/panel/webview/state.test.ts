import { describe, expect, test } from "vitest";

import type { Ledger, LedgerItem, TurnView } from "../../../src/panel/messages";
import { answering, INITIAL, reduce } from "../../../src/webview/ask/state";

const LEDGER: Ledger = {
  items: [],
  leftOut: [],
  excluded: [],
  tokens: 0,
  heldTokens: 0,
  tokenBudget: 100,
  lateSources: [],
  index: { state: "ready", files: 0, indexedFiles: 0 },
  elapsedMs: 1,
};

function item(key: string, freshness: LedgerItem["freshness"]): LedgerItem {
  return {
    uri: key,
    name: key,
    directory: "",
    key,
    kind: "file",
    ranges: [],
    tokens: 1,
    score: 1,
    reasons: [],
    symbols: [],
    freshness,
    held: false,
    pinned: false,
  };
}

function turn(id: string, state: TurnView["state"], answer = ""): TurnView {
  return { id, question: "?", answer, state, sent: [], tokens: 0 };
}

describe("the panel's state", () => {
  test("keeps the old ledger while a new one is gathered, and when that fails", () => {
    const shown = reduce(INITIAL, { type: "ledger", ledger: LEDGER });
    const gathering = reduce(shown, { type: "gathering" });
    expect(gathering).toMatchObject({ gathering: true, ledger: LEDGER });
    const failed = reduce(gathering, { type: "ledgerFailed", message: "No." });
    expect(failed).toMatchObject({ gathering: false, ledgerError: "No.", ledger: LEDGER });
    expect(reduce(failed, { type: "gathering" }).ledgerError).toBeUndefined();
  });

  test("forgets the text of pieces that are gone, or that may read differently now", () => {
    const keys = ["disk", "buffer", "gone"];
    const read = keys.reduce(
      (state, key) => reduce(state, { type: "preview", key, content: key, languageId: "" }),
      INITIAL,
    );
    const items = [item("disk", "disk"), item("buffer", "buffer")];
    expect([...reduce(read, { type: "ledger", ledger: { ...LEDGER, items } }).previews.keys()]).toEqual(["disk"]);
  });

  test("grows the answer it belongs to, and no other", () => {
    const turns = [turn("1", "done", "One."), turn("2", "streaming", "Tw")];
    const state = reduce(INITIAL, { type: "chat", chat: { id: "c", turns } });
    const grown = reduce(state, { type: "text", turn: "2", text: "o." });
    expect(grown.turns.map(({ answer }) => answer)).toEqual(["One.", "Two."]);
    const done = reduce(grown, { type: "turn", turn: turn("2", "done", "Two.") });
    expect(answering(grown.turns)).toBe(true);
    expect(answering(done.turns)).toBe(false);
  });

  test("shows no ledger of one conversation in another", () => {
    const state = reduce({ ...INITIAL, chat: "a" }, { type: "ledger", ledger: LEDGER });
    expect(reduce(state, { type: "chat", chat: { id: "a", turns: [] } }).ledger).toBe(LEDGER);
    expect(reduce(state, { type: "chat", chat: { id: "b", turns: [] } }).ledger).toBeUndefined();
  });

  test("tells two equal proposals apart, and leaves the box alone where none is made", () => {
    const once = reduce(INITIAL, { type: "draft", tokenBudget: 5, question: "Why?" });
    const twice = reduce(once, { type: "draft", tokenBudget: 5, question: "Why?" });
    expect(twice.proposed).not.toEqual(once.proposed);
    expect(reduce(twice, { type: "draft", tokenBudget: 9 }).proposed).toBe(twice.proposed);
  });
});
