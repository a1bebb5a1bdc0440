/**
 * One connection to one server process: the language client, told what to announce, what to synchronise and where to
 * log. It never restarts by itself; that is decided in `supervisor.ts`.
 */

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type ClientCapabilities,
  type LanguageClientOptions,
  type StaticFeature,
} from "vscode-languageclient/node";
import type {
  NotificationType,
  ProgressToken,
  RequestParam,
  RequestType,
  WorkDoneProgressBegin,
  WorkDoneProgressEnd,
  WorkDoneProgressReport,
} from "vscode-languageserver-protocol";

import { DidFocusNotification, ServerStatusNotification, type ServerStatus } from "../protocol";
import { SECTION, serverSettings } from "../settings";
import { OpenDocuments } from "../signals/documents";
import type { Server } from "./discovery";
import { describe } from "./failure";

export type Progress = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

const WARMING = "magnetar/warming/";

export interface ConnectionOptions {
  server: Server;
  log: vscode.LogOutputChannel;
  /** Where the process runs: not inside the workspace. */
  directory: string;
  onStatus: (status: ServerStatus) => void;
  /** A folder's indexing moved on. */
  onWarming: (token: ProgressToken, progress: Progress) => void;
  /** The server ended by itself, once it had started. */
  onEnded: () => void;
}

export interface Connection {
  /** Starts the server, and returns what it announces under `capabilities.experimental`. */
  start(): Promise<unknown>;
  request<P, R, E>(
    type: RequestType<P, R, E>,
    params: NoInfer<RequestParam<P>>,
    token?: vscode.CancellationToken,
  ): Promise<R>;
  notify<P>(type: NotificationType<P>, params: NoInfer<RequestParam<P>>): Promise<void>;
  /** Ends the server; `onEnded` is not called for it. */
  dispose(): Promise<void>;
}

export function connect(options: ConnectionOptions): Connection {
  const { server, log, directory, onStatus, onEnded } = options;
  const documents = new OpenDocuments((error) => {
    log.error("documents:", describe(error));
  });
  const client = new LanguageClient(
    SECTION,
    "Magnetar",
    { command: server.program, args: [...server.args, "serve"], options: { cwd: directory } },
    clientOptions(options, documents),
  );
  client.registerFeature(announcement);
  client.onNotification(ServerStatusNotification, onStatus);
  let disposed = false;
  return {
    async start() {
      await client.start();
      client.onDidChangeState(({ newState }) => {
        if (newState === State.Stopped && !disposed) onEnded();
      });
      return client.initializeResult?.capabilities.experimental as unknown;
    },
    request: (type, params, token) => client.sendRequest(type, params, token),
    notify: (type, params) => client.sendNotification(type, params),
    async dispose() {
      disposed = true;
      documents.dispose();
      await client.dispose().catch((error: unknown) => {
        log.warn("stopping the server:", describe(error));
      });
    },
  };
}

function clientOptions({ log, onWarming }: ConnectionOptions, documents: OpenDocuments): LanguageClientOptions {
  return {
    documentSelector: [{ scheme: "file" }],
    initializationOptions: serverSettings,
    outputChannel: log,
    traceOutputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    // Whether and when a server that ended is started again is decided by the supervisor.
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
    initializationFailedHandler: () => false,
    middleware: {
      ...documents.middleware,
      handleWorkDoneProgress: (token, params, next) => {
        // Shown in our own status bar item, as a percentage, rather than by a second spinner beside it.
        if (typeof token === "string" && token.startsWith(WARMING)) onWarming(token, params);
        else next(token, params);
      },
    },
  };
}

/** Tells the server that focus is signalled, so that documents opened in the background are no navigation. */
const announcement: StaticFeature = {
  fillClientCapabilities(capabilities: ClientCapabilities) {
    capabilities.experimental = {
      ...(capabilities.experimental as object | undefined),
      [DidFocusNotification.method]: { supported: true },
      [ServerStatusNotification.method]: { supported: true },
    };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};
