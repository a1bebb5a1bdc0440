/**
 * Keeps one server running for this window: finds it, starts it, starts it again when it ends by itself, and says where
 * it stands. How a server is found stands in `discovery.ts`, what is said to it in `client.ts`.
 */

import * as vscode from "vscode";
import type { NotificationType, RequestParam, RequestType } from "vscode-languageserver-protocol";

import { PROTOCOL_VERSION, type ServerStatus } from "../protocol";
import { Backoff } from "./backoff";
import type { Connection, ConnectionOptions } from "./client";
import type { Server } from "./discovery";
import { SetupError, describe } from "./failure";
import { isSameState, isServing, type ServerState } from "./state";
import { Warming } from "./warming";

export interface Collaborators {
  log: vscode.LogOutputChannel;
  directory: string;
  hasFolder: () => boolean;
  find: () => Promise<Server>;
  connect: (options: ConnectionOptions) => Connection;
}

export class Supervisor implements vscode.Disposable {
  readonly #with: Collaborators;
  readonly #backoff = new Backoff();
  readonly #warming = new Warming();
  readonly #changed = new vscode.EventEmitter<ServerState>();
  readonly #started = new vscode.EventEmitter<Server>();
  #state: ServerState = { kind: "off" };
  #server: Server | undefined;
  #connection: Connection | undefined;
  #status: ServerStatus | undefined;
  #queue: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  readonly onDidChangeState = this.#changed.event;
  /** A server has been initialized, and knows nothing of this window yet. */
  readonly onDidStart = this.#started.event;

  constructor(collaborators: Collaborators) {
    this.#with = collaborators;
  }

  get state(): ServerState {
    return this.#state;
  }

  /** The server that runs, or ran last. */
  get server(): Server | undefined {
    return this.#server;
  }

  /** The user, or a change of settings, asks for a server: what went wrong before no longer counts. */
  async restart(): Promise<void> {
    this.#backoff.reset();
    await this.#relaunch();
  }

  /** Sends a request, once a server that is on its way has started. */
  async request<P, R, E>(
    type: RequestType<P, R, E>,
    params: NoInfer<RequestParam<P>>,
    token?: vscode.CancellationToken,
  ): Promise<R> {
    await this.#queue;
    const connection = this.#connection;
    if (!connection || !isServing(this.#state)) throw new Error(this.#refusal());
    return connection.request(type, params, token);
  }

  /** Sends a notification; without a server there is nobody to tell. */
  notify<P>(type: NotificationType<P>, params: NoInfer<RequestParam<P>>): void {
    if (!this.#connection || !isServing(this.#state)) return;
    this.#connection.notify(type, params).catch((error: unknown) => {
      this.#with.log.warn(type.method, describe(error));
    });
  }

  /** Ends the server, and starts no other. */
  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#disconnect();
    this.#become({ kind: "off" });
  }

  dispose(): void {
    clearTimeout(this.#retry);
    this.#changed.dispose();
    this.#started.dispose();
  }

  /** One start at a time; whoever asks while one is waiting for its turn shares it. */
  #relaunch(): Promise<void> {
    clearTimeout(this.#retry);
    this.#waiting ??= this.#queue.then(async () => {
      this.#waiting = undefined;
      await this.#disconnect();
      await this.#launch();
    });
    this.#queue = this.#waiting;
    return this.#waiting;
  }

  async #launch(): Promise<void> {
    const { hasFolder, find, log } = this.#with;
    if (!hasFolder()) {
      this.#become({ kind: "noWorkspace" });
      return;
    }
    this.#become({ kind: "starting" });
    try {
      this.#server = await find();
      const { program, args, origin, version } = this.#server;
      log.info(`server ${version} (${origin}): ${[program, ...args].join(" ")}`);
      await this.#open(this.#server);
    } catch (error) {
      log.error(error instanceof Error ? error : String(error));
      await this.#disconnect();
      this.#become({ kind: "failed", message: describe(error) });
    }
  }

  async #open(server: Server): Promise<void> {
    const { connect, log, directory } = this.#with;
    const connection = connect({
      server,
      log,
      directory,
      onStatus: (status) => {
        this.#status = status;
        this.#reflect();
      },
      onWarming: (token, progress) => {
        this.#warming.update(token, progress);
        this.#reflect();
      },
      onEnded: () => void this.#ended(),
    });
    this.#connection = connection;
    checkProtocol(await connection.start(), server);
    this.#become({ kind: "warming" });
    this.#started.fire(server);
    this.#reflect();
  }

  /** The server ended, and nobody asked it to. */
  async #ended(): Promise<void> {
    await this.#disconnect();
    const delay = this.#backoff.ended();
    if (delay === undefined) {
      this.#become({ kind: "failed", message: vscode.l10n.t("The server keeps ending unexpectedly.") });
      return;
    }
    this.#with.log.warn(`the server ended unexpectedly; it is started again in ${delay / 1_000} s`);
    this.#become({ kind: "starting", message: vscode.l10n.t("The server ended unexpectedly and is started again.") });
    this.#retry = setTimeout(() => void this.#relaunch(), delay);
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#status = undefined;
    this.#warming.clear();
    await connection?.dispose();
  }

  /** Turns what the server says of itself into where it stands. */
  #reflect(): void {
    if (!isServing(this.#state) || !this.#status) return;
    const { health, quiescent, message } = this.#status;
    if (health !== "ok") this.#become({ kind: "degraded", message: message ?? health });
    else if (quiescent) this.#become({ kind: "ready" });
    else this.#become({ kind: "warming", ...this.#warming.report() });
  }

  #become(state: ServerState): void {
    if (isSameState(state, this.#state)) return;
    this.#state = state;
    this.#changed.fire(state);
  }

  #refusal(): string {
    const { kind } = this.#state;
    if (kind === "failed") return this.#state.message;
    if (kind === "starting" && this.#state.message !== undefined) return this.#state.message;
    if (kind === "noWorkspace") return vscode.l10n.t("No folder is open.");
    return vscode.l10n.t("The magnetar server is not running.");
  }
}

function checkProtocol(experimental: unknown, { version }: Server): void {
  const spoken = (experimental as { magnetar?: { protocolVersion?: number } } | undefined)?.magnetar?.protocolVersion;
  if (spoken === PROTOCOL_VERSION) return;
  throw new SetupError(
    vscode.l10n.t("Server {0} does not speak this extension's protocol.", version),
    vscode.l10n.t("Update magnetar, or leave the setting magnetar.server.path empty to use the bundled server."),
  );
}
