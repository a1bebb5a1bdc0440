/**
 * Runs one program to its end. Its output is handed out line by line while it runs; a program that fails is told with
 * the end of what it said.
 */

import { spawn } from "node:child_process";
import { dirname, isAbsolute } from "node:path";
import { createInterface } from "node:readline";

const KEPT_LINES = 200;

export interface Command {
  program: string;
  args: readonly string[];
}

export interface RunOptions {
  /** Added to the environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>;
  timeoutMs?: number;
  signal?: AbortSignal;
  onLine?: (line: string) => void;
  /** What the program reads from stdin; nothing, where left out. */
  input?: string;
}

/** The program ended with an error, could not be started, or took too long. */
export class CommandFailed extends Error {
  /** The end of what it said, on stdout and stderr. */
  readonly output: string;
  /** All that it wrote to stdout. */
  readonly stdout: string;

  constructor({ program, args }: Command, reason: string, output: string, stdout = "") {
    super(`${[program, ...args].join(" ")}: ${reason}`);
    this.name = "CommandFailed";
    this.output = output;
    this.stdout = stdout;
  }
}

/** Returns what the program wrote to stdout. It runs beside itself, never in the folder the editor was opened in. */
export async function run(command: Command, options: RunOptions = {}): Promise<string> {
  const { env = {}, timeoutMs, signal, onLine, input = "" } = options;
  const child = spawn(command.program, command.args, {
    // Python, and Windows for programs, look for what they need where they stand first.
    cwd: dirname(isAbsolute(command.program) ? command.program : process.execPath),
    env: { ...process.env, ...env },
    stdio: "pipe",
    windowsHide: true,
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
  });
  child.stdin.on("error", () => undefined); // a program need not read it
  child.stdin.end(input);
  const stdout: string[] = [];
  const latest: string[] = [];
  const readers = [child.stdout, child.stderr].map((stream) => {
    const lines = createInterface({ input: stream });
    lines.on("line", (line) => {
      if (stream === child.stdout) stdout.push(line);
      latest.push(line);
      if (latest.length > KEPT_LINES) latest.shift();
      onLine?.(line);
    });
    return new Promise((resolve) => lines.once("close", resolve));
  });
  const reason = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => {
      resolve(error.message);
    });
    child.once("close", (code, killed) => {
      resolve(code === 0 ? undefined : killed ? `ended by ${killed}` : `exit code ${code ?? "unknown"}`);
    });
  });
  await Promise.all(readers);
  if (reason !== undefined) throw new CommandFailed(command, reason, latest.join("\n"), stdout.join("\n"));
  return stdout.join("\n");
}
