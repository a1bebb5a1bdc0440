import { expect, test } from "vitest";

import { examine } from "../../src/server/doctor";

/** A program that says what it was asked, and with what on stdin. */
function program(code: number): { program: string; args: string[] } {
  const script = `
    let text = "";
    process.stdin.on("data", (part) => (text += part)).on("end", () => {
      console.log(JSON.stringify({ args: process.argv.slice(1), settings: JSON.parse(text) }));
      process.exitCode = ${code};
    });`;
  return { program: process.execPath, args: ["-e", script, "--"] };
}

test.each([0, 1])("asks with the settings on stdin, and takes what is said with exit code %d", async (code) => {
  const settings = { cache: { redisUrl: "redis://:hunter2@host/0" } };
  const said = JSON.parse(await examine(program(code), "/folder", settings, "--json")) as unknown;
  expect(said).toEqual({ args: ["doctor", "--settings", "-", "--json", "/folder"], settings });
});

test("a long answer is taken whole, and without what else is said, where something is wrong", async () => {
  const script = `
    const log = Array.from({ length: 300 }, (_, number) => "line " + number);
    console.error("a warning");
    console.log(JSON.stringify({ log }, undefined, 2));
    console.error("another");
    process.exitCode = 1;`;
  const said = JSON.parse(await examine({ program: process.execPath, args: ["-e", script, "--"] }, undefined, {})) as {
    log: string[];
  };
  expect(said.log).toHaveLength(300);
});

test("what a program complains of that examines nothing is what it says", async () => {
  const script = `console.error("broken"); process.exitCode = 1;`;
  expect(await examine({ program: process.execPath, args: ["-e", script, "--"] }, undefined, {})).toBe("broken");
});

test("a program that does not run is a failure", async () => {
  await expect(examine({ program: "/no/such/program", args: [] }, undefined, {})).rejects.toThrow("/no/such/program");
});
