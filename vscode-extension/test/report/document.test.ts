import { expect, test } from "vitest";

import { readExamination, reportDocument, type Findings } from "../../src/report/document";

const FINDINGS: Findings = {
  introduction: "Read it.",
  versions: { "VS Code": "1.101.0", extension: "0.1.0" },
  state: "degraded: redis://me:hunter2@host cannot be reached",
  settings: { cache: { redisUrl: "redis://me:hunter2@host/0" } },
  statistics: { process: { logFile: "/home/me/.cache/magnetar/logs/serve.jsonl" } },
  examination: {
    checks: [
      { name: "git", status: "warn", message: "git is not on PATH.", remedy: "Install git." },
      { name: "cache", status: "ok", message: "/home/me/.cache can be written.", remedy: "" },
    ],
    about: { python: "CPython 3.11.7" },
    logDirectory: "/home/me/.cache/magnetar/logs",
    log: ['{"time": "1", "message": "first"}', '{"time": "2", "message": "a fence ```` in it"}'],
  },
  home: "/home/me",
};

test("a report has versions, state, findings, settings, statistics and the log", () => {
  const text = reportDocument(FINDINGS);
  expect(text).toContain("- VS Code: 1.101.0\n- extension: 0.1.0\n- python: CPython 3.11.7");
  expect(text).toContain("- ! **git** git is not on PATH. _Install git._");
  expect(text).toContain("- ✓ **cache** ~/.cache can be written.");
  expect(text).toContain('"logFile": "~/.cache/magnetar/logs/serve.jsonl"');
  expect(text).toContain('{"time": "1", "message": "first"}');
});

test("no part of a report shows a password or the home", () => {
  const text = reportDocument(FINDINGS);
  expect(text).not.toContain("hunter2");
  expect(text).not.toContain("/home/me");
});

test("nothing that is quoted ends its fence", () => {
  const text = reportDocument(FINDINGS);
  expect(text).toContain("`````json\n{");
  expect(text.trimEnd().endsWith("`````")).toBe(true);
});

test("what could not be asked is told by the reason", () => {
  const text = reportDocument({ ...FINDINGS, statistics: "No folder is open.", examination: "There is no server." });
  expect(text).toContain("## What the doctor says\n\nThere is no server.");
  expect(text).toContain("## Statistics\n\nNo folder is open.");
  expect(text).toContain("## The end of the server's log\n\nThere is none.");
});

test("what the doctor complains of instead of examining is told", () => {
  const { examination } = FINDINGS;
  expect(readExamination(JSON.stringify(examination))).toEqual(examination);
  expect(readExamination("ModuleNotFoundError: attrs")).toBe("ModuleNotFoundError: attrs");
});
