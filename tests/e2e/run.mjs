// @ts-check
/**
 * `npm run e2e [-- --only PATTERN]`: packages the extension and tries it in a real VS Code in a real browser. Where no
 * browser is installed it says how to get one and passes, so that everything else can still be tested.
 */

import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { report } from "../../server/scripts/failure.mjs";
import { Steps, duration } from "../../server/scripts/terminal.mjs";
import { Box, findBrowser } from "./box.mjs";
import { packageExtension } from "./extension.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** @param {string[]} argv */
async function main(argv) {
  const { values } = parseArgs({ args: argv, options: { only: { type: "string" } } });
  const steps = new Steps(process.stderr);
  const browser = findBrowser();
  if (process.platform !== "linux" || !browser) {
    steps.say(
      "The tests in a real VS Code were skipped: they need Linux and Chromium (apt install chromium-headless-shell).",
    );
    return 0;
  }
  const box = new Box(ROOT);
  await box.prepare(steps);
  const vsix = await packageExtension(box, steps);
  const started = performance.now();
  const only = values.only ? ["--test-name-pattern", values.only] : [];
  const code = await new Promise((done, fail) => {
    const suite = join(ROOT, "tests", "e2e", "suite.test.mjs");
    const args = ["--test", "--test-reporter", "spec", ...only, suite];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, VSIX: vsix, CHROME: browser },
      stdio: "inherit",
    });
    child.on("error", fail).on("close", done);
  });
  steps.say(`The tests in a real VS Code took ${duration(performance.now() - started)}.`);
  return code;
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
