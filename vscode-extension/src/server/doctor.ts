/** Has a server's installation examined by itself, with this window's settings. */

import { CommandFailed, run, type Command } from "./command";

const TIMEOUT_MS = 120_000;

/**
 * Returns what the doctor prints, or where it prints nothing, what it complains of; that something is wrong is no
 * failure.
 *
 * @param settings handed over on stdin, since arguments can be seen by every user of the machine
 */
export async function examine(
  { program, args }: Command,
  folder: string | undefined,
  settings: unknown,
  ...options: string[]
): Promise<string> {
  const command = {
    program,
    args: [...args, "doctor", "--settings", "-", ...options, ...(folder === undefined ? [] : [folder])],
  };
  try {
    return await run(command, { timeoutMs: TIMEOUT_MS, input: JSON.stringify(settings ?? {}) });
  } catch (error) {
    const said = error instanceof CommandFailed ? error.stdout || error.output : "";
    if (said) return said;
    throw error;
  }
}
