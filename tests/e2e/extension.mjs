// @ts-check
/** The extension as one file to install, made from this repository. */

import { spawn } from "node:child_process";
import { join } from "node:path";

import { preparePackages } from "../../server/scripts/packages.mjs";
import { SetupError } from "../../server/scripts/python.mjs";

/**
 * @param {import("./box.mjs").Box} box
 * @param {import("../../server/scripts/terminal.mjs").Steps} steps
 */
export async function packageExtension(box, steps) {
  const extension = join(box.root, "vscode-extension");
  const vsix = join(box.directory, "magnetar.vsix");
  await preparePackages(box.root, steps);
  await steps.run("the extension", () =>
    run(process.execPath, [join(extension, "scripts", "package.mjs"), "--out", vsix], extension),
  );
  return vsix;
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 */
async function run(program, args, cwd) {
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const code = await new Promise((done, fail) => child.on("error", fail).on("close", done));
  if (code === 0) return;
  const said = output.trim().split("\n").slice(-12).join("\n");
  throw new SetupError(`${program} ${args.join(" ")} failed:\n${said}`, "Mend what it says, then run this again.");
}
