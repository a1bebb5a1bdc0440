// @ts-check
/**
 * The extension as its user meets it: the packaged VSIX in a real VS Code in a real browser. Run by `npm run e2e`, which
 * sets everything up and says where the VSIX and the browser are.
 */

import { after, before, describe, test } from "node:test";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Box } from "./box.mjs";
import { Session } from "./session.mjs";
import * as asking from "./scenarios/asking.mjs";
import * as commands from "./scenarios/commands.mjs";
import * as doors from "./scenarios/doors.mjs";
import * as lifecycle from "./scenarios/lifecycle.mjs";
import * as looks from "./scenarios/looks.mjs";
import * as nextFiles from "./scenarios/next_files.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const { VSIX, CHROME } = process.env;

describe("Magnetar in VS Code", { timeout: 600_000 }, () => {
  const session = new Session(new Box(ROOT));

  before(async () => {
    if (!VSIX || !CHROME) throw new Error("run this with npm run e2e");
    await session.start(VSIX, CHROME);
  });

  after(async () => {
    await session.stop();
    for (const [what, figure] of session.figures) console.log(`${what}: ${figure}`);
  });

  // The first one sets the server up for all that follow.
  test("sets its server up on first use, warms up and is ready", () => lifecycle.firstUse(session));
  test("answers in the panel soon, and sooner in a folder it knows", () => lifecycle.firstAnswer(session));
  test("predicts the next file after a tour, and opens it", () => nextFiles.tour(session));
  test("shows, before it is sent, what a model is given, and lets it be changed", () =>
    asking.contextBeforeSending(session));
  test("streams answers, stops them, and follows up", () => asking.answers(session));
  test("answers in VS Code's own chat: as a tool of its agent, and by name", () => doors.chat(session));
  test("does what the command palette says", () => commands.palette(session));
  test("is readable in every theme, to eyes and to screen readers", () => looks.themes(session));
  test("serves two windows on one workspace", () => lifecycle.twoWindows(session));
  test("is back after its server was killed", () => lifecycle.killed(session));
  test("says what is wrong where it cannot start", () => lifecycle.misconfigured(session));
  test("runs nothing of a workspace that is not trusted", () => lifecycle.untrusted(session));
});
