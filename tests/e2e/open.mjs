// @ts-check
/**
 * `npm run vscode -- [PATH] [--port N]`: a real VS Code with the extension on a folder, for a person to try in a browser
 * of theirs. Its settings and what it learned stay in `.e2e/home` from one time to the next.
 */

import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { report } from "../../server/scripts/failure.mjs";
import { SetupError } from "../../server/scripts/python.mjs";
import { Steps, hasColour, painter } from "../../server/scripts/terminal.mjs";
import { Box } from "./box.mjs";
import { Editor } from "./editor.mjs";
import { packageExtension } from "./extension.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const USAGE = "npm run vscode -- [PATH] [--port N]";

/** @param {string[]} argv */
async function main(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { port: { type: "string" } },
    allowPositionals: true,
  });
  const folder = resolve(process.env.INIT_CWD ?? process.cwd(), positionals[0] ?? ROOT);
  if (positionals.length > 1) throw new SetupError("One folder at a time.", USAGE);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new SetupError(`${folder} is no folder.`, USAGE);
  if (process.platform !== "linux") {
    throw new SetupError(
      "This VS Code in a browser is set up on Linux only.",
      "Elsewhere: npm run package -w vscode-extension, then “Install from VSIX…” in your own VS Code.",
    );
  }
  const steps = new Steps(process.stderr);
  const box = new Box(ROOT);
  await box.prepare(steps);
  const vsix = await packageExtension(box, steps);
  const editor = new Editor(box, join(box.directory, "home"));
  await steps.run("VS Code", () => editor.start(vsix, { port: values.port ? Number(values.port) : undefined }));
  const paint = painter(hasColour(process.stdout));
  const url = `${editor.url}/?folder=${encodeURIComponent(realpathSync(folder))}`;
  process.stdout.write(
    `\n  ${paint("magnetar", "bold", "magenta")}  ${paint(url, "bold", "cyan")}\n\n  Ctrl-C ends it.\n`,
  );
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void editor.stop());
  await editor.ended();
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
