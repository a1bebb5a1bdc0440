import { access, chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { run } from "../../src/server/command";
import { SetupError } from "../../src/server/failure";
import { candidates, findPython, isSupported, probe } from "../../src/server/python";

describe.skipIf(process.platform === "win32")("a Python", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "magnetar-test-"));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function python(name: string, answer: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\necho '${answer}'\n`);
    await chmod(path, 0o755);
    return path;
  }

  test("is what says so itself", async () => {
    const program = await python("good", '{"version": [3, 12, 1], "executable": "/usr/bin/python3.12"}');
    expect(await probe({ program, args: [] })).toEqual({ version: [3, 12, 1], executable: "/usr/bin/python3.12" });
  });

  test.each([
    ["says something else", "not a Python"],
    ["leaves out what matters", "{}"],
  ])("is none that %s", async (_, answer) => {
    expect(await probe({ program: await python("odd", answer), args: [] })).toBeUndefined();
  });

  test("is none that is not there", async () => {
    expect(await probe({ program: join(folder, "nowhere"), args: [] })).toBeUndefined();
  });

  test("that is preferred comes before those on PATH", async () => {
    const program = await python("preferred", '{"version": [3, 10, 0], "executable": "/preferred"}');
    expect((await findPython("", [{ program, args: [] }])).executable).toBe("/preferred");
  });

  test("that is asked for must be new enough, and no other is taken for it", async () => {
    const program = await python("old", '{"version": [3, 9, 18], "executable": "/old"}');
    await expect(findPython(program)).rejects.toThrow("is Python 3.9.18");
    await expect(findPython(join(folder, "nowhere"))).rejects.toThrow(SetupError);
  });
});

test("3.10 is the oldest that is supported", () => {
  expect(isSupported({ version: [3, 9, 20], executable: "" })).toBe(false);
  expect(isSupported({ version: [3, 10, 0], executable: "" })).toBe(true);
  expect(isSupported({ version: [4, 0, 0], executable: "" })).toBe(true);
});

test("Windows has one more place to look", () => {
  expect(candidates("win32").at(-1)).toEqual({ program: "py", args: ["-3"] });
  expect(candidates("linux").map(({ program }) => program)).not.toContain("py");
});

test.skipIf(process.platform === "win32")(
  "nothing that lies in the folder the editor was opened in is run",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "magnetar-test-"));
    const before = process.cwd();
    try {
      await writeFile(join(folder, "json.py"), `open(${JSON.stringify(join(folder, "ran"))}, "w")\n`);
      process.chdir(folder);
      await run({ program: "python3", args: ["-c", "import json"] });
      expect(await probe({ program: "python3", args: [] })).toBeDefined();
      await expect(access(join(folder, "ran"))).rejects.toThrow();
    } finally {
      process.chdir(before);
      await rm(folder, { recursive: true, force: true });
    }
  },
);
