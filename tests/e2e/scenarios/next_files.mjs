// @ts-check
/** Where one goes next, learned from where one went. */

import { shop } from "../workspaces.mjs";

const ROUND = ["shop/pricing.py", "notes.txt", "shop/payment.py"];

/** @param {import("../session.mjs").Session} session */
export async function tour(session) {
  const folder = shop(session.folder());
  await session.scenario("tour", {}, async (open) => {
    const window = await open(folder);
    await window.ready();
    // Nothing but the habit leads from prices to the notes.
    for (const path of [...ROUND, ...ROUND, ...ROUND, "shop/pricing.py"]) await window.file(path);
    await window.activity("Magnetar");
    const first = window.page.getByRole("treeitem", { name: /^notes\.txt, \d+ %, .*often visited next/ });
    await first.waitFor();
    await window.nextFile("notes.txt");
    await window.tab("notes.txt").waitFor();
  });
}
