/** Where the server stands, as every part of the extension tells it to the user. */
export type ServerState =
  /** No folder is open, so there is nothing to serve. */
  | { kind: "noWorkspace" }
  | { kind: "starting"; message?: string }
  /** Requests are answered meanwhile. */
  | { kind: "warming"; percentage?: number; message?: string }
  | { kind: "ready" }
  | { kind: "degraded"; message: string }
  | { kind: "failed"; message: string }
  | { kind: "off" };

/** Whether requests are answered. */
export function isServing({ kind }: ServerState): boolean {
  return kind === "warming" || kind === "ready" || kind === "degraded";
}

export function isSameState(one: ServerState, other: ServerState): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
