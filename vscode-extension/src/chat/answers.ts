/** The server's answers as text that a model reads. */

import { contextMarkdown } from "../panel/prompt";
import type { ContextResult, PredictResult, SearchResult } from "../protocol";
import { percent, sentence } from "../reasons";

type Path = (uri: string) => string;

const NAMED_LEFT_OUT = 10;

export function contextText(result: ContextResult, path: Path): string {
  if (!result.items.length) {
    return `Nothing in this workspace belongs to that question${stillIndexing(result)}. Try other words, such as names of files or identifiers.`;
  }
  const leftOut = result.dropped.filter(({ reason }) => reason === "budget").slice(0, NAMED_LEFT_OUT);
  const notes = [
    `${result.items.length} pieces, ${result.tokens} of ${result.tokenBudget} tokens${stillIndexing(result)}.`,
    ...result.dropped
      .filter(({ reason }) => reason !== "budget" && reason !== "excluded")
      .map(({ uri, reason }) => `Not shown: ${path(uri)} (${reason}).`),
    ...(leftOut.length ? [`Left out for lack of room: ${leftOut.map(({ uri }) => path(uri)).join(", ")}.`] : []),
  ];
  return `${contextMarkdown(result.items, path)}\n${notes.join("\n")}\n`;
}

export function searchText({ hits }: SearchResult, path: Path): string {
  if (!hits.length) return "Nothing was found. Try fewer or other words, or magnetar_context with a whole question.";
  return hits
    .map(({ uri, range, preview }) => `${path(uri)}:${range.start.line + 1}: ${preview.replace(/\s+/g, " ").trim()}`)
    .join("\n");
}

export function predictText({ predictions }: PredictResult, path: Path): string {
  if (!predictions.length) return "Nothing is known yet of what follows this file.";
  return predictions
    .map(({ uri, probability, reasons }) => `${path(uri)} – ${percent(probability)} (${sentence(reasons)})`)
    .join("\n");
}

function stillIndexing({ index }: ContextResult): string {
  return index.state === "warming" || index.state === "cold"
    ? ` (the workspace is still being indexed: ${index.indexedFiles} of ${index.files} files)`
    : "";
}
