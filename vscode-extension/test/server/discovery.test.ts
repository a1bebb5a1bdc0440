import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { findServer, type Surroundings } from "../../src/server/discovery";
import { BundledEnvironment, type Building, type Prepared } from "../../src/server/environment";
import { SetupError } from "../../src/server/failure";

const NOTHING_TO_BUILD: Building = {
  findPython: () => Promise.reject(new Error("nothing is to be built")),
  show: () => Promise.reject(new Error("nothing is to be built")),
};

/** The bundled environment, already there. */
class Bundled extends BundledEnvironment {
  readonly #python: string;

  constructor(python: string) {
    super("unused.whl", "unused");
    this.#python = python;
  }

  override prepare(): Promise<Prepared> {
    return Promise.resolve({ program: this.#python, args: [], version: "3.0" });
  }
}

describe.skipIf(process.platform === "win32")("the server to run", () => {
  let folder: string;
  let around: Surroundings;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "magnetar-test-"));
    around = {
      path: "",
      trusted: true,
      workspaceInterpreters: async () => [{ program: await program("workspace", "magnetar 2.0"), args: [] }],
      bundled: new Bundled(await program("bundled", "magnetar 3.0")),
    };
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function program(name: string, answer: string, code = 0): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\necho '${answer}'\nexit ${code}\n`);
    await chmod(path, 0o755);
    return path;
  }

  async function found() {
    const { origin, version } = await findServer(around, NOTHING_TO_BUILD);
    return [origin, version];
  }

  test("is the one that the settings name", async () => {
    around.path = await program("mine", "magnetar 1.0");
    expect(await found()).toEqual(["setting", "1.0"]);
  });

  test("is else the one of the workspace's environment", async () => {
    expect(await found()).toEqual(["workspace", "2.0"]);
  });

  test("is else the bundled one", async () => {
    const without = await program("python", "No module named magnetar", 1);
    around.workspaceInterpreters = () => Promise.resolve([{ program: without, args: [] }]);
    expect(await found()).toEqual(["bundled", "3.0"]);
  });

  test("is never one from a workspace that is not trusted", async () => {
    around.trusted = false;
    around.workspaceInterpreters = () => Promise.reject(new Error("nothing may be looked for there"));
    expect(await found()).toEqual(["bundled", "3.0"]);
  });

  test.each([
    ["does not exist", () => Promise.resolve("/nowhere/magnetar")],
    ["fails", () => program("failing", "magnetar 1.0", 1)],
    ["is another program", () => program("other", "hello")],
  ])("is not silently another one where the named one %s", async (_, named) => {
    around.path = await named();
    await expect(findServer(around, NOTHING_TO_BUILD)).rejects.toThrow(SetupError);
    await expect(findServer(around, NOTHING_TO_BUILD)).rejects.toThrow("magnetar.server.path");
  });

  test("does not see the folder it happens to be started in", async () => {
    const { args } = await findServer(around, NOTHING_TO_BUILD);
    expect(args).toEqual(["-I", "-m", "magnetar"]);
  });
});
