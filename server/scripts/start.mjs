// @ts-check
/**
 * `npm start -- [PATH] [-q "question"] [--budget N] [--python EXE]`: sets up what is missing, then shows magnetar at
 * work on a workspace through the same stdio connection an editor uses.
 */

import { existsSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { drawAnswer, drawTimes } from "./answer.mjs";
import { Environment } from "./environment.mjs";
import { report } from "./failure.mjs";
import { Client, ServerError } from "./lsp.mjs";
import { SetupError } from "./python.mjs";
import { Steps, count, hasColour, painter, widthOf } from "./terminal.mjs";

const ROOT = realpathSync(join(dirname(fileURLToPath(import.meta.url)), "..", ".."));
const USAGE = 'npm start -- [PATH] [-q "question"] [--budget N] [--python EXE]';

/** @param {string[]} argv */
async function main(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    options: {
      query: { type: "string", short: "q" },
      budget: { type: "string", default: "8192" },
      python: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const workspace = folder(positionals);
  const tokenBudget = Number(values.budget);
  if (!Number.isInteger(tokenBudget) || tokenBudget < 1) {
    throw new SetupError("--budget must be a whole number from 1.", USAGE);
  }
  const environment = new Environment(ROOT);
  await environment.prepare({ python: values.python });
  const program = environment.program("magnetar");
  if (values.query === undefined) {
    // The question stands in this file, which would be its own best answer.
    const exclude = [import.meta.url];
    await show(program, workspace, { query: defaultQuestion(workspace), tokenBudget, exclude });
  } else {
    await show(program, workspace, { query: values.query, tokenBudget });
  }
  return 0;
}

/**
 * The folder to open; npm runs us at the repository's root, so a relative path counts from where npm was called.
 * @param {string[]} positionals
 */
function folder(positionals) {
  if (positionals.length > 1) throw new SetupError("One folder at a time.", USAGE);
  const path = positionals.length ? resolve(process.env.INIT_CWD ?? process.cwd(), positionals[0]) : ROOT;
  if (!existsSync(path) || !statSync(path).isDirectory()) throw new SetupError(`${path} is no folder.`, USAGE);
  return realpathSync(path);
}

/** @param {string} workspace */
function defaultQuestion(workspace) {
  return workspace === ROOT
    ? "How is a context answer packed into its token budget?"
    : "Where does this project start, and what are its main parts?";
}

/**
 * @param {string} program
 * @param {string} workspace
 * @param {{query: string, tokenBudget: number, exclude?: string[]}} params of `magnetar/context`
 */
async function show(program, workspace, params) {
  const paint = painter(hasColour(process.stdout));
  const steps = new Steps(process.stderr);
  const out = (/** @type {string[]} */ ...lines) => process.stdout.write(`${lines.join("\n")}\n`);
  out("", `  ${paint("magnetar", "bold", "magenta")}  ${shortened(workspace)}`);

  const started = performance.now();
  const client = new Client(program, ["serve"]);
  try {
    await initialize(client, workspace);
    const start = performance.now() - started;
    const [warmed, warm] = await timed(() => steps.run("reading the workspace", (detail) => warmUp(client, detail)));
    const [, first] = await timed(() => client.request("magnetar/context", params));
    const [answer, again] = await timed(() => client.request("magnetar/context", params));
    const view = {
      paint,
      width: widthOf(process.stdout),
      relative: (/** @type {string} */ uri) => relative(workspace, fileURLToPath(uri)).split(sep).join("/"),
      now: Date.now(),
    };
    const { hits, misses } = answer.cache;
    out("", `  ${paint("❯", "magenta")} ${paint(params.query, "bold")}`, "");
    out(...drawAnswer(answer, view), "");
    out(
      ...drawTimes(
        [
          ["server start", start, "until it answered initialize"],
          ["workspace", warm, `${count(warmed.files)} files, ${count(warmed.symbols)} symbols, ${count(warmed.reused)} files known before`],
          ["first answer", first, "nothing loaded for it yet"],
          ["same again", again, `${count(hits)} loads from the cache, ${count(misses)} from disk`],
        ],
        view,
      ),
    );
    await client.close();
    const command = relative(process.env.INIT_CWD ?? process.cwd(), program);
    out("", `  ${paint("The prompt itself", "bold")}  ${command} context ${shortened(workspace)} -q "…"`, "");
  } catch (error) {
    client.process.kill();
    if (!(error instanceof ServerError)) throw error;
    throw new SetupError(error.message, `Ask ${program} doctor what is wrong.`);
  }
}

/**
 * @param {Client} client
 * @param {string} workspace
 */
async function initialize(client, workspace) {
  const uri = pathToFileURL(workspace).href;
  await client.request("initialize", {
    processId: process.pid,
    clientInfo: { name: "npm start" },
    rootUri: uri,
    workspaceFolders: [{ uri, name: "workspace" }],
    capabilities: {
      general: { positionEncodings: ["utf-8"] },
      window: { workDoneProgress: true },
    },
    initializationOptions: { context: { deadlineMs: 10_000 } },
  });
  client.notify("initialized", {});
}

/**
 * @param {Client} client
 * @param {(text: string) => void} detail
 */
async function warmUp(client, detail) {
  client.on("$/progress", ({ value }) => {
    if (value.message) detail(value.message);
  });
  const report = await client.request("magnetar/warm", { workDoneToken: "warm" });
  detail(`${count(report.files)} files`);
  return report;
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<[T, number]>}
 */
async function timed(work) {
  const started = performance.now();
  const result = await work();
  return [result, performance.now() - started];
}

/** @param {string} path */
function shortened(path) {
  return path.startsWith(homedir() + sep) ? `~${path.slice(homedir().length)}` : path;
}

process.exitCode = await main(process.argv.slice(2)).catch(report);
