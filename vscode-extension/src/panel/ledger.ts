/** The server's answer to a context request as the panel shows it. */

import type { ContextResult, Item, Range } from "../protocol";
import type { Ledger, LedgerItem } from "./messages";
import { fileView } from "./names";

/** What the ledger says beyond the answer itself. */
export interface Surroundings {
  readonly pinned: ReadonlySet<string>;
  readonly excluded: Iterable<string>;
  /** Documents that changed after the answer was built, or whose lines the conversation holds in an older state. */
  readonly changed: ReadonlySet<string>;
  /** Tokens of what the conversation holds, by `itemKey`: the answer gives 0 for those. */
  readonly heldTokens: ReadonlyMap<string, number>;
  readonly scope: { readonly uri: string; readonly selection?: Range } | undefined;
  /** The path of a document as a person would write it. */
  readonly path: (uri: string) => string;
}

/** The same lines of the same document have the same key, in this answer and in the next. */
export function itemKey({ uri, kind, ranges }: Pick<Item, "uri" | "kind" | "ranges">): string {
  const lines = ranges.map(({ start, end }) => `${start.line}:${start.character}-${end.line}:${end.character}`);
  return `${uri}#${kind}#${lines.join(",")}`;
}

export function ledgerOf(result: ContextResult, surroundings: Surroundings): Ledger {
  const { scope, path } = surroundings;
  return {
    items: result.items.map((item) => ledgerItem(item, surroundings)),
    // What the user excluded is listed apart, with the way back.
    leftOut: result.dropped
      .filter(({ reason }) => reason !== "excluded")
      .map(({ uri, reason, score, tokens }) => ({
        ...fileView(uri, path(uri)),
        reason,
        score,
        ...(tokens === undefined ? {} : { tokens }),
      })),
    excluded: Array.from(surroundings.excluded, (uri) => fileView(uri, path(uri))),
    tokens: result.tokens,
    heldTokens: result.heldTokens,
    tokenBudget: result.tokenBudget,
    lateSources: result.lateSources,
    index: result.index,
    elapsedMs: result.elapsedMs,
    ...(scope === undefined
      ? {}
      : {
          scope: {
            ...fileView(scope.uri, path(scope.uri)),
            ...(scope.selection === undefined ? {} : { selection: scope.selection }),
          },
        }),
  };
}

function ledgerItem(item: Item, surroundings: Surroundings): LedgerItem {
  const { uri, kind, ranges, score, source } = item;
  const key = itemKey(item);
  const held = item.unchanged === true;
  return {
    ...fileView(uri, surroundings.path(uri)),
    key,
    kind,
    ranges,
    tokens: held ? (surroundings.heldTokens.get(key) ?? 0) : item.tokens,
    score,
    reasons: item.reasons,
    symbols: (item.symbols ?? []).map((symbol) => symbol.name),
    freshness: surroundings.changed.has(uri) ? "changed" : source,
    held,
    pinned: surroundings.pinned.has(uri),
  };
}
