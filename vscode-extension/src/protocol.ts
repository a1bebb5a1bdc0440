/**
 * The wire protocol of the server, mirrored once: every method with the types of its params and its result.
 *
 * Nothing is decided here. `tests/wire/*.json` holds one example of each message; the server's tests encode it, and
 * `test/wire` checks that it is what these types say, so neither side can move alone.
 */

import {
  NotificationType,
  RequestType,
  type DocumentUri,
  type Position,
  type ProgressToken,
  type Range,
  type SymbolKind,
  type TextDocumentIdentifier,
} from "vscode-languageserver-protocol";

export type { DocumentUri, Position, Range };

/** Changes only with the protocol itself; the server announces its own under `capabilities.experimental.magnetar`. */
export const PROTOCOL_VERSION = 1;

export type ItemKind = "file" | "outline" | "symbol" | "snippet";

export type Signal =
  | "focus"
  | "selection"
  | "recent"
  | "edited"
  | "predicted"
  | "mentioned"
  | "imports"
  | "importedBy"
  | "definition"
  | "reference"
  | "cochange"
  | "lexical"
  | "semantic"
  | "path"
  | "pinned";

export type DropReason =
  "budget" | "excluded" | "ignored" | "secret" | "binary" | "tooLarge" | "unreadable" | "outsideWorkspace" | "missing";

export type IndexState = "cold" | "warming" | "ready" | "degraded";

/** What every request of ours may carry. */
export interface WorkDone {
  workDoneToken?: ProgressToken;
}

/** Picks the folder where it cannot be told from a document. */
export interface InFolder {
  workspaceFolder?: DocumentUri;
}

export interface ContextParams extends WorkDone, InFolder {
  query?: string;
  /** The focused document, where left out. */
  textDocument?: TextDocumentIdentifier;
  position?: Position;
  selection?: Range;
  /** Hard: the sum of the items' tokens never exceeds it. */
  tokenBudget?: number;
  maxItems?: number;
  include?: ItemKind[];
  /** First in line, whole where they fit. */
  mustInclude?: DocumentUri[];
  /** Never served; the budget they leave is used for others. */
  exclude?: DocumentUri[];
  /** The same id is the same chat: what it holds unchanged comes back as `unchanged`. */
  conversationId?: string;
  deadlineMs?: number;
  /** Only looked at by the user: no conversation holds what it shows, and nothing is learned from it. */
  preview?: boolean;
  partialResultToken?: ProgressToken;
}

export interface Reason {
  signal: Signal;
  weight: number;
  detail?: string;
}

export interface ItemSymbol {
  name: string;
  kind: SymbolKind;
  range: Range;
}

export interface Item {
  uri: DocumentUri;
  kind: ItemKind;
  languageId: string;
  /** What of the document `content` shows, in order and disjoint. */
  ranges: Range[];
  /** The text at `ranges`; between two of them stands one line that is "⋯". */
  content: string;
  symbols?: ItemSymbol[];
  tokens: number;
  /** 0 to 1, comparable within one answer. */
  score: number;
  /** Strongest first, never empty. */
  reasons: Reason[];
  source: "buffer" | "disk";
  version?: number;
  /** Seconds since 1970. */
  mtime?: number;
  sha256: string;
  cached: boolean;
  /** The conversation holds it already: `content` is empty and `tokens` 0. */
  unchanged?: true;
}

export interface Dropped {
  uri: DocumentUri;
  reason: DropReason;
  score: number;
  tokens?: number;
}

export interface IndexStatus {
  state: IndexState;
  files: number;
  indexedFiles: number;
}

export interface ContextResult {
  /** In prompt order. */
  items: Item[];
  tokens: number;
  tokenBudget: number;
  /** What the conversation holds already, within the same budget. */
  heldTokens: number;
  /** Held by the conversation, but servable no more. */
  removed: DocumentUri[];
  dropped: Dropped[];
  lateSources: string[];
  index: IndexStatus;
  cache: { hits: number; misses: number };
  elapsedMs: number;
}

export interface CandidateSignal {
  signal: Signal;
  rank: number;
  weight: number;
}

export interface Candidate {
  uri: DocumentUri;
  score: number;
  signals: CandidateSignal[];
  chosen: boolean;
  reason: string;
}

export interface ExplainResult {
  candidates: Candidate[];
}

export interface PredictParams extends WorkDone {
  textDocument?: TextDocumentIdentifier;
  topK?: number;
}

export interface Prediction {
  uri: DocumentUri;
  probability: number;
  reasons: Reason[];
}

export interface PredictResult {
  predictions: Prediction[];
}

export interface PrefetchParams extends WorkDone {
  uris: DocumentUri[];
}

export interface PrefetchResult {
  prefetched: number;
  skipped: number;
  failed: { uri: DocumentUri; error: string }[];
}

export interface WarmParams extends WorkDone, InFolder {
  patterns?: string[];
}

export interface WarmResult {
  files: number;
  symbols: number;
  reused: number;
  skipped: { ignored: number; binary: number; tooLarge: number; secret: number; unreadable: number };
  elapsedMs: number;
}

export interface SearchParams extends WorkDone, InFolder {
  query: string;
  limit?: number;
}

export interface SearchHit {
  uri: DocumentUri;
  range: Range;
  score: number;
  preview: string;
  signals: Signal[];
}

export interface SearchResult {
  hits: SearchHit[];
  elapsedMs: number;
}

export interface SymbolsParams extends WorkDone, InFolder {
  textDocument?: TextDocumentIdentifier;
  query?: string;
  limit?: number;
}

export interface SymbolHit {
  name: string;
  kind: SymbolKind;
  containerName?: string;
  uri: DocumentUri;
  range: Range;
  selectionRange: Range;
  signature: string;
}

export interface SymbolsResult {
  symbols: SymbolHit[];
}

export interface StatsParams extends WorkDone, InFolder {}

export interface Tier {
  name: string;
  hits: number;
  misses: number;
  entries: number;
  sizeBytes: number;
}

export interface CacheStats {
  hits: number;
  misses: number;
  evictions: number;
  predictions: number;
  correctPredictions: number;
  size: number;
  sizeBytes: number;
  maxSize: number;
  maxSizeBytes: number;
  /** A percentage. */
  hitRate: number;
  /** A percentage. */
  predictionAccuracy: number;
  backend: string;
  tiers: Tier[];
}

export interface StatsResult {
  cache: CacheStats;
  /** `hitAt1` and `hitAt5` are percentages of `evaluated`. */
  prediction: { transitions: number; documents: number; hitAt1: number; hitAt5: number; evaluated: number };
  index: IndexStatus & { symbols: number; embeddings: number; sizeBytes: number };
  /** `logFile` is null where the server could write none. */
  process: { rssBytes: number; cpuSeconds: number; uptimeSeconds: number; logFile: string | null };
  watcher: { mode: string; pending: number };
}

export interface ClearParams extends WorkDone, InFolder {
  scope: "cache" | "model" | "all";
}

export interface ClearResult {
  entries: number;
}

export type Empty = Record<string, never>;

/** What `error.data` says of a request that was understood but cannot be done. */
export interface Failure {
  kind: "outsideWorkspace" | "noWorkspace" | "secretFile" | "backendUnavailable" | "notFound";
}

export const ContextRequest = new RequestType<ContextParams, ContextResult, Failure>("magnetar/context");
export const ExplainRequest = new RequestType<ContextParams, ExplainResult, Failure>("magnetar/explain");
export const PredictRequest = new RequestType<PredictParams, PredictResult, Failure>("magnetar/predict");
export const PrefetchRequest = new RequestType<PrefetchParams, PrefetchResult, Failure>("magnetar/prefetch");
export const WarmRequest = new RequestType<WarmParams, WarmResult, Failure>("magnetar/warm");
export const SearchRequest = new RequestType<SearchParams, SearchResult, Failure>("magnetar/search");
export const SymbolsRequest = new RequestType<SymbolsParams, SymbolsResult, Failure>("magnetar/symbols");
export const StatsRequest = new RequestType<StatsParams, StatsResult, Failure>("magnetar/stats");
export const ClearRequest = new RequestType<ClearParams, ClearResult, Failure>("magnetar/clear");
export const SynchronizeRequest = new RequestType<Empty, Empty, Failure>("magnetar/synchronize");

export interface FocusParams {
  /** Nothing is focused, where left out. */
  textDocument?: TextDocumentIdentifier;
  position?: Position;
}

export interface ServerStatus {
  health: "ok" | "warning" | "error";
  /** Warm, and nothing left to do. */
  quiescent: boolean;
  message?: string;
}

export const DidFocusNotification = new NotificationType<FocusParams>("textDocument/didFocus");
export const ServerStatusNotification = new NotificationType<ServerStatus>("experimental/serverStatus");
