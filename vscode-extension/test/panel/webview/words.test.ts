import * as v from "valibot";
import { describe, expect, test } from "vitest";

import { FAILURES } from "../../../src/models/failure";
import { FailureView, type ReasonView } from "../../../src/panel/messages";
import { extent, leftOut, lines, reason, reasons } from "../../../src/webview/words/context";
import { failure, said } from "../../../src/webview/words/failures";
import { brief, bytes, count, duration, milliseconds, percent } from "../../../src/webview/words/numbers";

const SIGNALS: readonly ReasonView["signal"][] = [
  "focus",
  "selection",
  "recent",
  "edited",
  "predicted",
  "mentioned",
  "imports",
  "importedBy",
  "definition",
  "reference",
  "cochange",
  "lexical",
  "semantic",
  "path",
  "pinned",
];

function range(start: number, end: number, character = 0) {
  return { start: { line: start, character: 0 }, end: { line: end, character } };
}

describe("the ledger's words", () => {
  test("say each signal differently, and never by its name on the wire", () => {
    const words = SIGNALS.map((signal) => reason({ signal }));
    expect(new Set(words).size).toBe(SIGNALS.length);
    for (const word of words) expect(word).toMatch(/^[a-z].* /);
  });

  test("tell the detail where there is one", () => {
    expect(reason({ signal: "mentioned", detail: "Policy" })).toBe("named in the question: Policy");
    expect(reason({ signal: "focus", detail: "whatever" })).toBe("the file you are in");
  });

  test("leave out what explains little, but never everything", () => {
    const all: ReasonView[] = [
      { signal: "lexical", weight: 0.6 },
      { signal: "cochange", weight: 0.35 },
      { signal: "path", weight: 0.05 },
    ];
    expect(reasons(all)).toBe("has the question's words · changed together in git");
    expect(reasons([{ signal: "path", weight: 0.01 }])).toBe("close by in the folders");
  });

  test("count lines from one, and the last only where something of it is shown", () => {
    expect(lines(range(4, 9))).toBe("5–9");
    expect(lines(range(4, 9, 3))).toBe("5–10");
    expect(lines(range(4, 5))).toBe("5");
    expect(lines(range(4, 4, 7))).toBe("5");
    expect(lines(range(0, 0))).toBe("1");
  });

  test("name the extent of a piece", () => {
    const ranges = [range(0, 3), range(5, 8), range(10, 11), range(20, 30), range(40, 50)];
    expect(extent({ kind: "snippet", ranges })).toBe("lines 1–3 +4");
    expect(extent({ kind: "snippet", ranges }, 5)).toBe("lines 1–3, 6–8, 11, 21–30, 41–50");
    expect(extent({ kind: "symbol", ranges: [range(5, 8)] })).toBe("lines 6–8");
    expect(extent({ kind: "file", ranges })).toBe("whole file");
    expect(extent({ kind: "outline", ranges })).toBe("outline");
  });

  test("say why something was left out", () => {
    expect(leftOut({ reason: "budget", tokens: 1_234 })).toBe("no room: 1,234 tokens");
    expect(leftOut({ reason: "secret" })).toBe("may hold secrets: never sent");
    expect(leftOut({ reason: "missing" })).toBe("does not exist");
  });
});

describe("a failure's words", () => {
  test.each(FAILURES)("%s: a sentence of its own", (kind) => {
    const about = v.parse(FailureView, { kind, subject: "http://here", detail: "The server said so." });
    expect(failure(about)).toMatch(/^.{10,}\.$|\?$/);
    expect(said(about)).toBe(kind === "context" ? undefined : "The server said so.");
  });
});

describe("numbers", () => {
  test("are written for people", () => {
    expect([count(6_104), brief(812), brief(6_104), brief(2_500_000)]).toEqual(["6,104", "812", "6.1k", "2.5M"]);
    expect([percent(96), percent(41.73)]).toEqual(["96 %", "41.7 %"]);
    expect([bytes(0), bytes(2_048), bytes(274_726_912), bytes(3 * 1_024 ** 4)]).toEqual([
      "0 B",
      "2 KB",
      "262 MB",
      "3 TB",
    ]);
    expect([milliseconds(41.3), milliseconds(1_840)]).toEqual(["41 ms", "1.8 s"]);
    expect([duration(0), duration(59), duration(3_725), duration(90_000), duration(86_400)]).toEqual([
      "0 s",
      "59 s",
      "1 h 2 min",
      "1 d 1 h",
      "1 d",
    ]);
  });
});
