import { describe, expect, test } from "vitest";

import { eventData, EventParser } from "../../src/models/sse";

const STREAM =
  'retry: 5\r\n: a comment\ndata: {"a":"é😀"}\n\nevent: x\ndata:two\r\ndata: lines\r\n\r\ndata\n\nid: 7\n\ndata: [DONE]\n\n';
const EVENTS = ['{"a":"é😀"}', "two\nlines", "", "[DONE]"];

function body(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function all(stream: AsyncIterable<string>): Promise<string[]> {
  const found = [];
  for await (const one of stream) found.push(one);
  return found;
}

describe("server-sent events", () => {
  test("are the same wherever the stream is cut, letters and line ends included", async () => {
    const bytes = new TextEncoder().encode(STREAM);
    for (let at = 0; at <= bytes.length; at++)
      expect(await all(eventData(body(bytes.slice(0, at), bytes.slice(at))))).toEqual(EVENTS);
  });

  test("come letter by letter too", async () => {
    const bytes = new TextEncoder().encode(STREAM);
    expect(await all(eventData(body(...Array.from(bytes, (byte) => Uint8Array.of(byte)))))).toEqual(EVENTS);
  });

  test("end lines with carriage returns alone where a server does that", () => {
    const parser = new EventParser();
    expect([...parser.push("data: one\r\rdata: two\r"), ...parser.push("\r"), ...parser.end()]).toEqual(["one", "two"]);
  });

  test("count even if the last empty line is missing", async () => {
    expect(await all(eventData(body(new TextEncoder().encode("data: one\n\ndata: two"))))).toEqual(["one", "two"]);
  });

  test("may begin with a byte order mark", () => {
    expect(new EventParser().push("\uFEFFdata: one\n\n")).toEqual(["one"]);
  });

  test("are not waited for by one who stops listening", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(new TextEncoder().encode("data: again\n\n"));
      },
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const data of eventData(endless)) {
      expect(data).toBe("again");
      break;
    }
    expect(cancelled).toBe(true);
  });
});
