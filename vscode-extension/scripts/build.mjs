// @ts-check
/** `node build.mjs [--watch]`: makes the bundles of `bundles.mjs`. Types are checked by `npm run check`, not here. */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import * as esbuild from "esbuild";

import { EXTENSION, host, pages } from "./bundles.mjs";
import { notices } from "./notices.mjs";

const { values } = parseArgs({ options: { watch: { type: "boolean", default: false } } });

rmSync(join(EXTENSION, "dist"), { recursive: true, force: true });
/** @type {string[]} */
const inputs = [];
for (const bundle of [host, pages]) {
  const options = /** @type {const} */ ({ ...bundle, logLevel: "info", metafile: true });
  if (values.watch) await (await esbuild.context({ ...options, minify: false, sourcemap: "inline" })).watch();
  else inputs.push(...Object.keys((await esbuild.build(options)).metafile.inputs));
}
if (!values.watch) writeFileSync(join(EXTENSION, "dist", "THIRD-PARTY-NOTICES.txt"), `${notices(EXTENSION, inputs)}\n`);
