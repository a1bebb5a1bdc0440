import * as vscode from "vscode";

import { ModelFailure, type FailureKind } from "./failure";
import type { ChatMessage, ChatModel } from "./model";

/** A language model that VS Code offers, whoever provides it. */
export class EditorModel implements ChatModel {
  readonly label: string;
  readonly maxInputTokens: number;
  readonly #model: vscode.LanguageModelChat;

  constructor(model: vscode.LanguageModelChat) {
    this.label = model.name;
    this.maxInputTokens = model.maxInputTokens;
    this.#model = model;
  }

  async *stream(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<string> {
    const cancellation = new vscode.CancellationTokenSource();
    const cancel = (): void => {
      cancellation.cancel();
    };
    signal.addEventListener("abort", cancel);
    try {
      const response = await this.#model.sendRequest(messages.map(editorMessage), {}, cancellation.token);
      for await (const text of response.text) {
        if (signal.aborted) return;
        yield text;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw failure(error, this.label);
    } finally {
      signal.removeEventListener("abort", cancel);
      cancellation.dispose();
    }
  }
}

/** The editor's models know no system role; such a message comes first as the user's. */
function editorMessage({ role, content }: ChatMessage): vscode.LanguageModelChatMessage {
  return role === "assistant"
    ? vscode.LanguageModelChatMessage.Assistant(content)
    : vscode.LanguageModelChatMessage.User(content);
}

/** By the codes of `vscode.LanguageModelError`. */
const KINDS: Readonly<Record<string, FailureKind>> = {
  NoPermissions: "notAllowed",
  Blocked: "tooMany",
  NotFound: "notFound",
};

function failure(error: unknown, subject: string): ModelFailure {
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof vscode.LanguageModelError ? error.code : "";
  return new ModelFailure(KINDS[code] ?? "server", { subject, detail, cause: error });
}
