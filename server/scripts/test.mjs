// @ts-check
/**
 * `npm test [-- PYTEST-ARG…]`: sets up what is missing, then runs every test there is: the server's, the extension's, and
 * those of the extension in a real VS Code. With arguments, only the server's tests are run, and are given them.
 */

import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { report } from "./failure.mjs";
import { preparePackages } from "./packages.mjs";
import { Steps, duration, hasColour, painter } from "./terminal.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** Files in their order: by the number of its tests, a file with one that takes minutes would come last and be waited for. */
const IN_ORDER = ["--dist", "loadfile", "--no-loadscope-reorder"];
const PYTEST = ["server/scripts/run.mjs", "--group", "dev", "pytest", "--numprocesses", "auto", ...IN_ORDER];

/** @param {string[]} argv */
async function main(argv) {
  if (argv.length) return run(process.execPath, [...PYTEST, ...argv]);
  const steps = new Steps(process.stderr);
  /** @type {[string, () => Promise<number>][]} */
  const suites = [
    ["the server", () => run(process.execPath, PYTEST)],
    ["the extension", () => extension(steps)],
    ["the extension in VS Code", () => run(process.execPath, ["tests/e2e/run.mjs"])],
  ];
  const paint = painter(hasColour(process.stderr));
  const results = [];
  for (const [name, suite] of suites) {
    steps.say(`\n${paint(`Tests of ${name}`, "bold")}`);
    const started = performance.now();
    const passed = (await suite()) === 0;
    results.push({ name, passed, time: duration(performance.now() - started) });
  }
  steps.say("");
  for (const { name, passed, time } of results) {
    steps.say(`  ${passed ? paint("✓", "green") : paint("✗", "red")} ${name}  ${paint(time, "dim")}`);
  }
  return results.every(({ passed }) => passed) ? 0 : 1;
}

/**
 * Types, style and unit tests.
 * @param {Steps} steps
 */
async function extension(steps) {
  await preparePackages(ROOT, steps);
  for (const script of ["check", "lint", "test"]) {
    const code = await run("npm", ["run", "--silent", script, "--workspace", "vscode-extension"]);
    if (code !== 0) return code;
  }
  return 0;
}

/**
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function run(program, args) {
  // npm is a script on Windows, which only a shell can start.
  const shell = program === "npm" && process.platform === "win32";
  const child = spawn(program, args, { cwd: ROOT, stdio: "inherit", shell });
  return new Promise((done, fail) => child.on("error", fail).on("close", (code) => done(code ?? 1)));
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
