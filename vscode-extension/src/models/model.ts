/** What a conversation is sent to, whoever runs it. */

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

export interface ChatModel {
  /** How a person knows it, such as "qwen3:8b". */
  readonly label: string;
  /** Most tokens of a prompt, where the model says so. */
  readonly maxInputTokens?: number;
  /** The answer, piece by piece as it comes. Throws a `ModelFailure`; ends quietly once `signal` is aborted. */
  stream(messages: readonly ChatMessage[], signal: AbortSignal): AsyncIterable<string>;
}
