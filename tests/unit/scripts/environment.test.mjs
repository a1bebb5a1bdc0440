// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { explain } from "../../../server/scripts/environment.mjs";
import { candidates, isSupported } from "../../../server/scripts/python.mjs";

const ROOM = 10 * 1024 ** 3;

/** @type {[string, string, number, RegExp, RegExp][]} */
const failures = [
  ["a full disk by its message", "OSError: [Errno 28] No space left on device", ROOM, /disk is full/, /Free/],
  ["a full disk by its size", "ensurepip returned non-zero exit status 1", 1_000, /disk is full/, /Free/],
  ["a missing ensurepip", "ensurepip is not available", ROOM, /neither pip nor ensurepip/, /apt install python3-venv/],
  ["an unknown certificate", "invalid peer certificate: UnknownIssuer", ROOM, /not trusted/, /SSL_CERT_FILE/],
  ["no network", "tcp connect error\nConnection refused", ROOM, /cannot be reached/, /HTTPS_PROXY/],
  ["an index without the package", "(from versions: none)", ROOM, /cannot be reached/, /PIP_INDEX_URL/],
  ["anything else", "SyntaxError: oh", ROOM, /uv sync failed:\nSyntaxError: oh/, /run this again/],
];

for (const [what, output, free, message, hint] of failures) {
  test(`${what} is told from other failures, with what to do`, () => {
    const said = explain(["uv", "sync"], output, free);
    assert.match(said.message, message);
    assert.match(said.hint, hint);
  });
}

test("a long failure is told by its last lines", () => {
  const output = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n");
  const { message } = explain(["uv"], output, ROOM);
  assert.ok(message.includes("line 49"));
  assert.ok(!message.includes("line 41\n"));
});

test("the newest Python that the tests run on is tried first, and Windows has a launcher of its own", () => {
  assert.deepEqual(candidates("linux").flat(), [
    ...["python3.13", "python3.12", "python3.11", "python3.10"],
    ...["python3", "python"],
  ]);
  assert.deepEqual(candidates("win32").at(-1), ["py", "-3"]);
});

test("Python 3.10 is new enough, 3.9 and 2.7 are not, 4.0 would be", () => {
  const supported = [[3, 10, 0], [3, 13, 1], [4, 0, 0], [3, 9, 18], [2, 7, 18]].map((version) =>
    isSupported(/** @type {any} */ ({ version })),
  );
  assert.deepEqual(supported, [true, true, true, false, false]);
});
