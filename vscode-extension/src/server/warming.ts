/** How far the indexing of all open folders is, put together from the progress of each. */

import type { ProgressToken } from "vscode-languageserver-protocol";

import type { Progress } from "./client";

export interface WarmingReport {
  percentage?: number;
  message?: string;
}

export class Warming {
  readonly #folders = new Map<ProgressToken, WarmingReport>();

  update(token: ProgressToken, progress: Progress): void {
    if (progress.kind === "end") {
      this.#folders.delete(token);
      return;
    }
    const { percentage, message } = progress;
    this.#folders.set(token, {
      ...(percentage === undefined ? {} : { percentage }),
      ...(message === undefined ? {} : { message }),
    });
  }

  clear(): void {
    this.#folders.clear();
  }

  /** The folder that is furthest behind speaks for all. */
  report(): WarmingReport {
    const folders = [...this.#folders.values()];
    return folders.sort((one, other) => (one.percentage ?? 0) - (other.percentage ?? 0))[0] ?? {};
  }
}
