import { expect, test } from "vitest";

import { redacted, redactedValue } from "../../src/report/redaction";

const HOME = "/home/me";

test.each([
  ["redis://me:hunter2@host:6379/0", "redis://[removed]@host:6379/0"],
  ["at https://models.example/v1?key=hunter2hunter2 and on", "at https://models.example/v1 and on"],
  ["Authorization: Bearer abc.def-ghi", "Authorization: Bearer [removed]"],
  ['{"apiKey": "hunter2hunter2"}', '{"apiKey": "[removed]"}'],
  ["OPENAI_API_KEY=hunter2hunter2 run", "OPENAI_API_KEY=[removed] run"],
  ["password: hunter2hunter2", "password: [removed]"],
  ["it said sk-abcdefghijklmnop1234 and left", "it said [removed] and left"],
  [`pushed with ghp_${"a1".repeat(18)}.`, "pushed with [removed]."],
])("takes secrets out of %s", (text, kept) => {
  expect(redacted(text, HOME)).toBe(kept);
});

test.each(["p@ss", "pa/ss", "/@", `p'a"ss`, "a?b#c", "a://b"])(
  "takes a password out of a URL whole that should have been encoded: %s",
  (password) => {
    expect(redacted(`at redis://me:${password}@host:1/0 and on`, HOME)).toBe("at redis://[removed]@host:1/0 and on");
  },
);

test.each([
  ["/home/me/src/a.py", "~/src/a.py"],
  ["file:///home/me/src, and /home/me.", "file://~/src, and ~."],
  ["/home/me-too/a", "/home/me-too/a"],
  ["/mnt/home/me/a", "/mnt/home/me/a"],
])("writes ~ for the home in %s", (text, kept) => {
  expect(redacted(text, HOME)).toBe(kept);
});

test.each([String.raw`C:\Users\Me\a`, String.raw`c:\users\me\a`, String.raw`"C:\\Users\\Me\\a"`, "C:/Users/Me/a"])(
  "writes ~ for a home on Windows in %s",
  (text) => {
    expect(redacted(text, String.raw`C:\Users\Me`)).toMatch(/^"?~/);
  },
);

test.each([
  '{"tokenBudget": 8192, "secretScan": true}',
  "8,192 tokens: 4",
  "token_budget: 1000000",
  "see http://127.0.0.1:11434/v1",
  "mail me@example.com",
  "file:///w/node_modules/@types/a.ts",
])("keeps %s", (text) => {
  expect(redacted(text, HOME)).toBe(text);
});

test("a home that is the root, or unknown, is no home", () => {
  expect(redacted("/a/b", "/")).toBe("/a/b");
  expect(redacted("/a/b", "")).toBe("/a/b");
});

test("settings keep what they are but for secrets and the home", () => {
  const settings = {
    cache: { redisUrl: "redis://:hunter 2@host/0", directory: "/home/me/cache", maxEntries: 5, ttl: { file: 1 } },
    model: { url: "https://h/v1", apiKey: "short", provider: "auto" },
    context: { tokenBudget: 8_192 },
    privacy: { exclude: ["/home/me/x", "*.y"], secretScan: true },
    server: { token: "" },
    nothing: null,
  };
  expect(redactedValue(settings, HOME)).toEqual({
    cache: { redisUrl: "[removed]", directory: "~/cache", maxEntries: 5, ttl: { file: 1 } },
    model: { url: "https://h/v1", apiKey: "[removed]", provider: "auto" },
    context: { tokenBudget: 8_192 },
    privacy: { exclude: ["~/x", "*.y"], secretScan: true },
    server: { token: "" },
    nothing: null,
  });
});
