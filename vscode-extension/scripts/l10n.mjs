// @ts-check
/** `node l10n.mjs`: writes the texts of the extension's code down for translators, in `l10n/bundle.l10n.json`. */

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { getL10nJson } from "@vscode/l10n-dev";

const EXTENSION = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The texts, as the editor looks them up; the pages in webviews are given all of them. */
export async function texts() {
  const sources = readdirSync(join(EXTENSION, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => ({
      contents: readFileSync(join(EXTENSION, "src", name), "utf8"),
      extension: name.endsWith("x") ? /** @type {const} */ (".tsx") : /** @type {const} */ (".ts"),
    }));
  const found = await getL10nJson(sources);
  return Object.fromEntries(Object.entries(found).sort(([one], [other]) => (one < other ? -1 : 1)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(join(EXTENSION, "l10n"), { recursive: true });
  writeFileSync(join(EXTENSION, "l10n", "bundle.l10n.json"), `${JSON.stringify(await texts(), undefined, 2)}\n`);
}
