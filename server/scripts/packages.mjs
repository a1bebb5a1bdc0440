// @ts-check
/** The npm packages of package-lock.json, for building and testing the extension; the server needs none of them. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { withLock } from "./lock.mjs";
import { SetupError } from "./python.mjs";

const STAMP = "magnetar-setup.json";

/**
 * Installs them where they are missing or of another lock file; where nothing is to be done, that takes no time.
 * @param {string} root the repository's
 * @param {import("./terminal.mjs").Steps} steps
 */
export async function preparePackages(root, steps) {
  if (isReady(root)) return;
  const id = createHash("sha256").update(root).digest("hex").slice(0, 16);
  const wait = (/** @type {number} */ holder) => steps.say(`  … waiting for another setup (process ${holder})`);
  await withLock(join(tmpdir(), `magnetar-packages-${id}.lock`), wait, async () => {
    if (isReady(root)) return;
    await steps.run("packages of package-lock.json", (detail) => install(root, detail));
    mkdirSync(join(root, "node_modules"), { recursive: true });
    writeFileSync(join(root, "node_modules", STAMP), fingerprint(root));
  });
}

/** @param {string} root */
function isReady(root) {
  const stamp = join(root, "node_modules", STAMP);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint(root);
}

/** @param {string} root */
function fingerprint(root) {
  const hash = createHash("sha256");
  for (const name of ["package-lock.json", "package.json"]) hash.update(readFileSync(join(root, name)));
  return JSON.stringify({ fingerprint: hash.digest("hex") });
}

/**
 * @param {string} root
 * @param {(text: string) => void} detail
 */
async function install(root, detail) {
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=http"];
  const child = spawn("npm", args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data;
      detail(String(data).trim().split("\n").at(-1) ?? "");
    });
  }
  const code = await new Promise((done, fail) => child.on("error", fail).on("close", done));
  detail("");
  if (code === 0) return;
  const said = output
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith("npm http"))
    .slice(-8)
    .join("\n");
  throw new SetupError(
    `npm ${args.join(" ")} failed:\n${said}`,
    "The first setup needs the network; mend what it says, then run this again.",
  );
}
