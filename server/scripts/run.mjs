// @ts-check
/**
 * `node run.mjs [--group NAME]… [--python EXE] [COMMAND ARG…]`: sets up the environment, then runs a program of it in
 * the caller's terminal and ends with its exit code. Without a command, setting up is all.
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { Environment } from "./environment.mjs";
import { report } from "./failure.mjs";
import { SetupError } from "./python.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** @param {string[]} argv */
async function main(argv) {
  const { options, command } = split(argv);
  const environment = new Environment(ROOT);
  await environment.prepare({ groups: options.group, python: options.python });
  if (!command.length) return 0;
  const program = environment.program(command[0]);
  if (!existsSync(program)) {
    throw new SetupError(`${command[0]} is not in ${environment.directory}.`, "Name a program of the environment.");
  }
  const env = { ...process.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH ?? ""}` };
  const child = spawn(program, command.slice(1), { cwd: ROOT, env, stdio: "inherit" });
  // Ctrl-C reaches the child by itself; its own end decides ours.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill());
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  });
}

/**
 * Our own options end at the first word that is none: the rest is the command, whatever it looks like.
 * @param {string[]} argv
 */
function split(argv) {
  const { tokens } = parseArgs({
    args: argv,
    options: { group: { type: "string", multiple: true }, python: { type: "string" } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const first = tokens.find((token) => token.kind !== "option");
  const command = argv.slice(first ? first.index + (first.kind === "option-terminator" ? 1 : 0) : argv.length);
  const { values } = parseArgs({
    args: argv.slice(0, first?.index),
    options: { group: { type: "string", multiple: true }, python: { type: "string" } },
  });
  return { options: values, command };
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
