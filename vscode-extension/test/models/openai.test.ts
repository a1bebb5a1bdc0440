import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, test } from "vitest";

import { Endpoint } from "../../src/models/endpoint";
import { ModelFailure } from "../../src/models/failure";
import { listModels, OpenAiModel } from "../../src/models/openai";

interface Seen {
  method: string;
  path: string;
  authorization: string | undefined;
  body: string;
}

let server: Server | undefined;
let seen: Seen[] = [];

afterEach(async () => {
  server?.closeAllConnections();
  await closed();
  seen = [];
});

async function closed(): Promise<void> {
  const closing = server;
  server = undefined;
  if (closing !== undefined) await new Promise((resolve) => closing.close(resolve));
}

async function serve(answer: (response: ServerResponse, request: IncomingMessage) => void): Promise<string> {
  const listening = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      seen.push({ method, path: url, authorization: headers.authorization, body });
      answer(response, request);
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

function streamed(...events: string[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events.map((event) => `data: ${event}\n\n`).join(""));
  };
}

const piece = (content: string, finish: string | null = null): string =>
  JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] });

function model(address: string, key?: string): OpenAiModel {
  return new OpenAiModel({ endpoint: Endpoint.of(address), model: "local", key });
}

async function answerOf(asked: OpenAiModel, signal = new AbortController().signal): Promise<string> {
  let text = "";
  for await (const one of asked.stream([{ role: "user", content: "hello" }], signal)) text += one;
  return text;
}

async function failureOf(asked: OpenAiModel): Promise<ModelFailure> {
  const error: unknown = await answerOf(asked).catch((reason: unknown) => reason);
  if (!(error instanceof ModelFailure)) throw new Error("it should have failed", { cause: error });
  return error;
}

describe("an OpenAI-compatible server", () => {
  test("is asked for a stream, and its pieces are the answer", async () => {
    const address = await serve(
      streamed('{"choices":[{"delta":{"role":"assistant"}}]}', piece("Hel"), piece("lo"), '{"usage":{}}', "[DONE]"),
    );
    expect(await answerOf(model(address, "s3cret"))).toBe("Hello");
    expect(seen).toEqual([
      {
        method: "POST",
        path: "/v1/chat/completions",
        authorization: "Bearer s3cret",
        body: JSON.stringify({ model: "local", messages: [{ role: "user", content: "hello" }], stream: true }),
      },
    ]);
  });

  test("may answer in one piece", async () => {
    const address = await serve((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ choices: [{ message: { content: "All at once" }, finish_reason: "stop" }] }));
    });
    expect(await answerOf(model(address))).toBe("All at once");
    expect(seen[0]?.authorization).toBeUndefined();
  });

  test("may end without saying so after a finish reason, but not before", async () => {
    const ended = await serve(streamed(piece("done"), piece("", "stop")));
    expect(await answerOf(model(ended))).toBe("done");
    await closed();
    const cut = await serve(streamed(piece("half of it")));
    expect((await failureOf(model(cut))).kind).toBe("cutOff");
  });

  test.each([
    [401, '{"error":{"message":"no such key"}}', "refusedKey", "no such key"],
    [404, '{"error":"model not found"}', "notFound", "model not found"],
    [429, "", "tooMany", "HTTP 429"],
    [
      400,
      '{"error":{"message":"maximum context length is 4096 tokens"}}',
      "tooLong",
      "maximum context length is 4096 tokens",
    ],
    [500, "<html>oops</html>", "server", "HTTP 500"],
    [503, "loading model", "server", "loading model"],
  ])("that answers %i is understood", async (status, body, kind, detail) => {
    const address = await serve((response) => {
      response.writeHead(status);
      response.end(body);
    });
    expect(await failureOf(model(address))).toMatchObject({ kind, detail, subject: address });
  });

  test("that complains in the middle of its stream is understood", async () => {
    const address = await serve(streamed(piece("so far"), '{"error":{"message":"out of memory"}}'));
    expect(await failureOf(model(address))).toMatchObject({ kind: "server", detail: "out of memory" });
  });

  test("that is not there is said to be unreachable", async () => {
    const address = await serve(streamed());
    await closed();
    expect(await failureOf(model(address))).toMatchObject({ kind: "unreachable", detail: "ECONNREFUSED" });
  });

  test("that sends elsewhere is not followed", async () => {
    const address = await serve((response) => {
      response.writeHead(302, { location: "http://127.0.0.1:9/v1/chat/completions" });
      response.end();
    });
    expect((await failureOf(model(address, "s3cret"))).kind).toBe("unreachable");
  });

  test("gets no key over a line that others can read", async () => {
    const asked = new OpenAiModel(
      { endpoint: Endpoint.of("http://models.example"), model: "local", key: "s3cret" },
      () => Promise.reject(new Error("nothing may be sent")),
    );
    expect(await failureOf(asked)).toMatchObject({ kind: "keyNeedsHttps", subject: "http://models.example" });
  });

  test.each(["s3cret\nkey", "s3cret key", "s3cret€"])("gets no key that no header can carry: %j", async (key) => {
    const address = await serve(streamed());
    const failure = await failureOf(model(address, key));
    expect(failure).toMatchObject({ kind: "refusedKey", subject: address });
    expect(JSON.stringify([failure.message, failure.detail, String(failure.cause)])).not.toContain("s3cret");
  });

  test("that repeats the key is not quoted with it", async () => {
    const address = await serve((response) => {
      response.writeHead(401);
      response.end('{"error":{"message":"Incorrect API key provided: s3cret-key-1."}}');
    });
    const failure = await failureOf(model(address, "s3cret-key-1"));
    expect(failure).toMatchObject({ kind: "refusedKey", detail: "Incorrect API key provided: …." });
    expect(failure.message).not.toContain("s3cret");
  });

  test("is stopped without a complaint", async () => {
    const stop = new AbortController();
    let hangUp: () => void;
    const hungUp = new Promise<void>((resolve) => (hangUp = resolve));
    const address = await serve((response) => {
      response.on("close", () => {
        hangUp();
      });
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${piece("begun")}\n\n`);
    });
    let text = "";
    for await (const one of model(address).stream([], stop.signal)) {
      text += one;
      stop.abort();
    }
    expect(text).toBe("begun");
    await hungUp;
  });

  test("names its models", async () => {
    const address = await serve((response) => {
      response.end(JSON.stringify({ data: [{ id: "qwen3:8b" }, { id: "llama3.2" }] }));
    });
    const settings = { endpoint: Endpoint.of(`${address}/v1/`), key: undefined };
    expect(await listModels(settings, AbortSignal.timeout(5_000))).toEqual(["qwen3:8b", "llama3.2"]);
    expect(seen[0]).toMatchObject({ method: "GET", path: "/v1/models" });
  });
});
