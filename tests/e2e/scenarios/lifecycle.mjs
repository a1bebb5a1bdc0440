// @ts-check
/** From nothing to a running server, and back to one when it is gone. */

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { serversOf } from "../processes.mjs";
import { until } from "../waiting.mjs";
import { large, shop } from "../workspaces.mjs";

/** @typedef {import("../session.mjs").Session} Session */

const LARGE = 2_000;
/** Packages are downloaded meanwhile. */
const SET_UP_MS = 180_000;

/** @param {Session} session */
export async function firstUse(session) {
  const folder = large(session.folder("large"), LARGE);
  await session.scenario("first use", {}, async (open) => {
    const started = performance.now();
    const window = await open(folder);
    await window.notifications.getByText("setting up the server").waitFor();
    await window.statusSays(/starting/);
    await window.statusSays(/warming up, [\d ]+ \/ 2 000 files/, SET_UP_MS);
    session.figures.set("server set up, from opening a folder to the begin of its indexing", seconds(started));
    await window.ready();
    session.figures.set("server set up, from opening a folder to its being indexed", seconds(started));
  });
}

/**
 * How long it takes from opening a folder to the first piece of context in the panel: one never seen, and then again.
 * @param {Session} session
 */
export async function firstAnswer(session) {
  const folder = large(session.folder("large"), LARGE);
  for (const what of ["never seen", "seen before"]) {
    await session.scenario(`first answer, ${what}`, {}, async (open) => {
      const started = performance.now();
      const window = await open(folder);
      const drawn = performance.now();
      await window.activity("Magnetar");
      await window.panel.question.fill("where does step_7_3 add its number?");
      await window.panel.piece("module_7.py").waitFor();
      session.figures.set(`first answer in a folder ${what}, from the workbench being there`, seconds(drawn));
      session.figures.set(`first answer in a folder ${what}, from asking for the page`, seconds(started));
      assert.equal(await window.notifications.getByText("setting up").count(), 0);
      await window.ready();
    });
  }
}

/** @param {Session} session */
export async function twoWindows(session) {
  const folder = shop(session.folder());
  await session.scenario("two windows", {}, async (open) => {
    const one = await open(folder);
    const other = await open(folder);
    await Promise.all([one.ready(), other.ready()]);
    await until(() => serversOf(session.editor.home).length === 2, "each window has a server");
    for (const window of [one, other]) {
      await window.page.bringToFront();
      await window.file("shop/checkout.py");
      await window.nextFile("payment.py");
    }
  });
}

/** @param {Session} session */
export async function killed(session) {
  const folder = shop(session.folder());
  await session.scenario("killed", {}, async (open) => {
    const window = await open(folder);
    await window.ready();
    // Those of the windows before may still be on their way out.
    await until(() => serversOf(session.editor.home).length === 1, "one server runs");
    const [server = 0] = serversOf(session.editor.home);
    assert(server > 0);
    process.kill(server, "SIGKILL");
    await until(() => serversOf(session.editor.home).some((other) => other !== server), "another server runs");
    await window.ready();
    await window.file("shop/checkout.py");
    await window.nextFile("payment.py");
  });
}

/** @param {Session} session */
export async function misconfigured(session) {
  const folder = shop(session.folder());
  await session.scenario("misconfigured", { "magnetar.server.path": "/nowhere/magnetar" }, async (open) => {
    const window = await open(folder);
    await window.statusSays(/\/nowhere\/magnetar.* is no magnetar server/);
    await window.notifications.getByText("Correct the setting, or leave it empty").waitFor();
    await window.notifications.getByRole("button", { name: "Try Again" }).waitFor();
  });
}

/** @param {Session} session */
export async function untrusted(session) {
  const folder = shop(session.folder());
  const ran = join(folder, "ran");
  const trap = join(folder, ".venv", "bin", "python");
  mkdirSync(join(folder, ".venv", "bin"), { recursive: true });
  mkdirSync(join(folder, ".vscode"));
  writeFileSync(trap, `#!/bin/sh\ntouch '${ran}'\n`);
  chmodSync(trap, 0o755);
  writeFileSync(join(folder, ".vscode", "settings.json"), JSON.stringify({ "magnetar.server.path": trap }));
  await session.scenario("untrusted", { "security.workspace.trust.enabled": true }, async (open) => {
    const window = await open(folder);
    await window.page.getByRole("button", { name: "Restricted Mode" }).first().waitFor();
    await window.ready();
    assert(!existsSync(ran), "the workspace's own Python was run");
    await window.command("Magnetar: Show Log");
    await window.page.getByText("(bundled)").first().waitFor();
    // The trap is one: in a workspace that is trusted, its environment is looked into.
    await window.command("Workspaces: Manage Workspace Trust");
    await window.page.getByRole("button", { name: "Trust", exact: true }).first().click();
    await until(() => existsSync(ran), "the environment of a trusted workspace is looked into");
  });
}

/** @param {number} started */
function seconds(started) {
  return `${((performance.now() - started) / 1_000).toFixed(1)} s`;
}
