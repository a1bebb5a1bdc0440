import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type * as vscode from "vscode";

import { DidFocusNotification, StatsRequest, type ServerStatus } from "../../src/protocol";
import type { Connection, ConnectionOptions } from "../../src/server/client";
import type { Server } from "../../src/server/discovery";
import { SetupError } from "../../src/server/failure";
import { Supervisor } from "../../src/server/supervisor";
import type { ServerState } from "../../src/server/state";

const SERVER: Server = { program: "magnetar", args: [], origin: "setting", version: "1.0" };
const SPEAKS = { magnetar: { protocolVersion: 1 } };
const WELL: ServerStatus = { health: "ok", quiescent: true };

const log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
} as unknown as vscode.LogOutputChannel;

/** The servers of one test: each connection is kept, and can be told to speak or to end. */
class Servers {
  readonly opened: ConnectionOptions[] = [];
  readonly said: string[] = [];
  disposed = 0;
  announces: unknown = SPEAKS;
  folder = true;
  find = (): Promise<Server> => Promise.resolve(SERVER);
  /** Holds a start up until it resolves. */
  starting: Promise<void> = Promise.resolve();

  readonly supervisor = new Supervisor({
    log,
    directory: "/",
    hasFolder: () => this.folder,
    find: () => this.find(),
    connect: (options) => this.#connect(options),
  });

  get latest(): ConnectionOptions {
    const latest = this.opened.at(-1);
    if (!latest) throw new Error("no server was started");
    return latest;
  }

  #connect(options: ConnectionOptions): Connection {
    this.opened.push(options);
    return {
      start: async () => {
        await this.starting;
        return this.announces;
      },
      request: ({ method }) => {
        this.said.push(method);
        return Promise.resolve(undefined as never);
      },
      notify: ({ method }) => {
        this.said.push(method);
        return Promise.resolve();
      },
      dispose: () => {
        this.disposed++;
        return Promise.resolve();
      },
    };
  }
}

describe("the supervisor", () => {
  let servers: Servers;
  let states: ServerState["kind"][];

  beforeEach(() => {
    vi.useFakeTimers();
    servers = new Servers();
    states = [];
    servers.supervisor.onDidChangeState(({ kind }) => states.push(kind));
  });

  afterEach(() => {
    servers.supervisor.dispose();
    vi.useRealTimers();
  });

  test("starts a server and says how far it is", async () => {
    await servers.supervisor.restart();
    servers.latest.onStatus({ health: "ok", quiescent: false });
    servers.latest.onWarming("magnetar/warming/1", {
      kind: "begin",
      title: "",
      percentage: 40,
      message: "4 / 10 files",
    });
    expect(servers.supervisor.state).toEqual({ kind: "warming", percentage: 40, message: "4 / 10 files" });
    servers.latest.onStatus(WELL);
    expect(states).toEqual(["starting", "warming", "warming", "ready"]);
  });

  test("tells what is wrong with a server that says so itself", async () => {
    await servers.supervisor.restart();
    servers.latest.onStatus({ health: "warning", quiescent: true, message: "The cache is full." });
    expect(servers.supervisor.state).toEqual({ kind: "degraded", message: "The cache is full." });
  });

  test("starts none where no folder is open, and says so to who asks", async () => {
    servers.folder = false;
    await servers.supervisor.restart();
    expect(servers.supervisor.state).toEqual({ kind: "noWorkspace" });
    await expect(servers.supervisor.request(StatsRequest, {})).rejects.toThrow("No folder is open.");
  });

  test("makes one start of many that are asked for at once", async () => {
    await Promise.all([1, 2, 3].map(() => servers.supervisor.restart()));
    expect(servers.opened).toHaveLength(1);
  });

  test("makes one more start where one is asked for while another is under way", async () => {
    let go: () => void = () => undefined;
    servers.starting = new Promise((resolve) => (go = resolve));
    const first = servers.supervisor.restart();
    await vi.waitFor(() => {
      expect(servers.opened).toHaveLength(1);
    });
    const second = [servers.supervisor.restart(), servers.supervisor.restart()];
    go();
    await Promise.all([first, ...second]);
    expect(servers.opened).toHaveLength(2);
    expect(servers.disposed).toBe(1);
  });

  test("holds a request back until the server on its way has started", async () => {
    const started = servers.supervisor.restart();
    await servers.supervisor.request(StatsRequest, {});
    await started;
    expect(servers.said).toEqual(["magnetar/stats"]);
  });

  test("tells nobody of the focus while there is no server", () => {
    servers.supervisor.notify(DidFocusNotification, {});
    expect(servers.said).toEqual([]);
  });

  test("says why there is no server, and tries again when asked to", async () => {
    servers.find = () => Promise.reject(new SetupError("No Python was found.", "Install one."));
    await servers.supervisor.restart();
    expect(servers.supervisor.state).toEqual({ kind: "failed", message: "No Python was found. Install one." });
    await expect(servers.supervisor.request(StatsRequest, {})).rejects.toThrow("No Python was found.");
    servers.find = () => Promise.resolve(SERVER);
    await servers.supervisor.restart();
    expect(servers.supervisor.state).toEqual({ kind: "warming" });
  });

  test.each([[undefined], [{}], [{ magnetar: { protocolVersion: 2 } }]])(
    "refuses a server that announces %j",
    async (announces) => {
      servers.announces = announces;
      await servers.supervisor.restart();
      expect(servers.supervisor.state.kind).toBe("failed");
      expect(servers.disposed).toBe(1);
    },
  );

  test("starts a server again that ended, ever later, until that is no use", async () => {
    await servers.supervisor.restart();
    for (const [index, delay] of [500, 2_000, 5_000, 15_000].entries()) {
      servers.latest.onEnded();
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(servers.opened).toHaveLength(index + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(servers.opened).toHaveLength(index + 2);
    }
    servers.latest.onEnded();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(servers.opened).toHaveLength(5);
    expect(servers.supervisor.state.kind).toBe("failed");
    await servers.supervisor.restart();
    expect(servers.supervisor.state.kind).toBe("warming");
  });

  test("tells a request why there is no server for the moment", async () => {
    await servers.supervisor.restart();
    servers.latest.onEnded();
    await vi.advanceTimersByTimeAsync(1);
    await expect(servers.supervisor.request(StatsRequest, {})).rejects.toThrow("started again");
  });

  test("starts no other once it was told to stop", async () => {
    await servers.supervisor.restart();
    servers.latest.onEnded();
    await vi.advanceTimersByTimeAsync(1);
    await servers.supervisor.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(servers.opened).toHaveLength(1);
    expect(servers.supervisor.state).toEqual({ kind: "off" });
  });

  test("announces every server, which knows nothing yet", async () => {
    const started: string[] = [];
    servers.supervisor.onDidStart(({ version }) => started.push(version));
    await servers.supervisor.restart();
    await servers.supervisor.restart();
    expect(started).toEqual(["1.0", "1.0"]);
  });
});
