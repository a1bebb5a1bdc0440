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
  type ClientCapabilities,
  type LanguageClientOptions,
  type StaticFeature,
} from "vscode-languageclient/node";
import type {
  ProgressToken,
  WorkDoneProgressBegin,
  WorkDoneProgressEnd,
  WorkDoneProgressReport,
} from "vscode-languageserver-protocol";

import { DidFocusNotification, ServerStatusNotification } from "../protocol";
import { SECTION, serverSettings } from "../settings";
import { OpenDocuments } from "../signals/documents";
import type { Server } from "./discovery";

export type Progress = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

const WARMING = "magnetar/warming/";

export interface ConnectionOptions {
  server: Server;
  log: vscode.LogOutputChannel;
  /** Where the process runs: not inside the workspace. */
  directory: string;
  /** A folder's indexing moved on. */
  onWarming: (token: ProgressToken, progress: Progress) => void;
}

export interface Connection {
  client: LanguageClient;
  dispose(): Promise<void>;
}

export function connect({ server, log, directory, onWarming }: ConnectionOptions): Connection {
  const documents = new OpenDocuments((error) => {
    log.error("documents:", error instanceof Error ? error.message : String(error));
  });
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file" }],
    initializationOptions: serverSettings,
    outputChannel: log,
    traceOutputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
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
  const client = new LanguageClient(
    SECTION,
    "Magnetar",
    { command: server.program, args: [...server.args, "serve"], options: { cwd: directory } },
    options,
  );
  client.registerFeature(announcement);
  return {
    client,
    async dispose() {
      documents.dispose();
      await client.dispose().catch((error: unknown) => {
        log.warn("stopping the server:", error instanceof Error ? error.message : String(error));
      });
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
