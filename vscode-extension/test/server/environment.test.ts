import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { CommandFailed, run } from "../../src/server/command";
import { BundledEnvironment, explain, interpreterOf, type Building } from "../../src/server/environment";
import { findPython, type Python } from "../../src/server/python";
import { makeWheel } from "./wheel";

describe("the bundled server's environment", () => {
  let python: Python;
  let folder: string;
  let storage: string;
  let built: number;
  let building: Building;

  beforeAll(async () => {
    python = await findPython("");
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "magnetar-test-"));
    storage = join(folder, "servers");
    built = 0;
    building = {
      findPython: () => Promise.resolve(python),
      show: (build) => {
        built++;
        const audience = { onStep: () => undefined, onLine: () => undefined, signal: new AbortController().signal };
        return build(audience);
      },
    };
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  function bundled(version = "1.0"): BundledEnvironment {
    return new BundledEnvironment(makeWheel(python.executable, folder, version), storage);
  }

  async function say(environment: BundledEnvironment): Promise<string> {
    const { program, args, version } = await environment.prepare(building);
    expect(await run({ program, args: [...args, "--version"] })).toBe(`magnetar ${version}`);
    return `magnetar ${version}`;
  }

  test("is built once, holds the wheel, and leaves nothing half made", async () => {
    const environment = bundled();
    expect(await say(environment)).toBe("magnetar 1.0");
    expect(await say(environment)).toBe("magnetar 1.0");
    expect(built).toBe(1);
    expect(await readdir(storage)).toHaveLength(1);
  });

  test("is built again where it does not run any more", async () => {
    const environment = bundled();
    const { program } = await environment.prepare(building);
    await rm(program);
    expect(await say(environment)).toBe("magnetar 1.0");
    expect(built).toBe(2);
  });

  test("is built again where its Python runs, and the server does not", async () => {
    const environment = bundled();
    const { program } = await environment.prepare(building);
    await run({ program, args: ["-I", "-c", "import magnetar, shutil; shutil.rmtree(magnetar.__path__[0])"] });
    expect(await say(environment)).toBe("magnetar 1.0");
    expect(built).toBe(2);
  });

  test("is built by two windows at once without either failing", async () => {
    const one = bundled();
    const other = new BundledEnvironment(join(folder, "magnetar-1.0-py3-none-any.whl"), storage);
    expect(await Promise.all([say(one), say(other)])).toEqual(["magnetar 1.0", "magnetar 1.0"]);
    expect(await readdir(storage)).toHaveLength(1);
  });

  test("stays for windows that still use it when a new version comes, and goes once nobody can", async () => {
    await say(bundled("1.0"));
    const [old] = await readdir(storage);
    expect(await say(bundled("2.0"))).toBe("magnetar 2.0");
    expect(await readdir(storage)).toHaveLength(2);
    const long = new Date(Date.now() - 30 * 24 * 60 * 60 * 1_000);
    await utimes(join(storage, String(old)), long, long);
    expect(await say(bundled("3.0"))).toBe("magnetar 3.0");
    expect(await readdir(storage)).not.toContain(old);
  });

  test("is removed on request", async () => {
    const environment = bundled();
    await say(environment);
    await environment.remove();
    expect(await readdir(storage)).toEqual([]);
  });

  test("says what to do where the extension carries no wheel", async () => {
    await expect(new BundledEnvironment(join(folder, "none.whl"), storage).prepare(building)).rejects.toMatchObject({
      hint: expect.stringContaining("Install the extension again") as string,
    });
  });

  test("leaves nothing behind where the wheel is broken", async () => {
    const wheel = join(folder, "magnetar-1.0-py3-none-any.whl");
    await writeFile(wheel, "no wheel");
    await expect(new BundledEnvironment(wheel, storage).prepare(building)).rejects.toThrow("pip");
    expect(await readdir(storage)).toEqual([]);
    expect(await readFile(wheel, "utf8")).toBe("no wheel");
  });
});

test("the interpreter's place is the platform's", () => {
  expect(interpreterOf("/e", "linux")).toBe(join("/e", "bin", "python"));
  expect(interpreterOf("/e", "win32")).toBe(join("/e", "Scripts", "python.exe"));
});

const PLENTY = 1e12;

test.each([
  ["OSError: [Errno 28] No space left on device", PLENTY, "disk is full"],
  ["ERROR: anything", 1_000, "disk is full"],
  ["The virtual environment was not created successfully because ensurepip is not available.", PLENTY, "environments"],
  ["SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))", PLENTY, "certificate"],
  ["Could not find a version that satisfies the requirement numpy (from versions: none)", PLENTY, "index"],
  ["Max retries exceeded with url: /simple/attrs/", PLENTY, "index"],
  ["ERROR: something else", PLENTY, "exit code 1"],
])("%s", (output, free, said) => {
  const failed = new CommandFailed({ program: "pip", args: [] }, "exit code 1", output);
  expect(explain(failed, free).message).toContain(said);
  expect(explain(failed, free).hint).not.toBe("");
});
