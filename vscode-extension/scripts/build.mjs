// @ts-check
/**
 * `node build.mjs [--watch]`: bundles the extension for its host (Node) and each entry of `src/webview` for the
 * browser inside a webview. Types are checked by `npm run check`, not here.
 */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import * as esbuild from "esbuild";

const EXTENSION = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values } = parseArgs({ options: { watch: { type: "boolean", default: false } } });

function pages() {
  const folder = join(EXTENSION, "src", "webview");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => /(?<!\.d)\.tsx?$/.test(name)).map((name) => `src/webview/${name}`);
}

/** @type {esbuild.BuildOptions} */
const shared = {
  absWorkingDir: EXTENSION,
  bundle: true,
  minify: !values.watch,
  sourcemap: values.watch ? "inline" : false,
  legalComments: "none",
  logLevel: "info",
};

/** @type {esbuild.BuildOptions[]} */
const bundles = [
  {
    ...shared,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
  },
  {
    ...shared,
    // The files right in the folder are pages; what they share lies in folders below.
    entryPoints: pages(),
    outdir: "dist/webview",
    platform: "browser",
    format: "iife",
    target: "es2022",
    loader: { ".ttf": "file" },
  },
];

rmSync(join(EXTENSION, "dist"), { recursive: true, force: true });
for (const options of bundles) {
  if (values.watch) await (await esbuild.context(options)).watch();
  else await esbuild.build(options);
}
