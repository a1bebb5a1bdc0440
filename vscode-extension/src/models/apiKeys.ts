import type { SecretStorage } from "vscode";

/**
 * API keys, in the system's secret store and nowhere else. A key belongs to the origin it was entered for: an address
 * changed later, by whomever, never receives another's key.
 */
export class ApiKeys {
  readonly #secrets: Pick<SecretStorage, "get" | "store" | "delete">;

  constructor(secrets: Pick<SecretStorage, "get" | "store" | "delete">) {
    this.#secrets = secrets;
  }

  async of(origin: string): Promise<string | undefined> {
    return await this.#secrets.get(name(origin));
  }

  async set(origin: string, key: string): Promise<void> {
    await this.#secrets.store(name(origin), key);
  }

  async remove(origin: string): Promise<void> {
    await this.#secrets.delete(name(origin));
  }
}

function name(origin: string): string {
  return `magnetar.apiKey ${origin}`;
}
