/** What the panel and the statistics page are given of the extension around them. */

import type * as vscode from "vscode";

import type { PanelHost } from "./panel";
import {
  ContextRequest,
  ExplainRequest,
  PredictRequest,
  SearchRequest,
  StatsRequest,
  SymbolsRequest,
} from "./protocol";
import type { Supervisor } from "./server/supervisor";

export function panelHost(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  supervisor: Supervisor,
): PanelHost {
  return {
    context,
    log,
    server: {
      context: (params, token) => supervisor.request(ContextRequest, params, token),
      explain: (params, token) => supervisor.request(ExplainRequest, params, token),
      predict: (params, token) => supervisor.request(PredictRequest, params, token),
      search: (params, token) => supervisor.request(SearchRequest, params, token),
      symbols: (params, token) => supervisor.request(SymbolsRequest, params, token),
      stats: (params, token) => supervisor.request(StatsRequest, params, token),
    },
    get state() {
      return supervisor.state;
    },
    onDidChangeState: supervisor.onDidChangeState,
  };
}
