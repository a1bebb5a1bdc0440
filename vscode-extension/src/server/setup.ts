/** Shows the making of the bundled server's environment, which happens once for each version and can be cancelled. */

import * as vscode from "vscode";

import { serverPython } from "../settings";
import type { Audience, Building } from "./environment";
import { SetupError } from "./failure";
import { workspaceInterpreters } from "./interpreter";
import { findPython } from "./python";

export function building(log: vscode.LogOutputChannel): Building {
  return {
    // An interpreter of the workspace is run only where the workspace is trusted.
    findPython: async () => findPython(serverPython(), vscode.workspace.isTrusted ? await workspaceInterpreters() : []),
    show: (build) => show(build, log),
  };
}

async function show<T>(build: (audience: Audience) => Promise<T>, log: vscode.LogOutputChannel): Promise<T> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t("Magnetar: setting up the server"),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    const cancelled = new AbortController();
    token.onCancellationRequested(() => {
      cancelled.abort();
    });
    let step = "";
    try {
      return await build({
        signal: cancelled.signal,
        onStep(text) {
          log.info(text);
          step = text;
          progress.report({ message: text });
        },
        onLine(line) {
          log.debug(line);
          const name = packageIn(line);
          if (name !== undefined) progress.report({ message: `${step} (${name})` });
        },
      });
    } catch (error) {
      if (!cancelled.signal.aborted) throw error;
      throw new SetupError(
        vscode.l10n.t("Setting up the server was cancelled."),
        vscode.l10n.t("Run “Magnetar: Restart the Server” to begin again."),
        { cause: error },
      );
    }
  });
}

/** The package that a line of pip's is about, such as "numpy" of "Downloading numpy-2.1.0-cp311-….whl (16 MB)". */
export function packageIn(line: string): string | undefined {
  const named = /^\s*(?:Collecting|Downloading|Using cached) (\S+)/.exec(line)?.[1];
  return named && /^[A-Za-z0-9._-]+?(?=-\d|[^A-Za-z0-9._-]|$)/.exec(named.split("/").at(-1) ?? "")?.[0];
}
