// @ts-check
/** How a script ends when it cannot go on: what happened and what to do, without a stack where a person can mend it. */

import { SetupError } from "./python.mjs";
import { hasColour, painter } from "./terminal.mjs";

/**
 * Prints an error and gives the exit code for it.
 * @param {unknown} error
 */
export function report(error) {
  const paint = painter(hasColour(process.stderr));
  if (error instanceof SetupError) {
    process.stderr.write(`\n${paint("✗", "red")} ${error.message}\n  ${paint(error.hint, "yellow")}\n`);
  } else if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  } else {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  }
  return 1;
}
