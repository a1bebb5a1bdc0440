// @ts-check
/**
 * One holder at a time, across processes: a file with its holder's process id. A lock whose holder is gone is taken over.
 */

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 150;

/**
 * Runs `work` while holding the lock at `path`; `waiting` is called once if another process holds it.
 * @template T
 * @param {string} path
 * @param {(holder: number) => void} waiting
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, waiting, work) {
  for (let told = false; !take(path); told = true) {
    const holder = holderOf(path);
    if (holder !== undefined && !told) waiting(holder);
    await sleep(POLL_MS);
  }
  const release = () => rmSync(path, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

/** @param {string} path */
function take(path) {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    // A link appears with its contents or not at all, so no one ever reads a lock without a holder.
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    if (holderOf(path) === undefined) putAside(path);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * Removes a lock whose holder is gone. Of several processes that try, the rename lets one through; should it have
 * caught a lock taken in between, it is put back.
 * @param {string} path
 */
function putAside(path) {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    if (holderOf(aside) !== undefined) linkSync(aside, path);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== "ENOENT" && code !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/**
 * The process that holds a lock, or undefined where it is gone.
 * @param {string} path
 */
function holderOf(path) {
  try {
    const holder = Number(readFileSync(path, "utf8"));
    process.kill(holder, 0);
    return holder;
  } catch (error) {
    // EPERM: the process is there and belongs to somebody else.
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    return code === "EPERM" ? -1 : undefined;
  }
}
