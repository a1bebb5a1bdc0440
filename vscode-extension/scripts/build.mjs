// @ts-check
/** `node build.mjs [--watch]`: makes the bundles of `bundles.mjs`. Types are checked by `npm run check`, not here. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import * as esbuild from "esbuild";

import { EXTENSION, host, pages } from "./bundles.mjs";

const { values } = parseArgs({ options: { watch: { type: "boolean", default: false } } });

rmSync(join(EXTENSION, "dist"), { recursive: true, force: true });
for (const bundle of [host, pages]) {
  /** @type {esbuild.BuildOptions} */
  const options = { ...bundle, logLevel: "info" };
  if (values.watch) await (await esbuild.context({ ...options, minify: false, sourcemap: "inline" })).watch();
  else await esbuild.build(options);
}
