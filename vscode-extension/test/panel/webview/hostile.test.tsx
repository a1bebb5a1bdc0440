/** @vitest-environment jsdom */

import { render, type ComponentChild } from "preact";
import { afterEach, expect, test, vi } from "vitest";

import type { LedgerItem, TurnView } from "../../../src/panel/messages";
import { Item } from "../../../src/webview/ask/item";
import { Excluded, LeftOutList } from "../../../src/webview/ask/leftOut";
import { Status, Welcome } from "../../../src/webview/ask/notice";
import { INITIAL } from "../../../src/webview/ask/state";
import { Suggestions } from "../../../src/webview/ask/suggestions";
import { Turn } from "../../../src/webview/ask/turn";
import { Code } from "../../../src/webview/markdown/code";
import { Markdown } from "../../../src/webview/markdown/markdown";

/** What a file may be called, hold, or a model may answer. */
const TEXTS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  "<svg/onload=alert(1)>",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "<a href='javascript:alert(1)'>a</a>",
  "<style>@import 'https://evil.test/a.css'</style>",
  "<link rel=stylesheet href=https://evil.test/a.css>",
  "<base href=https://evil.test/>",
  "<form action=https://evil.test><button>b</button></form>",
  "<meta http-equiv=refresh content='0;url=https://evil.test'>",
  "[a](javascript:alert(1)) [b](command:x) [c](data:text/html,<script>1</script>) [d](vscode://x) [e](file:///etc/passwd)",
  "![a](data:image/svg+xml;base64,PHN2Zz4=) ![b](https://evil.test/b.png) ![c](command:x)",
  "<javascript:alert(1)> <command:x>",
  '[a]: javascript:alert(1) "<img src=x onerror=alert(1)>"\n\n[a] ![a]',
  "```html\n<img src=x onerror=alert(1)>\n```",
  "```<img/src=x/onerror=alert(1)>\nx\n```",
  "| <img src=x onerror=alert(1)> |\n|---|\n| [a](javascript:alert(1)) |",
  "[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
  "{{constructor.constructor('alert(1)')()}} ${alert(1)}",
];

const send = vi.fn();
const actions = { onCopy: vi.fn(), onInsert: vi.fn() };
const nothing = (): void => undefined;

function item(text: string): LedgerItem {
  return {
    uri: text,
    name: text,
    directory: text,
    key: text,
    kind: "snippet",
    ranges: [{ start: { line: 0, character: 0 }, end: { line: 1, character: 0 } }],
    tokens: 1,
    score: 1,
    reasons: [{ signal: "lexical", weight: 1, detail: text }],
    symbols: [text],
    freshness: "disk",
    held: true,
    pinned: true,
  };
}

function turn(text: string): TurnView {
  const sent = [{ uri: text, name: text, directory: text, ranges: [], tokens: 1, held: false }];
  const failure = { kind: "server" as const, subject: text, detail: text };
  return { id: "1", question: text, answer: text, state: "failed", failure, model: text, sent, tokens: 1 };
}

const DRAWN: Record<string, (text: string) => ComponentChild> = {
  "an answer": (text) => <Markdown text={text} actions={actions} />,
  "a block of code": (text) => <Code code={text} language="html" />,
  "code in a language of that name": (text) => <Code code="x" language={text} />,
  "a piece": (text) => (
    <Item
      item={item(text)}
      active
      current
      expanded
      preview={{ content: text, languageId: "html" }}
      onToggle={nothing}
      onPoint={nothing}
      onFocus={nothing}
      send={send}
    />
  ),
  "a turn": (text) => <Turn turn={turn(text)} last actions={actions} send={send} />,
  "what was excluded": (text) => <Excluded files={[{ uri: text, name: text, directory: text }]} send={send} />,
  "what was left out": (text) => (
    <LeftOutList
      ledger={{
        items: [],
        leftOut: [{ uri: text, name: text, directory: text, reason: "secret", score: 0 }],
        excluded: [],
        tokens: 0,
        heldTokens: 0,
        tokenBudget: 1,
        lateSources: [text],
        index: { state: "ready", files: 1, indexedFiles: 1 },
        elapsedMs: 1,
      }}
      send={send}
    />
  ),
  suggestions: (text) => (
    <Suggestions
      id="list"
      completions={[{ insert: text, label: text, detail: text, icon: text }]}
      selected={-1}
      onChoose={nothing}
    />
  ),
  "a failure of the server": (text) => <Welcome server={{ kind: "failed", message: text }} send={send} />,
  "a warning of the server": (text) => (
    <Status state={{ ...INITIAL, server: { kind: "degraded", message: text } }} send={send} />
  ),
};

afterEach(() => {
  render(null, document.body);
});

test.each(Object.entries(DRAWN))("%s stays text, whatever is written in it", (_, draw) => {
  for (const text of TEXTS) {
    render(draw(text), document.body);
    for (const element of document.body.querySelectorAll("*")) {
      expect([
        "SCRIPT",
        "IMG",
        "SVG",
        "IFRAME",
        "STYLE",
        "LINK",
        "BASE",
        "FORM",
        "META",
        "OBJECT",
        "EMBED",
      ]).not.toContain(element.tagName.toUpperCase());
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on|^src|^style$|^formaction$|^xlink/);
        if (name === "href") expect(value).toMatch(/^(https?:\/\/|mailto:)/);
      }
    }
    expect(document.body.textContent).not.toBe("");
    render(null, document.body);
  }
});
