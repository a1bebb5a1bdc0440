import { beforeEach, describe, expect, test } from "vitest";

import type * as vscode from "vscode";

import { registerTools } from "../../src/chat/tools";
import { InputError, uriOf } from "../../src/chat/input";
import type { ContextResult } from "../../src/protocol";
import type { Supervisor } from "../../src/server/supervisor";
import { editor } from "../editor/played";
import { LanguageModelTextPart, Uri, type LanguageModelToolResult } from "../editor/vscode";

const NOBODY = { isCancellationRequested: false } as vscode.CancellationToken;

const CONTEXT: ContextResult = {
  items: [
    {
      uri: "file:///project/src/a.py",
      kind: "snippet",
      languageId: "python",
      ranges: [{ start: { line: 2, character: 0 }, end: { line: 4, character: 0 } }],
      content: "def a():\n    pass\n",
      tokens: 9,
      score: 1,
      reasons: [{ signal: "mentioned", weight: 1 }],
      source: "disk",
      sha256: "",
      cached: true,
    },
  ],
  tokens: 9,
  tokenBudget: 100,
  heldTokens: 0,
  removed: [],
  dropped: [
    { uri: "file:///project/big.py", reason: "budget", score: 0.5, tokens: 900 },
    { uri: "file:///project/.env", reason: "secret", score: 0 },
  ],
  lateSources: [],
  index: { state: "warming", files: 10, indexedFiles: 4 },
  cache: { hits: 0, misses: 0 },
  elapsedMs: 1,
};

describe("the tools", () => {
  let asked: { method: string; params: unknown }[];
  let answer: unknown;

  beforeEach(() => {
    editor.reset();
    editor.folders = [{ name: "work", uri: Uri.file("/project") }];
    asked = [];
    const supervisor = {
      request: ({ method }: { method: string }, params: unknown) => {
        asked.push({ method, params });
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    };
    registerTools(supervisor as unknown as Supervisor);
  });

  function tool(name: string): vscode.LanguageModelTool<unknown> {
    return editor.tools.get(name) as vscode.LanguageModelTool<unknown>;
  }

  async function invoke(name: string, input: unknown, more: object = {}): Promise<string> {
    const result = await tool(name).invoke({ input, toolInvocationToken: undefined, ...more }, NOBODY);
    const [part] = (result as unknown as LanguageModelToolResult).content;
    expect(part).toBeInstanceOf(LanguageModelTextPart);
    return (part as LanguageModelTextPart).value;
  }

  test("context answers with paths, lines and texts, and says what is missing and why", async () => {
    answer = CONTEXT;
    const text = await invoke("magnetar_context", { query: "where is a?", exclude: ["src/b.py"], tokenBudget: "100" });
    expect(asked).toEqual([
      {
        method: "magnetar/context",
        params: { query: "where is a?", mustInclude: [], exclude: ["file:///project/src/b.py"], tokenBudget: 100 },
      },
    ]);
    expect(text).toContain("src/a.py (lines 3-4)");
    expect(text).toContain("def a():");
    expect(text).toContain("9 of 100 tokens (the workspace is still being indexed: 4 of 10 files)");
    expect(text).toContain("Not shown: .env (secret).");
    expect(text).toContain("Left out for lack of room: big.py.");
  });

  test("context keeps within what the caller can take", async () => {
    answer = CONTEXT;
    const tokenizationOptions = { tokenBudget: 50.5, countTokens: () => Promise.resolve(0) };
    await invoke("magnetar_context", { query: "a", tokenBudget: 100 }, { tokenizationOptions });
    expect(asked[0]?.params).toMatchObject({ tokenBudget: 50 });
  });

  test("search answers with one line a place", async () => {
    const range = { start: { line: 6, character: 0 }, end: { line: 6, character: 3 } };
    answer = {
      hits: [{ uri: "file:///project/a.py", range, score: 1, preview: "  x = a()\n", signals: [] }],
      elapsedMs: 1,
    };
    expect(await invoke("magnetar_search", { query: "a" })).toBe("a.py:7: x = a()");
  });

  test("predict answers with probabilities and reasons", async () => {
    const reasons = [{ signal: "cochange", weight: 1 }];
    answer = { predictions: [{ uri: "file:///project/b.py", probability: 0.42, reasons }] };
    const text = await invoke("magnetar_predict", { path: "./a.py", topK: 3 });
    expect(text).toBe("b.py – 42 % (changed together in git)");
    expect(asked[0]?.params).toEqual({ textDocument: { uri: "file:///project/a.py" }, topK: 3 });
  });

  test.each([
    ["magnetar_context", { ...CONTEXT, items: [] }, "Try other words"],
    ["magnetar_search", { hits: [], elapsedMs: 1 }, "Try fewer or other words"],
    ["magnetar_predict", { predictions: [] }, "Nothing is known yet"],
  ])("%s says what to do where there is nothing", async (name, nothing, said) => {
    answer = nothing;
    expect(await invoke(name, { query: "a" })).toContain(said);
  });

  test.each([
    ["magnetar_context", {}, '"query" is missing'],
    ["magnetar_context", null, '"query" is missing'],
    ["magnetar_context", { query: 5 }, '"query" must be a string'],
    ["magnetar_context", { query: "a", tokenBudget: 0 }, '"tokenBudget" must be a whole number from 1'],
    ["magnetar_context", { query: "a", exclude: [5] }, '"exclude" must be an array of paths'],
    ["magnetar_search", { query: " " }, '"query" is missing'],
    ["magnetar_search", { query: "a", limit: 1_000 }, '"limit" must be a whole number from 1 to 200'],
    ["magnetar_predict", { topK: "many" }, '"topK" must be a whole number from 1 to 50'],
  ])("%s tells the model what is wrong with %j", async (name, input, said) => {
    await expect(invoke(name, input)).rejects.toThrow(said);
    await tool(name).prepareInvocation?.({ input }, NOBODY);
  });

  test("pass on what the server says", async () => {
    answer = new Error("The file is outside of the workspace.");
    await expect(invoke("magnetar_predict", {})).rejects.toThrow(
      "magnetar could not answer: The file is outside of the workspace.",
    );
  });

  test("say what they are doing", async () => {
    const prepared = await tool("magnetar_search").prepareInvocation?.({ input: { query: "cart" } }, NOBODY);
    expect(prepared?.invocationMessage).toBe("Searching for “cart”");
  });
});

describe("a path as a model writes it", () => {
  beforeEach(() => {
    editor.reset();
  });

  test("counts from the folder, and may be absolute or written as on Windows", () => {
    editor.folders = [{ name: "work", uri: Uri.file("/project") }];
    expect(uriOf("src/a.py")).toBe("file:///project/src/a.py");
    expect(uriOf("src\\a.py")).toBe("file:///project/src/a.py");
    expect(uriOf("/elsewhere/a.py")).toBe("file:///elsewhere/a.py");
  });

  test("begins with the folder's name where several are open", () => {
    editor.folders = [
      { name: "one", uri: Uri.file("/project/one") },
      { name: "two", uri: Uri.file("/project/two") },
    ];
    expect(uriOf("two/a.py")).toBe("file:///project/two/a.py");
    expect(uriOf("a.py")).toBe("file:///project/one/a.py");
  });

  test("means nothing without a folder", () => {
    expect(() => uriOf("a.py")).toThrow(InputError);
  });
});
