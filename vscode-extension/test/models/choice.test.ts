import { describe, expect, test } from "vitest";

import { ApiKeys } from "../../src/models/apiKeys";
import { choose, pickNamed } from "../../src/models/choice";
import { Endpoint } from "../../src/models/endpoint";
import { ModelFailure } from "../../src/models/failure";

describe("the choice of a model", () => {
  test.each([
    [
      { provider: "auto", url: "", name: "" },
      { from: "vscode", name: "" },
    ],
    [
      { provider: "auto", url: " http://localhost:1 ", name: "m" },
      { from: "openai", url: "http://localhost:1", name: "m" },
    ],
    [
      { provider: "vscode", url: "http://localhost:1", name: "m" },
      { from: "vscode", name: "m" },
    ],
    [{ provider: "openai", url: "", name: "m" }, { from: "nowhere" }],
  ] as const)("%j", (settings, choice) => {
    expect(choose(settings)).toEqual(choice);
  });

  test("goes by id, then name, then family", () => {
    const models = [
      { id: "a", name: "Big", family: "b" },
      { id: "b", name: "Small", family: "a" },
    ];
    expect(pickNamed(models, "b")?.id).toBe("b");
    expect(pickNamed(models, "Big")?.id).toBe("a");
    expect(pickNamed(models.slice(1), "a")?.id).toBe("b");
    expect(pickNamed(models, "")?.id).toBe("a");
    expect(pickNamed(models, "none")).toBeUndefined();
  });
});

describe("an address", () => {
  test.each([
    ["http://localhost:11434", "http://localhost:11434/v1/chat/completions"],
    ["http://localhost:11434/", "http://localhost:11434/v1/chat/completions"],
    ["https://models.example/api/v1/", "https://models.example/api/v1/chat/completions"],
    ["https://models.example/v1/chat/completions", "https://models.example/v1/chat/completions"],
    ["https://models.example/openai?api-version=2", "https://models.example/openai/chat/completions?api-version=2"],
  ])("%s", (address, chat) => {
    expect(Endpoint.of(address).chat.href).toBe(chat);
  });

  test.each(["", "localhost", "file:///etc/passwd", "ftp://models.example"])("refused: %s", (address) => {
    expect(() => Endpoint.of(address)).toThrow(ModelFailure);
  });

  test("with a password in it is refused, and the password is not repeated", () => {
    expect(() => Endpoint.of("https://ada:s3cret@models.example")).toThrow(
      expect.objectContaining({ kind: "badAddress", subject: "https://models.example" }),
    );
  });

  test.each([
    ["https://models.example", true],
    ["http://127.0.0.1:8080", true],
    ["http://[::1]:8080", true],
    ["http://localhost", true],
    ["http://models.example", false],
    ["http://127.0.0.1.models.example", false],
  ])("whose line is confidential: %s", (address, confidential) => {
    expect(Endpoint.of(address).confidential).toBe(confidential);
  });
});

test("a key belongs to the origin it was entered for", async () => {
  const stored = new Map<string, string>();
  const keys = new ApiKeys({
    get: (name) => Promise.resolve(stored.get(name)),
    store: (name, value) => Promise.resolve(void stored.set(name, value)),
    delete: (name) => Promise.resolve(void stored.delete(name)),
  });
  await keys.set(Endpoint.of("https://models.example/v1").origin, "s3cret");
  expect(await keys.of(Endpoint.of("https://models.example/other").origin)).toBe("s3cret");
  expect(await keys.of(Endpoint.of("http://models.example/v1").origin)).toBeUndefined();
  expect(await keys.of(Endpoint.of("https://models.example:8443/v1").origin)).toBeUndefined();
  await keys.remove("https://models.example");
  expect(stored.size).toBe(0);
});
