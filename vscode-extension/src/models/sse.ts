/**
 * Server-sent events as they come off the network: in chunks that may end anywhere, even inside a letter or between
 * the two halves of a line end. Only the events' data is of interest here; names, ids and retry times are not.
 */

/** Collects text and gives back the data of each event that is complete. */
export class EventParser {
  #rest = "";
  #data: string[] = [];
  #started = false;

  push(text: string): string[] {
    let pending = this.#rest + text;
    if (!this.#started && pending !== "") {
      this.#started = true;
      if (pending.startsWith("\uFEFF")) pending = pending.slice(1);
    }
    const events: string[] = [];
    let start = 0;
    for (let at = 0; at < pending.length; at++) {
      const letter = pending[at];
      if (letter !== "\n" && letter !== "\r") continue;
      if (letter === "\r" && at + 1 === pending.length) break; // a "\n" may follow in the next chunk
      this.#line(pending.slice(start, at), events);
      if (letter === "\r" && pending[at + 1] === "\n") at++;
      start = at + 1;
    }
    this.#rest = pending.slice(start);
    return events;
  }

  /** The stream is over: servers forget the last empty line, so what has come of an event counts. */
  end(): string[] {
    const events = this.push("\n");
    if (this.#rest !== "") events.push(...this.push("\n"));
    this.#dispatch(events);
    return events;
  }

  #line(line: string, events: string[]): void {
    if (line === "") {
      this.#dispatch(events);
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field !== "data") return;
    const value = colon < 0 ? "" : line.slice(colon + 1);
    this.#data.push(value.startsWith(" ") ? value.slice(1) : value);
  }

  #dispatch(events: string[]): void {
    if (this.#data.length > 0) events.push(this.#data.join("\n"));
    this.#data = [];
  }
}

/** The data of each event of a response's body. */
export async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const parser = new EventParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
    yield* parser.push(decoder.decode());
    yield* parser.end();
  } finally {
    // Whoever stops listening early must not leave the other side talking. A broken stream has nothing to cancel.
    await reader.cancel().catch(() => undefined);
  }
}
