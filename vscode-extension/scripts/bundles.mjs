// @ts-check
/**
 * What is bundled, and how: the extension for its host, and the pages for the browser inside a webview.
 *
 * What the pages are made of, and why: preact, because it is small, draws from a pure state and never makes HTML of
 * text; valibot, because one schema is both a message's type and its check; mdast and lowlight, because they give trees
 * rather than HTML, so an answer cannot become an element it was not meant to be; codicons, because they are the editor's own.
 */

import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const EXTENSION = join(dirname(fileURLToPath(import.meta.url)), "..");

/** @typedef {import("esbuild").BuildOptions} BuildOptions */

/** @type {BuildOptions} */
const shared = {
  absWorkingDir: EXTENSION,
  bundle: true,
  minify: true,
  legalComments: "none",
};

/** @type {BuildOptions} */
export const host = {
  ...shared,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
};

/** @type {BuildOptions} */
export const pages = {
  ...shared,
  // The files right in the folder are pages; what they share lies in folders below.
  entryPoints: readdirSync(join(EXTENSION, "src", "webview"))
    .filter((name) => name.endsWith(".tsx"))
    .map((name) => `src/webview/${name}`),
  outdir: "dist/webview",
  platform: "browser",
  format: "iife",
  target: "es2022",
  loader: { ".ttf": "file" },
};
