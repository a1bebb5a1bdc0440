/** A report as one Markdown document, which the user reads before anybody else does. */

import { redacted, redactedValue } from "./redaction";

/** What `magnetar doctor --json` prints. */
export interface Examination {
  checks: { name: string; status: string; message: string; remedy: string }[];
  about: Record<string, string>;
  logDirectory: string;
  /** The latest lines of the server's log files, oldest first. */
  log: string[];
}

/** What the doctor printed; its own words where that is no JSON, since it could not examine anything. */
export function readExamination(printed: string): Examination | string {
  try {
    return JSON.parse(printed) as Examination;
  } catch {
    return printed;
  }
}

export interface Findings {
  /** What is said above everything, to the user. */
  introduction: string;
  versions: Record<string, string>;
  /** Where the server stands, in words. */
  state: string;
  settings: unknown;
  /** What could not be asked is told by the reason. */
  statistics: unknown;
  examination: Examination | string;
  home: string;
}

const MARKS: Record<string, string> = { ok: "✓", warn: "!", fail: "✗" };

export function reportDocument(findings: Findings): string {
  const { introduction, versions, state, settings, statistics, examination, home } = findings;
  const asked = typeof examination === "string" ? undefined : examination;
  const text = [
    "# A problem with Magnetar",
    `> ${introduction}`,
    "## What happened\n\n\n\n## What I expected\n\n",
    "## Versions",
    list({ ...versions, ...asked?.about }),
    "## The server",
    state,
    "## What the doctor says",
    asked ? asked.checks.map(finding).join("\n") : (examination as string),
    "## Settings",
    json(settings, home),
    "## Statistics",
    typeof statistics === "string" ? statistics : json(statistics, home),
    "## The end of the server's log",
    asked?.log.length ? fenced(asked.log.join("\n"), "json") : "There is none.",
  ].join("\n\n");
  return `${redacted(text, home)}\n`;
}

function list(entries: Record<string, string>): string {
  return Object.entries(entries)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join("\n");
}

function finding({ name, status, message, remedy }: Examination["checks"][number]): string {
  return `- ${MARKS[status] ?? status} **${name}** ${message}${remedy ? ` _${remedy}_` : ""}`;
}

function json(value: unknown, home: string): string {
  return fenced(JSON.stringify(redactedValue(value, home), undefined, 2), "json");
}

/** In a fence that is longer than any within, so that nothing quoted ends it. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
