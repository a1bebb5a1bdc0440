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

test("a program that does not run is a failure", async () => {
  await expect(examine({ program: "/no/such/program", args: [] }, undefined, {})).rejects.toThrow("/no/such/program");
});
