// @ts-check
/**
 * `node package.mjs [--out FILE]`: makes the one file a user installs: both bundles, and the server as a wheel.
 */

import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { Environment } from "../../server/scripts/environment.mjs";
import { report } from "../../server/scripts/failure.mjs";

const EXTENSION = join(dirname(fileURLToPath(import.meta.url)), "..");
const ROOT = join(EXTENSION, "..");
/** What the bundles need is in them, so there are no dependencies to look for. */
const VSCE = ["--no-dependencies", "--readme-path", "dist/README.md", "--allow-missing-repository"];

/** @param {string[]} argv */
async function main(argv) {
  const { values } = parseArgs({ args: argv, options: { out: { type: "string" } } });
  const out = values.out ? resolve(values.out) : join(EXTENSION, "magnetar-vscode.vsix");
  const environment = new Environment(ROOT);
  await environment.prepare({});
  await run(process.execPath, [join(EXTENSION, "scripts", "build.mjs")], EXTENSION);
  const server = join(EXTENSION, "dist", "server");
  mkdirSync(server, { recursive: true });
  await run(
    environment.program("uv"),
    ["build", "--quiet", "--wheel", "--no-create-gitignore", "--out-dir", server],
    ROOT,
  );
  copyFileSync(join(ROOT, "LICENSE"), join(EXTENSION, "LICENSE"));
  // The page that the editor itself shows of an installed extension has no place to read pictures from.
  const page = readFileSync(join(EXTENSION, "README.md"), "utf8").replace(/^<picture>[^]*?<\/picture>\n\n/gm, "");
  writeFileSync(join(EXTENSION, "dist", "README.md"), page);
  const vsce = join(dirname(createRequire(import.meta.url).resolve("@vscode/vsce/package.json")), "vsce");
  await run(process.execPath, [vsce, "package", ...VSCE, "--out", out], EXTENSION);
  return 0;
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 */
async function run(program, args, cwd) {
  const child = spawn(program, args, { cwd, stdio: "inherit" });
  const code = await new Promise((done, fail) => child.on("error", fail).on("close", done));
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with exit code ${code}`);
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
