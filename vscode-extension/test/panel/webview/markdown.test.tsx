/** @vitest-environment jsdom */

import { render } from "preact";
import { afterEach, describe, expect, test, vi } from "vitest";

import { Markdown, safeLink } from "../../../src/webview/markdown/markdown";
import { parse, wordsOf } from "../../../src/webview/markdown/tree";

afterEach(() => {
  render(null, document.body);
});

function drawn(text: string, actions = { onCopy: vi.fn(), onInsert: vi.fn() }): HTMLElement {
  render(<Markdown text={text} actions={actions} />, document.body);
  return document.body;
}

describe("Markdown", () => {
  test.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    'a <b onclick="alert(1)">b</b>',
    "<iframe src=https://evil.test></iframe>",
    "```html\n<img src=x onerror=alert(1)>\n```",
    "`<img src=x onerror=alert(1)>`",
    '[a]: https://evil.test "<img src=x onerror=alert(1)>"\n\n[a]',
    "| <img src=x onerror=alert(1)> |\n|---|\n| <svg onload=alert(1)> |",
  ])("never becomes an element that was written in it: %s", (text) => {
    const body = drawn(text);
    expect(body.querySelectorAll("script, img, iframe, svg, b, [onclick], [onerror], [onload]")).toHaveLength(0);
  });

  test("links to the web and to mailboxes only", () => {
    expect(safeLink("https://example.org")).toBe("https://example.org");
    expect(safeLink("mailto:ada@example.org")).toBe("mailto:ada@example.org");
    for (const address of [
      "javascript:alert(1)",
      " javascript:alert(1)",
      "JaVaScRiPt:x",
      "data:text/html,x",
      "command:x",
      "file:///x",
      "vscode://x",
      "//evil.test",
    ])
      expect(safeLink(address)).toBeUndefined();
    expect(drawn("[a](javascript:alert(1)) <javascript:alert(1)> [b](command:x)").querySelectorAll("a")).toHaveLength(
      0,
    );
  });

  test("loads no picture, and shows what it is called", () => {
    const link = drawn("![the plan](https://example.org/plan.png)").querySelector("a");
    expect(link?.textContent).toBe("the plan");
    expect(document.querySelector("img")).toBeNull();
  });

  test("has headings below the panel's own, lists, tables and emphasis", () => {
    const body = drawn("# One\n\n1. a\n2. **b**\n\n- [x] done\n\n| A | B |\n|---|--:|\n| 1 | 2 |\n\n~~old~~");
    expect(body.querySelector("h3")?.textContent).toBe("One");
    expect(body.querySelectorAll("ol > li")).toHaveLength(2);
    expect(body.querySelector("strong")?.textContent).toBe("b");
    expect(body.querySelector("td.align-right")?.textContent).toBe("2");
    expect(body.querySelector("s")?.textContent).toBe("old");
  });

  test("colours code, keeps every letter of it, and hands it on whole", () => {
    const actions = { onCopy: vi.fn(), onInsert: vi.fn() };
    const code = 'def f(x: int) -> str:\n    return "<b>" & x';
    const body = drawn(`\`\`\`python\n${code}\n\`\`\``, actions);
    expect(body.querySelector("pre")?.textContent).toBe(code);
    expect(body.querySelector(".hljs-keyword")?.textContent).toBe("def");
    body.querySelector<HTMLButtonElement>("[aria-label='Copy this code']")?.click();
    body.querySelector<HTMLButtonElement>("[aria-label='Insert at the cursor']")?.click();
    expect(actions.onCopy).toHaveBeenCalledExactlyOnceWith(code);
    expect(actions.onInsert).toHaveBeenCalledExactlyOnceWith(code);
  });

  test("is drawn while it streams, whatever is still missing", () => {
    const text = "# T\n\n- `a` and **b\n\n```ts\nconst a = 1;\n```\n\n| a |\n|---|\n| 1 |";
    for (let end = 0; end <= text.length; end++) drawn(text.slice(0, end));
    expect(document.querySelector("td")?.textContent).toBe("1");
  });

  test("is heard as words, without marks and without the letters of code", () => {
    expect(wordsOf(parse("**Bold** and `x`.\n\n```py\nx = 1\n```\n\n- one\n- two"))).toBe(
      "Bold and x.\nCode\none\ntwo",
    );
  });
});
