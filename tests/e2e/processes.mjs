// @ts-check
/** The magnetar servers that run on behalf of one editor. */

import { readFileSync, readdirSync } from "node:fs";

/**
 * @param {string} home the editor's: its servers' programs lie below it
 * @returns {number[]} process ids
 */
export function serversOf(home) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const words = commandLine(name);
      return words[0]?.startsWith(home) && words.includes("magnetar") && words.includes("serve");
    })
    .map(Number);
}

/** @param {string} id */
function commandLine(id) {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // It has just ended.
  }
}
