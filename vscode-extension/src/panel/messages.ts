/**
 * Everything the extension and its pages say to each other, as schemas: the types are read off them, and both sides
 * check what comes in. Shared by the extension's host and the webview, so nothing here knows either.
 */

import * as v from "valibot";

import { FAILURES } from "../models/failure";

const Count = v.pipe(v.number(), v.minValue(0));
const Position = v.object({ line: Count, character: Count });
const Range = v.object({ start: Position, end: Position });
const Uri = v.string();

const Signal = v.picklist([
  "focus",
  "selection",
  "recent",
  "edited",
  "predicted",
  "mentioned",
  "imports",
  "importedBy",
  "definition",
  "reference",
  "cochange",
  "lexical",
  "semantic",
  "path",
  "pinned",
]);
const DropReason = v.picklist([
  "budget",
  "excluded",
  "ignored",
  "secret",
  "binary",
  "tooLarge",
  "unreadable",
  "outsideWorkspace",
  "missing",
]);
const IndexStatus = v.object({
  state: v.picklist(["cold", "warming", "ready", "degraded"]),
  files: Count,
  indexedFiles: Count,
});
const File = v.object({ uri: Uri, name: v.string(), directory: v.string() });
const Reason = v.object({ signal: Signal, weight: v.number(), detail: v.optional(v.string()) });

const LedgerItem = v.object({
  ...File.entries,
  /** Tells the item from all others of its ledger. */
  key: v.string(),
  kind: v.picklist(["file", "outline", "symbol", "snippet"]),
  ranges: v.array(Range),
  tokens: Count,
  score: v.number(),
  reasons: v.array(Reason),
  symbols: v.array(v.string()),
  /** Read from an unsaved editor, from disk, or from a document that has changed since. */
  freshness: v.picklist(["buffer", "disk", "changed"]),
  /** The conversation holds it already, so it is not sent again. */
  held: v.boolean(),
  pinned: v.boolean(),
});
const LeftOut = v.object({ ...File.entries, reason: DropReason, score: v.number(), tokens: v.optional(Count) });
const Ledger = v.object({
  items: v.array(LedgerItem),
  leftOut: v.array(LeftOut),
  excluded: v.array(File),
  tokens: Count,
  heldTokens: Count,
  tokenBudget: Count,
  lateSources: v.array(v.string()),
  index: IndexStatus,
  elapsedMs: Count,
  /** What the context is about, beside the question. */
  scope: v.optional(v.object({ ...File.entries, selection: v.optional(Range) })),
});

export const FailureView = v.object({
  kind: v.picklist(FAILURES),
  subject: v.optional(v.string()),
  detail: v.optional(v.string()),
});

const TURN_STATES = ["gathering", "waiting", "streaming", "done", "stopped", "failed"] as const;
const SentFile = v.object({ ...File.entries, ranges: v.array(Range), tokens: Count, held: v.boolean() });
export const TurnView = v.object({
  id: v.string(),
  question: v.string(),
  answer: v.string(),
  state: v.picklist(TURN_STATES),
  failure: v.optional(FailureView),
  model: v.optional(v.string()),
  sent: v.array(SentFile),
  tokens: Count,
});
const ChatView = v.object({ id: v.string(), turns: v.array(TurnView) });
const ChatSummary = v.object({ id: v.string(), title: v.string(), turns: Count, changedAt: Count });

const Server = v.variant("kind", [
  v.object({ kind: v.picklist(["noWorkspace", "ready", "off"]) }),
  v.object({ kind: v.literal("starting"), message: v.optional(v.string()) }),
  v.object({ kind: v.literal("warming"), percentage: v.optional(Count), message: v.optional(v.string()) }),
  v.object({ kind: v.picklist(["degraded", "failed"]), message: v.string() }),
]);
const Model = v.variant("kind", [
  v.object({ kind: v.literal("none") }),
  v.object({ kind: v.literal("model"), label: v.string() }),
  v.object({ kind: v.literal("failed"), failure: FailureView }),
]);

const Completion = v.object({
  /** What is put into the question. */
  insert: v.string(),
  label: v.string(),
  detail: v.string(),
  /** A codicon's name. */
  icon: v.string(),
  uri: v.optional(Uri),
});

export const Sample = v.object({
  at: Count,
  hits: Count,
  misses: Count,
  hitRate: v.number(),
  predictionAccuracy: v.number(),
  hitAt1: v.number(),
  hitAt5: v.number(),
  rssBytes: Count,
  cpuSeconds: Count,
  uptimeSeconds: Count,
});
export const Statistics = v.object({
  cache: v.object({
    hits: Count,
    misses: Count,
    evictions: Count,
    size: Count,
    sizeBytes: Count,
    maxSize: Count,
    maxSizeBytes: Count,
    hitRate: v.number(),
    predictionAccuracy: v.number(),
    predictions: Count,
    correctPredictions: Count,
    backend: v.string(),
    tiers: v.array(v.object({ name: v.string(), hits: Count, misses: Count, entries: Count, sizeBytes: Count })),
  }),
  prediction: v.object({
    transitions: Count,
    documents: Count,
    hitAt1: v.number(),
    hitAt5: v.number(),
    evaluated: Count,
  }),
  index: v.object({ ...IndexStatus.entries, symbols: Count, embeddings: Count, sizeBytes: Count }),
  process: v.object({ rssBytes: Count, cpuSeconds: Count, uptimeSeconds: Count }),
  watcher: v.object({ mode: v.string(), pending: Count }),
});

/** To the pages. */
const ToPage = v.variant("type", [
  v.object({ type: v.literal("setup"), l10n: v.record(v.string(), v.string()) }),
  v.object({ type: v.literal("server"), server: Server }),
  v.object({ type: v.literal("model"), model: Model }),
  /** The next question's settings, and its text where the extension sets it. */
  v.object({ type: v.literal("draft"), tokenBudget: Count, question: v.optional(v.string()) }),
  v.object({ type: v.literal("gathering") }),
  v.object({ type: v.literal("ledger"), ledger: Ledger }),
  v.object({ type: v.literal("ledgerFailed"), message: v.string() }),
  v.object({ type: v.literal("preview"), key: v.string(), content: v.string(), languageId: v.string() }),
  v.object({ type: v.literal("chat"), chat: ChatView }),
  v.object({ type: v.literal("turn"), turn: TurnView }),
  /** More of an answer. */
  v.object({ type: v.literal("text"), turn: v.string(), text: v.string() }),
  v.object({ type: v.literal("chats"), chats: v.array(ChatSummary), current: v.string() }),
  v.object({ type: v.literal("completions"), request: Count, completions: v.array(Completion) }),
  v.object({ type: v.literal("focus") }),
  v.object({ type: v.literal("statistics"), statistics: Statistics, samples: v.array(Sample) }),
  v.object({ type: v.literal("statisticsFailed"), message: v.string() }),
]);

const Format = v.picklist(["markdown", "json"]);
const COMMANDS = ["pickModel", "setApiKey", "openModelSettings", "showLog", "restart", "openFolder"] as const;

/** From the pages. */
const ToHost = v.variant("type", [
  v.object({ type: v.literal("ready") }),
  v.object({ type: v.literal("ask"), question: v.string(), mentions: v.array(Uri) }),
  v.object({ type: v.literal("question"), question: v.string(), mentions: v.array(Uri) }),
  v.object({ type: v.literal("budget"), tokenBudget: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  v.object({ type: v.literal("refresh") }),
  v.object({ type: v.literal("pin"), uri: Uri, on: v.boolean() }),
  v.object({ type: v.literal("exclude"), uri: Uri, on: v.boolean() }),
  v.object({ type: v.literal("open"), uri: Uri, range: v.optional(Range) }),
  v.object({ type: v.literal("preview"), key: v.string() }),
  v.object({ type: v.literal("copyContext"), format: Format }),
  v.object({ type: v.literal("copyText"), text: v.string() }),
  v.object({ type: v.literal("insertText"), text: v.string() }),
  v.object({ type: v.literal("stop") }),
  v.object({ type: v.literal("retry") }),
  v.object({ type: v.literal("newChat") }),
  v.object({ type: v.literal("openChat"), id: v.string() }),
  v.object({ type: v.literal("deleteChat"), id: v.string() }),
  v.object({
    type: v.literal("complete"),
    request: Count,
    kind: v.picklist(["file", "symbol"]),
    prefix: v.string(),
  }),
  v.object({ type: v.literal("command"), command: v.picklist(COMMANDS) }),
]);

export type LedgerItem = v.InferOutput<typeof LedgerItem>;
export type LeftOut = v.InferOutput<typeof LeftOut>;
export type Ledger = v.InferOutput<typeof Ledger>;
export type FileView = v.InferOutput<typeof File>;
export type RangeView = v.InferOutput<typeof Range>;
export type ReasonView = v.InferOutput<typeof Reason>;
export type FailureView = v.InferOutput<typeof FailureView>;
export type SentFile = v.InferOutput<typeof SentFile>;
export type TurnView = v.InferOutput<typeof TurnView>;
export type ChatView = v.InferOutput<typeof ChatView>;
export type ChatSummary = v.InferOutput<typeof ChatSummary>;
export type Server = v.InferOutput<typeof Server>;
export type Model = v.InferOutput<typeof Model>;
export type Completion = v.InferOutput<typeof Completion>;
export type Sample = v.InferOutput<typeof Sample>;
export type Statistics = v.InferOutput<typeof Statistics>;
export type ToPage = v.InferOutput<typeof ToPage>;
export type ToHost = v.InferOutput<typeof ToHost>;
export type CopyFormat = v.InferOutput<typeof Format>;
export type PanelCommand = (typeof COMMANDS)[number];

/** A message as the page sent it; undefined where it is none of ours. */
export function readToHost(message: unknown): ToHost | undefined {
  const read = v.safeParse(ToHost, message);
  return read.success ? read.output : undefined;
}

/** A message as the extension sent it; undefined where it is none of ours. */
export function readToPage(message: unknown): ToPage | undefined {
  const read = v.safeParse(ToPage, message);
  return read.success ? read.output : undefined;
}
