import { expect, test } from "vitest";

import { Warming } from "../../src/server/warming";

test("the folder that is furthest behind speaks for all", () => {
  const warming = new Warming();
  warming.update("a", { kind: "begin", title: "Indexing a", percentage: 80, message: "80 / 100 files" });
  warming.update("b", { kind: "begin", title: "Indexing b", percentage: 0 });
  warming.update("b", { kind: "report", percentage: 20, message: "2 / 10 files" });
  expect(warming.report()).toEqual({ percentage: 20, message: "2 / 10 files" });
});

test("a folder that is done no longer counts", () => {
  const warming = new Warming();
  warming.update("a", { kind: "begin", title: "Indexing a", percentage: 80 });
  warming.update("b", { kind: "begin", title: "Indexing b", percentage: 20 });
  warming.update("b", { kind: "end" });
  expect(warming.report()).toEqual({ percentage: 80 });
  warming.clear();
  expect(warming.report()).toEqual({});
});
