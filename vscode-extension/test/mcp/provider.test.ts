import { beforeEach, describe, expect, test } from "vitest";

import type * as vscode from "vscode";

import { registerMcpServers } from "../../src/mcp/provider";
import type { Server } from "../../src/server/discovery";
import type { Supervisor } from "../../src/server/supervisor";
import { Emitter } from "../editor/emitter";
import { editor } from "../editor/played";
import { Uri } from "../editor/vscode";

const SERVER: Server = { program: "/env/python", args: ["-I", "-m", "magnetar"], origin: "bundled", version: "1.0" };

describe("the MCP servers on offer", () => {
  const started = new Emitter<Server>();
  let supervisor: { server: Server | undefined; onDidStart: typeof started.event };

  beforeEach(() => {
    editor.reset();
    supervisor = { server: SERVER, onDidStart: started.event };
    registerMcpServers(supervisor as unknown as Supervisor);
  });

  function provider() {
    return editor.mcpProvider as vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition>;
  }

  function offered() {
    return provider().provideMcpServerDefinitions({} as vscode.CancellationToken) as vscode.McpStdioServerDefinition[];
  }

  test("run the same server as the editor, on each folder", () => {
    editor.folders = [{ name: "work", uri: Uri.file("/work") }];
    expect(offered()).toMatchObject([
      { label: "Magnetar", command: "/env/python", args: ["-I", "-m", "magnetar", "mcp", "/work"], version: "1.0" },
    ]);
  });

  test("tell several folders apart, and leave out what is not on disk", () => {
    editor.folders = [
      { name: "one", uri: Uri.file("/one") },
      { name: "two", uri: Uri.file("/two") },
      { name: "far", uri: Uri.parse("ftp:/far") },
    ];
    expect(offered().map(({ label }) => label)).toEqual(["Magnetar (one)", "Magnetar (two)"]);
  });

  test("are none before a server is there, and are asked for again once it is", () => {
    editor.folders = [{ name: "work", uri: Uri.file("/work") }];
    supervisor.server = undefined;
    expect(offered()).toEqual([]);
    let asked = 0;
    provider().onDidChangeMcpServerDefinitions?.(() => asked++);
    started.fire(SERVER);
    editor.foldersChanged.fire(undefined);
    expect(asked).toBe(2);
  });
});
