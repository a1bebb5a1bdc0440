// @ts-check
/** The doors that are VS Code's own: its chat and the agents in it. */

import assert from "node:assert/strict";

import { shop } from "../workspaces.mjs";

const WITH_CHAT = { "chat.disableAIFeatures": false, "workbench.secondarySideBar.defaultVisibility": "visible" };

/** @param {import("../session.mjs").Session} session */
export async function chat(session) {
  const folder = shop(session.folder());
  await session.scenario("agent", WITH_CHAT, async (open) => {
    const window = await open(folder);
    await window.ready();
    await window.enableLocalModel("Local One");
    await window.ask("please use the context tool");
    await window.chat.getByText("The tool said:").waitFor();
    assert.match(session.model.lastText, /shop\/pricing\.py[^]*return full \* 0\.9/);
    const tools = session.model.requests.flatMap(({ tools }) => tools ?? []).map((tool) => tool.function.name);
    for (const name of ["magnetar_context", "magnetar_search", "magnetar_predict"]) assert(tools.includes(name), name);

    await window.ask("@magnetar how is a discount priced?");
    await window.chat.getByText("Prices are reduced in").waitFor();
    assert.match(session.model.lastText, /return full \* 0\.9[^]*how is a discount priced\?$/);
  });
}
