// @ts-check
/** The panel: what would be sent, changed by hand, sent, and answered. */

import assert from "node:assert/strict";

import { until } from "../waiting.mjs";
import { shop } from "../workspaces.mjs";

const QUESTION = "how is a discount priced?";

/** @param {import("../session.mjs").Session} session */
export async function contextBeforeSending(session) {
  const folder = shop(session.folder());
  await session.scenario("context before sending", {}, async (open) => {
    const window = await open(folder);
    const { panel } = window;
    await window.ready();
    await window.file("shop/cart.py");
    await window.activity("Magnetar");
    await panel.question.fill(QUESTION);
    await panel
      .piece("pricing.py")
      .getByText(/has the (question's )?words/)
      .waitFor();
    await panel.piece("pricing.py").getByText("whole file").waitFor();

    await panel.press("notes.txt", "Pin notes.txt");
    await panel.piece("notes.txt").getByText("pinned by you").waitFor();
    await panel.press("payment.py", "Exclude payment.py");
    await panel.frame.getByText("Excluded by you").waitFor();

    // What is sent is what the ledger showed, and what the editor shows, saved or not.
    await window.tab("cart.py").click();
    await window.type("# The till is closed on Mondays.\n");
    await panel.piece("cart.py").getByText("editor").waitFor();
    await panel.ask(QUESTION);
    await panel.answers.getByText("Prices are reduced in").waitFor();
    const sent = session.model.lastText;
    assert.match(sent, /return full \* 0\.9/);
    assert.match(sent, /Nothing of this belongs/);
    assert.match(sent, /The till is closed on Mondays/);
    assert.doesNotMatch(sent, /class Declined/);
    assert(sent.trimEnd().endsWith(QUESTION));

    await panel.context.getByRole("button", { name: /^Context/ }).click();
    await panel.piece("pricing.py").locator("button.name").click();
    await window.tab("pricing.py").waitFor();
  });
}

/** @param {import("../session.mjs").Session} session */
export async function answers(session) {
  const folder = shop(session.folder());
  await session.scenario("answers", {}, async (open) => {
    const window = await open(folder);
    const { panel } = window;
    await window.ready();
    await window.activity("Magnetar");
    await panel.question.pressSequentially("what does @pric");
    await panel.frame
      .getByRole("option", { name: /pricing\.py/ })
      .first()
      .click();
    assert.match(await panel.question.inputValue(), /pricing\.py/);
    await panel.ask(QUESTION);
    await panel.answers.locator("code", { hasText: "return full * 0.9" }).waitFor();
    await panel.answers.locator("strong", { hasText: "shop/pricing.py" }).waitFor();

    const before = session.model.requests.at(-1)?.messages ?? [];
    await panel.ask("go on without end");
    await panel.answers.locator("strong", { hasText: "shop/pricing.py" }).nth(1).waitFor();
    await panel.frame.getByRole("button", { name: "Stop the answer" }).click();
    await panel.answers.getByText("Stopped.").waitFor();
    await until(() => session.model.broken > 0, "the connection to the model is closed");
    const after = session.model.requests.at(-1)?.messages ?? [];
    assert.deepEqual(after.slice(0, before.length), before, "a follow-up's prompt grows at its end");
    assert.equal(after.length, before.length + 2);
  });
}
