import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";

import * as protocol from "../../src/protocol";

/**
 * The examples are written into a program, one declaration each, and the compiler says which of them the mirror's
 * types refuse: a field it does not know, one it misses, a wrong type.
 */

const EXTENSION = fileURLToPath(new URL("../..", import.meta.url));
const WIRE = join(EXTENSION, "..", "tests", "wire");
const PROGRAM = join(EXTENSION, "test", "wire", "examples.ts");

interface Example {
  method: string;
  request: Record<string, unknown>;
  response: unknown;
  errors?: { request: unknown; message: string }[];
}

const examples = readdirSync(WIRE)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(WIRE, name), "utf8")) as Example);

const PARAMS: Record<string, string> = {
  "magnetar/explain": "ContextParams",
  "magnetar/synchronize": "Empty",
};
const RESULTS: Record<string, string> = { "magnetar/synchronize": "Empty" };

function stem(method: string): string {
  const word = method.replace("magnetar/", "");
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** One declaration a line, so that a diagnostic's line says which one it is about. */
class Declarations {
  readonly lines = ['import type * as wire from "../../src/protocol";'];
  readonly names = new Map<number, string>();

  add(name: string, type: string, value: unknown): void {
    this.names.set(this.lines.length, name);
    this.lines.push(`export const v${this.lines.length}: wire.${type} = ${JSON.stringify(value)};`);
  }

  refused(): Map<string, string> {
    const { config } = ts.readConfigFile(join(EXTENSION, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
      config: object;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, EXTENSION);
    const host = ts.createCompilerHost(options);
    const disk = ts.createCompilerHost(options);
    const text = this.lines.join("\n");
    host.fileExists = (path) => path === PROGRAM || disk.fileExists(path);
    host.readFile = (path) => (path === PROGRAM ? text : disk.readFile(path));
    host.getSourceFile = (path, ...rest) =>
      path === PROGRAM ? ts.createSourceFile(path, text, rest[0]) : disk.getSourceFile(path, ...rest);
    const program = ts.createProgram([PROGRAM], options, host);
    const found = new Map<string, string>();
    for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program, program.getSourceFile(PROGRAM))) {
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : -1;
      found.set(this.names.get(line) ?? "the program itself", ts.flattenDiagnosticMessageText(messageText, "\n"));
    }
    return found;
  }
}

/** Only these are about a type; the compiler knows nothing of ranges or of what makes a URI. */
const ABOUT_A_TYPE = /must be (a string|an array|an object|true or false|one of)/;

describe("the mirror of the protocol", () => {
  const good = new Declarations();
  const bad = new Declarations();
  let refusedGood: Map<string, string>;
  let refusedBad: Map<string, string>;

  for (const { method, request, response, errors } of examples) {
    const params = PARAMS[method] ?? `${stem(method)}Params`;
    // Unknown fields are ignored by the server, which the example shows; the mirror sends none.
    const known = Object.fromEntries(Object.entries(request).filter(([name]) => name !== "unknown"));
    good.add(`${method} request`, params, known);
    good.add(`${method} response`, RESULTS[method] ?? `${stem(method)}Result`, response);
    for (const { request: wrong, message } of errors ?? []) {
      if (ABOUT_A_TYPE.test(message)) bad.add(`${method} with ${JSON.stringify(wrong)}`, params, wrong);
    }
  }

  beforeAll(() => {
    refusedGood = good.refused();
    refusedBad = bad.refused();
  }, 60_000);

  test("takes every example", () => {
    expect([...refusedGood]).toEqual([]);
  });

  test.each([...bad.names.values()])("refuses %s", (name) => {
    expect([...refusedBad.keys()]).toContain(name);
  });

  test("has a request for each method", () => {
    const methods = Object.values(protocol).flatMap((value) =>
      typeof value === "object" && value.method.startsWith("magnetar/") ? [value.method] : [],
    );
    expect(methods.sort()).toEqual(examples.map(({ method }) => method).sort());
  });
});
