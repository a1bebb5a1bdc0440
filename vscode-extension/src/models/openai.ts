/**
 * Any server that speaks OpenAI's chat completions: Ollama, llama.cpp, vLLM and others. Streams; a server that answers
 * in one piece is understood too. Tools, images and samplers are left to other clients.
 */

import * as v from "valibot";

import type { Endpoint } from "./endpoint";
import { ModelFailure } from "./failure";
import type { ChatMessage, ChatModel } from "./model";
import { eventData } from "./sse";

const Complaint = v.object({ error: v.union([v.string(), v.object({ message: v.string() })]) });
const Text = v.nullish(v.string());
const Answer = v.object({
  choices: v.array(
    v.object({
      delta: v.optional(v.object({ content: Text })),
      message: v.optional(v.object({ content: Text })),
      finish_reason: v.nullish(v.string()),
    }),
  ),
});
const Listing = v.object({ data: v.array(v.object({ id: v.string() })) });

export interface OpenAiSettings {
  readonly endpoint: Endpoint;
  /** The server's own name for the model. */
  readonly model: string;
  readonly key: string | undefined;
}

export class OpenAiModel implements ChatModel {
  readonly label: string;
  readonly #settings: OpenAiSettings;
  readonly #fetch: typeof fetch;

  constructor(settings: OpenAiSettings, fetcher: typeof fetch = fetch) {
    this.label = settings.model;
    this.#settings = settings;
    this.#fetch = fetcher;
  }

  async *stream(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<string> {
    const { endpoint, model } = this.#settings;
    try {
      const response = await ask(this.#fetch, endpoint.chat, this.#settings, {
        method: "POST",
        body: JSON.stringify({ model, messages, stream: true }),
        signal,
      });
      if (response.headers.get("content-type")?.includes("application/json") === true) {
        yield* pieces(await response.text(), endpoint.origin).texts;
        return;
      }
      yield* this.#events(response);
    } catch (error) {
      if (signal.aborted) return;
      throw error instanceof ModelFailure ? error : broken(error, endpoint.origin);
    }
  }

  async *#events(response: Response): AsyncGenerator<string> {
    const { origin } = this.#settings.endpoint;
    if (response.body === null) throw new ModelFailure("cutOff", { subject: origin });
    let finished = false;
    for await (const data of eventData(response.body)) {
      if (data.trim() === "[DONE]") return;
      const { texts, last } = pieces(data, origin);
      finished ||= last;
      yield* texts;
    }
    if (!finished) throw new ModelFailure("cutOff", { subject: origin });
  }
}

/** The names of the models a server has. */
export async function listModels(
  settings: Omit<OpenAiSettings, "model">,
  signal: AbortSignal,
  fetcher: typeof fetch = fetch,
): Promise<string[]> {
  const { endpoint } = settings;
  try {
    const response = await ask(fetcher, endpoint.models, settings, { method: "GET", signal });
    const listing = v.safeParse(Listing, parsed(await response.text(), endpoint.origin));
    return listing.success ? listing.output.data.map((model) => model.id) : [];
  } catch (error) {
    throw error instanceof ModelFailure ? error : broken(error, endpoint.origin);
  }
}

async function ask(
  fetcher: typeof fetch,
  url: URL,
  settings: Omit<OpenAiSettings, "model">,
  init: RequestInit,
): Promise<Response> {
  const { endpoint, key } = settings;
  const headers: Record<string, string> = { accept: "text/event-stream, application/json" };
  if (init.method === "POST") headers["content-type"] = "application/json";
  if (key !== undefined) {
    if (!endpoint.confidential) throw new ModelFailure("keyNeedsHttps", { subject: endpoint.origin });
    // What no header can carry is refused here: the error of whoever tried would quote it.
    if (!/^[!-~]+$/.test(key)) throw new ModelFailure("refusedKey", { subject: endpoint.origin });
    headers["authorization"] = `Bearer ${key}`;
  }
  // A redirect could carry the question, and the key with it, to a place nobody chose.
  const response = await fetcher(url, { ...init, headers, redirect: "error" });
  if (!response.ok) throw await refusal(response, endpoint.origin, key);
  return response;
}

function pieces(data: string, origin: string): { texts: string[]; last: boolean } {
  const json = parsed(data, origin);
  const complaint = v.safeParse(Complaint, json);
  if (complaint.success) throw new ModelFailure("server", { subject: origin, detail: words(complaint.output) });
  const answer = v.safeParse(Answer, json);
  // Servers send events of their own between the pieces, such as usage; what is no piece says nothing.
  if (!answer.success) return { texts: [], last: false };
  const [choice] = answer.output.choices;
  const text = choice?.delta?.content ?? choice?.message?.content ?? "";
  return { texts: text === "" ? [] : [text], last: typeof choice?.finish_reason === "string" };
}

function parsed(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ModelFailure("server", { subject: origin, detail: text, cause: error });
  }
}

async function refusal(response: Response, origin: string, key: string | undefined): Promise<ModelFailure> {
  const text = await response.text().catch(() => "");
  let detail = text;
  try {
    const complaint = v.safeParse(Complaint, JSON.parse(text));
    if (complaint.success) detail = words(complaint.output);
  } catch {
    detail = /^\s*</.test(text) ? "" : text; // a page of HTML explains nothing in one line
  }
  if (key !== undefined) detail = detail.replaceAll(key, "…");
  const about = { subject: origin, detail: detail === "" ? `HTTP ${String(response.status)}` : detail };
  if (response.status === 401 || response.status === 403) return new ModelFailure("refusedKey", about);
  if (response.status === 404) return new ModelFailure("notFound", about);
  if (response.status === 429) return new ModelFailure("tooMany", about);
  const tooLong = /context.{0,20}(length|size|window)|maximum.{0,20}tokens|too (long|large)/i.test(detail);
  return new ModelFailure(response.status === 413 || tooLong ? "tooLong" : "server", about);
}

function words({ error }: v.InferOutput<typeof Complaint>): string {
  return typeof error === "string" ? error : error.message;
}

/** A connection that was never made, or that ended in the middle. */
function broken(error: unknown, origin: string): ModelFailure {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  const detail = code ?? (cause instanceof Error ? cause.message : String(error));
  return new ModelFailure("unreachable", { subject: origin, detail, cause: error });
}
