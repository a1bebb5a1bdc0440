import { ModelFailure } from "./failure";

/** Where an OpenAI-compatible server listens, and whether a key may be sent there. */
export class Endpoint {
  /** Scheme, host and port: what an API key is bound to. */
  readonly origin: string;
  readonly #base: URL;

  private constructor(base: URL) {
    this.#base = base;
    this.origin = base.origin;
  }

  /**
   * Reads an address as people write it: `http://localhost:11434`, `…/v1`, `…/v1/` or the whole `…/v1/chat/completions`.
   *
   * @throws ModelFailure it is no http(s) address, or has a user name or password in it.
   */
  static of(address: string): Endpoint {
    let url: URL;
    try {
      url = new URL(address.trim());
    } catch (error) {
      throw new ModelFailure("badAddress", { subject: withoutCredentials(address), cause: error });
    }
    if (!["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "")
      throw new ModelFailure("badAddress", { subject: withoutCredentials(address) });
    url.hash = "";
    url.pathname = url.pathname.replace(/\/+$/, "").replace(/\/chat\/completions$/, "");
    if (url.pathname === "/") url.pathname = "/v1";
    return new Endpoint(url);
  }

  get chat(): URL {
    return this.#below("chat/completions");
  }

  get models(): URL {
    return this.#below("models");
  }

  /** Whether nobody on the way can read what is sent. */
  get confidential(): boolean {
    const host = this.#base.hostname;
    return this.#base.protocol === "https:" || host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
  }

  #below(path: string): URL {
    const url = new URL(this.#base);
    url.pathname = `${url.pathname}/${path}`;
    return url;
  }
}

function withoutCredentials(address: string): string {
  return address.replace(/\/\/[^/]*@/, "//");
}
