/** The server as a module of a Python environment, and which version of it is there, which proves that it runs. */

import { CommandFailed, run, type Command } from "./command";

const TIMEOUT_MS = 20_000;

/** Isolated: a folder named magnetar where we happen to stand must not be taken for the server. */
export function moduleOf({ program, args }: Command): Command {
  return { program, args: [...args, "-I", "-m", "magnetar"] };
}

/** @throws CommandFailed where the command is no magnetar server that runs */
export async function versionOf({ program, args }: Command): Promise<string> {
  const command = { program, args: [...args, "--version"] };
  const answer = await run(command, { timeoutMs: TIMEOUT_MS });
  const version = /^magnetar (\S+)/m.exec(answer)?.[1];
  if (version === undefined) throw new CommandFailed(command, "no version in its answer", answer);
  return version;
}
