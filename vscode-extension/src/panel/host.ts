import type * as vscode from "vscode";

import type {
  ContextParams,
  ContextResult,
  ExplainResult,
  PredictParams,
  PredictResult,
  SearchParams,
  SearchResult,
  StatsParams,
  StatsResult,
  SymbolsParams,
  SymbolsResult,
} from "../protocol";
import type { ServerState } from "../server/state";

export type { ServerState };

/** The requests the panel makes; each is cancelled by its token and fails with the server's own message. */
export interface ServerRequests {
  context(params: ContextParams, token?: vscode.CancellationToken): Promise<ContextResult>;
  explain(params: ContextParams, token?: vscode.CancellationToken): Promise<ExplainResult>;
  predict(params: PredictParams, token?: vscode.CancellationToken): Promise<PredictResult>;
  search(params: SearchParams, token?: vscode.CancellationToken): Promise<SearchResult>;
  symbols(params: SymbolsParams, token?: vscode.CancellationToken): Promise<SymbolsResult>;
  stats(params: StatsParams, token?: vscode.CancellationToken): Promise<StatsResult>;
}

/** All that the panel and the statistics page know of the extension around them. */
export interface PanelHost {
  readonly context: vscode.ExtensionContext;
  /** Never given file contents, questions or keys. */
  readonly log: vscode.LogOutputChannel;
  readonly server: ServerRequests;
  readonly state: ServerState;
  readonly onDidChangeState: vscode.Event<ServerState>;
}
