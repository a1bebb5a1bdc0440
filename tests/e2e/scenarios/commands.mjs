// @ts-check
/** What the command palette offers beyond the panel. */

import { shop } from "../workspaces.mjs";

/** @param {import("../session.mjs").Session} session */
export async function palette(session) {
  const folder = shop(session.folder());
  await session.scenario("palette", {}, async (open) => {
    const window = await open(folder);
    const { page } = window;
    await window.ready();
    await window.command("Magnetar: Index the Workspace Now");
    await window.notifications.getByText(/8 files and \d+ symbols are indexed/).waitFor();
    await window.command("Magnetar: Clear the Cache");
    await window.notifications.getByText(/cached entries are cleared/).waitFor();

    await window.file("shop/checkout.py");
    await window.command("Magnetar: Show Context for the Selection");
    await window.panel.piece("checkout.py").waitFor();
    await window.command("Magnetar: Forget What Was Learned in This Workspace");
    await page.getByRole("button", { name: "Forget", exact: true }).click();

    await window.command("Magnetar: Find Out What Is Wrong (Doctor)");
    await page.locator(".view-lines", { hasText: "The language server starts, answers and leaves." }).waitFor();
  });
}
