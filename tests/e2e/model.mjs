// @ts-check
/**
 * A language model behind an OpenAI-compatible address, which answers at once and always the same: it streams what it
 * was asked, calls a tool where the question says so, or does not stop by itself.
 */

import { createServer } from "node:http";

const PIECES = [
  "Prices are reduced in `discounted`:\n\n",
  "```python\nreturn full * 0.9\n```\n\n",
  "It is in **shop/pricing.py**.",
];
/** What a question must say for these. */
const ENDLESS = /without end/;
const USE_TOOL = /use the context tool/;

/** @typedef {{role: string, content: unknown}} Message */
/** @typedef {{model: string, stream?: boolean, messages: Message[], tools?: {function: {name: string}}[]}} Request */

export class ModelServer {
  #server = createServer((request, response) => this.#answer(request, response));
  /** @type {Request[]} */
  requests = [];
  /** The keys that were sent along. @type {(string | undefined)[]} */
  keys = [];
  /** How many answers the client broke off. */
  broken = 0;
  name = "local-1";
  url = "";

  async start() {
    await new Promise((done) => this.#server.listen(0, "127.0.0.1", () => done(undefined)));
    const address = this.#server.address();
    this.url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v1`;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** As VS Code's own chat is told of it, in `chatLanguageModels.json`. */
  asEditorModel() {
    const model = {
      id: this.name,
      name: "Local One",
      url: `${this.url}/chat/completions`,
      toolCalling: true,
      vision: false,
      maxInputTokens: 100_000,
      maxOutputTokens: 4_000,
    };
    return { vendor: "customendpoint", name: "Local", apiKey: "dummy", apiType: "chat-completions", models: [model] };
  }

  /** The text of the last message of the last request. */
  get lastText() {
    return textOf(this.requests.at(-1)?.messages.at(-1));
  }

  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async #answer(request, response) {
    if (request.url?.endsWith("/models")) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ object: "list", data: [{ id: this.name, object: "model" }] }));
      return;
    }
    let body = "";
    for await (const part of request) body += part;
    /** @type {Request} */
    const asked = JSON.parse(body);
    this.requests.push(asked);
    this.keys.push(request.headers.authorization);
    response.on("close", () => {
      if (!response.writableEnded) this.broken++;
    });
    const { deltas, ends } = reply(asked);
    if (asked.stream) stream(response, asked.model, deltas, ends);
    else complete(response, asked.model, deltas);
  }
}

/** @typedef {{role?: string, content?: string, tool_calls?: object[]}} Delta */

/**
 * @param {Request} asked
 * @returns {{deltas: Delta[], ends: boolean}}
 */
function reply({ messages, tools }) {
  const last = messages.at(-1);
  const text = textOf(last);
  if (last?.role === "tool") return { deltas: [{ role: "assistant", content: `The tool said: ${text}` }], ends: true };
  if (USE_TOOL.test(text) && tools?.some((tool) => tool.function.name === "magnetar_context")) {
    const call = { name: "magnetar_context", arguments: JSON.stringify({ query: "how is a discount priced?" }) };
    const calls = [{ index: 0, id: "call_1", type: "function", function: call }];
    return { deltas: [{ role: "assistant", tool_calls: calls }], ends: true };
  }
  const deltas = PIECES.map((content) => ({ role: "assistant", content }));
  return { deltas, ends: !ENDLESS.test(text) };
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {string} model
 * @param {Delta[]} deltas
 * @param {boolean} ends
 */
function stream(response, model, deltas, ends) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (/** @type {Delta} */ delta, /** @type {string | null} */ reason = null) => {
    const choices = [{ index: 0, delta, finish_reason: reason }];
    response.write(
      `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model, choices })}\n\n`,
    );
  };
  for (const delta of deltas) send(delta);
  if (!ends) return;
  send({}, deltas.some((delta) => "tool_calls" in delta) ? "tool_calls" : "stop");
  response.end("data: [DONE]\n\n");
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {string} model
 * @param {Delta[]} deltas
 */
function complete(response, model, deltas) {
  const message = { role: "assistant", content: deltas.map(({ content }) => content ?? "").join("") };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  response.writeHead(200, { "content-type": "application/json" });
  const choices = [{ index: 0, message, finish_reason: "stop" }];
  response.end(JSON.stringify({ id: "1", object: "chat.completion", model, choices, usage }));
}

/** @param {Message | undefined} message */
function textOf(message) {
  const content = message?.content;
  return typeof content === "string" ? content : JSON.stringify(content ?? "");
}
