// @ts-check
/** Draws a `magnetar/context` result for a person: what is in the answer and why, what is not, and how full it is. */

import { clip, clipPath, count, duration } from "./terminal.mjs";

const SHOWN_DROPPED = 5;
const SHOWN_IN_FULL = 6;
const TOKENS_WIDTH = 14;
const REASONS_WIDTH = 30;
const BAR_WIDTH = 32;
const NARROW_BAR_WIDTH = 12;
const SCORE_WIDTH = 8;

const WORDS_OF_SIGNAL = /** @type {Record<string, string>} */ ({
  importedBy: "imported by",
  cochange: "changes together",
  path: "nearby",
});

const WORDS_OF_REASON = /** @type {Record<string, string>} */ ({
  budget: "no room in the budget",
  excluded: "excluded",
  ignored: "ignored",
  secret: "secret",
  binary: "binary",
  tooLarge: "too large",
  unreadable: "unreadable",
  outsideWorkspace: "outside the workspace",
  missing: "missing",
});

/** @typedef {import("./terminal.mjs").Paint} Paint */
/** @typedef {{paint: Paint, width: number, relative: (uri: string) => string, now: number}} View */

/**
 * @param {any} answer
 * @param {View} view
 * @returns {string[]} lines
 */
export function drawAnswer(answer, view) {
  const best = Math.max(...answer.items.map((/** @type {any} */ item) => item.score), Number.EPSILON);
  const full = answer.items.slice(0, SHOWN_IN_FULL).flatMap((/** @type {any} */ item, /** @type {number} */ index) => [
    ...drawItem(item, index + 1, best, view),
    "",
  ]);
  const brief = answer.items
    .slice(SHOWN_IN_FULL)
    .map((/** @type {any} */ item, /** @type {number} */ index) => drawBriefly(item, SHOWN_IN_FULL + index + 1, view));
  const late = answer.lateSources.length
    ? [`  ${view.paint(`Late, so left out: ${answer.lateSources.join(", ")}`, "yellow")}`, ""]
    : [];
  return [
    drawBudget(answer, view),
    "",
    ...full,
    ...brief,
    ...(brief.length ? [""] : []),
    ...late,
    ...drawDropped(answer.dropped, view),
  ];
}

/**
 * @param {any} answer
 * @param {View} view
 */
function drawBudget({ tokens, tokenBudget, items }, { paint, width }) {
  const length = width < 80 ? NARROW_BAR_WIDTH : BAR_WIDTH;
  const filled = Math.min(Math.ceil((tokens / tokenBudget) * length), length);
  const bar = paint("━".repeat(filled), "magenta") + paint("━".repeat(length - filled), "dim");
  const pieces = `${count(items.length)} ${items.length === 1 ? "piece" : "pieces"}`;
  return `  ${bar}  ${paint(count(tokens), "bold")} of ${count(tokenBudget)} tokens in ${pieces}`;
}

/**
 * Three lines: what it is and costs, why it is here, and where its text comes from.
 * @param {any} item
 * @param {number} number
 * @param {number} best the highest score of the answer
 * @param {View} view
 */
function drawItem(item, number, best, view) {
  const { paint, width, now } = view;
  const share = Math.round((item.score / best) * SCORE_WIDTH);
  const right = `${tokensOf(item)}  ${paint("■".repeat(share), "magenta")}${"·".repeat(SCORE_WIDTH - share)}`;
  const room = width - 6 - TOKENS_WIDTH - SCORE_WIDTH - 3;
  const shown = item.kind === "file" ? "whole file" : `${item.kind}, ${linesOf(item.ranges)}`;
  return [
    `  ${paint(String(number).padStart(2), "cyan")}  ${drawPath(item, room, view)} ${right}`,
    ...wrap(item.reasons.map(wordsOf), width - 6).map((line) => `      ${paint(line, "green")}`),
    ...wrap([shown, ...freshness(item, now)], width - 6).map((line) => `      ${paint(line, "dim")}`),
  ];
}

/**
 * One line: what it is, its strongest reasons, and what it costs.
 * @param {any} item
 * @param {number} number
 * @param {View} view
 */
function drawBriefly(item, number, view) {
  const { paint, width } = view;
  const room = width - 6 - TOKENS_WIDTH - REASONS_WIDTH - 3;
  const reasons = clip(item.reasons.map((/** @type {any} */ reason) => reason.signal).join(", "), REASONS_WIDTH);
  return `  ${paint(String(number).padStart(2), "cyan")}  ${drawPath(item, room, view)} ${paint(reasons.padEnd(REASONS_WIDTH), "green")} ${tokensOf(item)}`;
}

/**
 * A path in a column of its own, its file's name bold.
 * @param {any} item
 * @param {number} room
 * @param {View} view
 */
function drawPath(item, room, { paint, relative }) {
  const path = clipPath(relative(item.uri), room);
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return `${paint(folder, "dim")}${paint(path.slice(folder.length), "bold")}${" ".repeat(room - path.length)}`;
}

/** @param {{tokens: number}} item */
function tokensOf({ tokens }) {
  return `${count(tokens)} tokens`.padStart(TOKENS_WIDTH);
}

/** @param {{signal: string, detail?: string}} reason */
function wordsOf({ signal, detail }) {
  const words = WORDS_OF_SIGNAL[signal] ?? signal;
  return detail ? `${words} (${detail})` : words;
}

/**
 * Joins phrases with dots into lines no wider than `width`.
 * @param {string[]} phrases
 * @param {number} width
 */
export function wrap(phrases, width) {
  /** @type {string[]} */
  const lines = [];
  for (const phrase of phrases) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + phrase.length <= width) lines[lines.length - 1] = `${last} · ${phrase}`;
    else lines.push(clip(phrase, width));
  }
  return lines;
}

/** @param {any[]} ranges */
function linesOf(ranges) {
  const spans = ranges.map(({ start, end }) => {
    const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
    return last > start.line + 1 ? `${start.line + 1}–${last}` : `${start.line + 1}`;
  });
  return `${spans.length === 1 && !spans[0].includes("–") ? "line" : "lines"} ${spans.join(", ")}`;
}

/**
 * Where the text comes from and how old it is: what makes it checkable that nothing stale was served.
 * @param {any} item
 * @param {number} now milliseconds
 */
function freshness({ source, version, mtime, sha256, cached }, now) {
  const from = source === "buffer" ? `buffer, version ${version}` : "disk";
  const age = mtime === undefined || mtime === null ? "" : `, changed ${ago(now / 1_000 - mtime)}`;
  return [`${from}${age}`, `sha256 ${sha256.slice(0, 8)}`, cached ? "cached, verified" : "read now"];
}

/** @param {number} seconds */
export function ago(seconds) {
  if (seconds < 60) return "just now";
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${count(Math.floor(seconds / 86_400))} days ago`;
}

/**
 * @param {any[]} dropped
 * @param {View} view
 */
function drawDropped(dropped, { paint, width, relative }) {
  if (!dropped.length) return [`  ${paint("Nothing was left out.", "dim")}`];
  /** @type {Map<string, number>} */
  const reasons = new Map();
  for (const { reason } of dropped) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const summary = [...reasons].map(([reason, number]) => `${number} ${WORDS_OF_REASON[reason] ?? reason}`).join(", ");
  const rows = dropped.slice(0, SHOWN_DROPPED).map(({ uri, reason, score, tokens }) => {
    const right = `${tokens === undefined ? "" : `${count(tokens)} tokens  `}${score.toFixed(2)}  ${WORDS_OF_REASON[reason] ?? reason}`;
    const room = width - 6 - right.length - 2;
    return `      ${paint(`${clipPath(relative(uri), room).padEnd(room)}  ${right}`, "dim")}`;
  });
  const more = dropped.length - rows.length;
  return [
    `  ${paint("Left out", "bold")}  ${summary}`,
    ...rows,
    ...(more > 0 ? [`      ${paint(`and ${more} more`, "dim")}`] : []),
  ];
}

/**
 * @param {[string, number, string?][]} times title, milliseconds, remark
 * @param {View} view
 */
export function drawTimes(times, { paint }) {
  return times.map(
    ([title, milliseconds, remark]) =>
      `  ${paint(title.padEnd(16), "bold")}${duration(milliseconds).padStart(9)}${remark ? paint(`   ${remark}`, "dim") : ""}`,
  );
}
