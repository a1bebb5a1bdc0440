// @ts-check
/** A language client over stdio, as small as one can be: frames, requests, notifications, and a server process. */

import { spawn } from "node:child_process";

const HEADER_END = Buffer.from("\r\n\r\n");
const KEPT_LOG_BYTES = 4_000;

/** The server answered with an error, or ended. */
export class ServerError extends Error {}

export class Client {
  /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
  #pending = new Map();
  /** @type {Map<string, (params: any) => void>} */
  #listeners = new Map();
  #received = Buffer.alloc(0);
  #nextId = 1;
  /** The end of what the server wrote to stderr. */
  log = "";

  /**
   * Starts a server; requests to it may follow at once.
   * @param {string} program
   * @param {string[]} args
   */
  constructor(program, args) {
    this.process = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.process.stdout.on("data", (/** @type {Buffer} */ data) => this.#receive(data));
    this.process.stderr.on("data", (data) => (this.log = (this.log + data).slice(-KEPT_LOG_BYTES)));
    // Writing to a server that has just ended fails here; its end is reported below.
    this.process.stdin.on("error", () => undefined);
    /** @type {Promise<number | null>} */
    this.ended = new Promise((resolve) => {
      this.process.on("error", (error) => {
        this.log += error.message;
        resolve(null);
      });
      this.process.on("close", resolve);
    });
    void this.ended.then((code) => {
      const error = new ServerError(`The server ended${code === null ? "" : ` with code ${code}`}.\n${this.log}`.trim());
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    });
  }

  /**
   * @param {string} method
   * @param {object | null} params
   * @returns {Promise<any>}
   */
  request(method, params) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  /**
   * @param {string} method
   * @param {object | null} params
   */
  notify(method, params) {
    this.#send({ method, params });
  }

  /**
   * @param {string} method
   * @param {(params: any) => void} listener
   */
  on(method, listener) {
    this.#listeners.set(method, listener);
  }

  /** Leaves as the protocol asks, and returns the server's exit code. */
  async close() {
    await this.request("shutdown", null);
    this.notify("exit", null);
    return this.ended;
  }

  /** @param {object} message */
  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.process.stdin.write(body);
  }

  /** @param {Buffer} data */
  #receive(data) {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const end = this.#received.indexOf(HEADER_END);
      if (end < 0) return;
      const length = Number(/Content-Length: *(\d+)/i.exec(this.#received.toString("latin1", 0, end))?.[1]);
      const start = end + HEADER_END.length;
      if (this.#received.length < start + length) return;
      const body = this.#received.toString("utf8", start, start + length);
      this.#received = this.#received.subarray(start + length);
      this.#dispatch(JSON.parse(body));
    }
  }

  /** @param {any} message */
  #dispatch(message) {
    if (message.method === undefined) {
      const waiting = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (message.error) waiting?.reject(new ServerError(message.error.message));
      else waiting?.resolve(message.result);
      return;
    }
    this.#listeners.get(message.method)?.(message.params);
    // What the server asks of an editor has one answer here: nothing to add.
    if (message.id !== undefined) {
      const result = message.method === "workspace/configuration" ? message.params.items.map(() => null) : null;
      this.#send({ id: message.id, result });
    }
  }
}
