// @ts-check
/** The licences of all packages whose code is inside the bundles, as one text that goes with them. */

import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const LICENCE = /^(licen[cs]e|copying)/i;

/**
 * @param {string} root what the inputs' paths are relative to
 * @param {string[]} inputs the bundled files
 */
export function notices(root, inputs) {
  const folders = inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  return [...new Set(folders)]
    .map((folder) => notice(resolve(root, folder)))
    .sort()
    .join(`\n\n${"-".repeat(80)}\n\n`);
}

/** @param {string} folder of an installed package */
function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => LICENCE.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
  return `${name} ${version} (${license})\n\n${text}`.trim();
}
