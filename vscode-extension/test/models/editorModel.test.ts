import * as vscode from "vscode";
import { describe, expect, test, vi } from "vitest";

import { EditorModel } from "../../src/models/editorModel";
import type { ChatMessage } from "../../src/models/model";

const CONVERSATION: readonly ChatMessage[] = [
  { role: "system", content: "You help." },
  { role: "user", content: "Why?" },
  { role: "assistant", content: "Because." },
  { role: "user", content: "Really?" },
];

type Request = vscode.LanguageModelChat["sendRequest"];

function offered(pieces: () => AsyncIterable<string>): {
  model: EditorModel;
  sendRequest: ReturnType<typeof vi.fn<Request>>;
} {
  const sendRequest = vi.fn<Request>(() => Promise.resolve({ text: pieces() } as vscode.LanguageModelChatResponse));
  const model = { name: "Local One", maxInputTokens: 100, sendRequest } as unknown as vscode.LanguageModelChat;
  return { model: new EditorModel(model), sendRequest };
}

/** As the editor's own models fail. */
function languageModelError(code: string): Error {
  const Made = vscode.LanguageModelError as unknown as new (code: string, message: string) => Error;
  return new Made(code, "said the editor");
}

async function* saying(...pieces: string[]): AsyncGenerator<string> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

async function* failing(error: Error): AsyncGenerator<string> {
  yield await Promise.reject<string>(error);
}

async function answerOf(model: EditorModel, stop = new AbortController(), stopAfter = Infinity): Promise<string> {
  let text = "";
  for await (const piece of model.stream(CONVERSATION, stop.signal)) {
    text += piece;
    if (text.length >= stopAfter) stop.abort();
  }
  return text;
}

describe("a model of the editor", () => {
  test("is given the conversation, its instructions as the user's words", async () => {
    const { model, sendRequest } = offered(() => saying("Yes", "."));
    expect(await answerOf(model)).toBe("Yes.");
    expect(sendRequest.mock.calls[0]?.[0]).toEqual([
      { role: "user", content: "You help." },
      { role: "user", content: "Why?" },
      { role: "assistant", content: "Because." },
      { role: "user", content: "Really?" },
    ]);
  });

  test("says how much it takes", () => {
    expect(offered(() => saying()).model).toMatchObject({ label: "Local One", maxInputTokens: 100 });
  });

  test("is stopped without a complaint", async () => {
    const { model, sendRequest } = offered(() => saying("a", "b", "c"));
    expect(await answerOf(model, new AbortController(), 2)).toBe("ab");
    expect(sendRequest.mock.calls[0]?.[2]?.isCancellationRequested).toBe(true);
  });

  test.each([
    [languageModelError("NoPermissions"), "notAllowed"],
    [languageModelError("Blocked"), "tooMany"],
    [languageModelError("NotFound"), "notFound"],
    [new Error("said the editor"), "server"],
  ])("that fails with %j is understood", async (error, kind) => {
    const { model } = offered(() => failing(error));
    await expect(answerOf(model)).rejects.toMatchObject({ kind, subject: "Local One", detail: "said the editor" });
  });
});
