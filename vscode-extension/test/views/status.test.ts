import { expect, test } from "vitest";

import type { ServerState } from "../../src/server/state";
import { appearance } from "../../src/views/status";
import { percent, sentence, words } from "../../src/reasons";

const STATES: [ServerState, string, string][] = [
  [{ kind: "noWorkspace" }, "$(circle-slash) Magnetar", "no folder is open"],
  [{ kind: "off" }, "$(circle-slash) Magnetar", "off"],
  [{ kind: "starting" }, "$(loading~spin) Magnetar", "starting"],
  [{ kind: "starting", message: "again" }, "$(loading~spin) Magnetar", "again"],
  [{ kind: "warming" }, "$(sync~spin) Magnetar", "warming up"],
  [{ kind: "warming", percentage: 7, message: "7 / 100 files" }, "$(sync~spin) Magnetar 7 %", "7 / 100 files"],
  [{ kind: "ready" }, "$(check) Magnetar", "ready"],
  [{ kind: "degraded", message: "The disk is full." }, "$(warning) Magnetar", "The disk is full."],
  [{ kind: "failed", message: "No Python." }, "$(error) Magnetar", "No Python."],
];

test.each(STATES)("%j", (state, text, detail) => {
  expect(appearance(state).text).toBe(text);
  expect(appearance(state).detail).toContain(detail);
});

test("a severity for what is wrong, and a spinner for what is under way", () => {
  const severities = STATES.map(([state]) => appearance(state).severity);
  expect(severities).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 2]);
  expect(STATES.filter(([state]) => appearance(state).busy)).toHaveLength(4);
});

test("reasons are said once each, the strongest first, and no more than three", () => {
  const signals = ["cochange", "predicted", "cochange", "path", "recent"] as const;
  const said = sentence(signals.map((signal) => ({ signal, weight: 1 })));
  expect(said).toBe([words("cochange"), words("predicted"), words("path")].join(", "));
});

test.each([
  [0, "< 1 %"],
  [0.004, "< 1 %"],
  [0.006, "1 %"],
  [0.456, "46 %"],
])("%d is %s", (probability, text) => {
  expect(percent(probability)).toBe(text);
});
