/**
 * Which server to run: the one the settings name, else the one in an environment of the workspace, else the bundled
 * one. In a workspace that is not trusted, nothing from inside it is run.
 */

import { l10n } from "vscode";

import { CommandFailed, type Command } from "./command";
import type { Building, BundledEnvironment } from "./environment";
import { SetupError } from "./failure";
import { moduleOf, versionOf } from "./version";

export type Origin = "setting" | "workspace" | "bundled";

export interface Server extends Command {
  origin: Origin;
  version: string;
}

export interface Surroundings {
  /** The setting `magnetar.server.path`; empty where it is not set. */
  path: string;
  trusted: boolean;
  workspaceInterpreters: () => Promise<Command[]>;
  bundled: BundledEnvironment;
}

/**
 * Finds the server, and sets the bundled one up where that is the one to run.
 *
 * @throws SetupError where the named server does not run, or the bundled one cannot be set up
 */
export async function findServer(around: Surroundings, building: Building): Promise<Server> {
  if (around.path) return named(around.path);
  const inWorkspace = around.trusted ? await firstWithServer(await around.workspaceInterpreters()) : undefined;
  if (inWorkspace) return inWorkspace;
  return { ...(await around.bundled.prepare(building)), origin: "bundled" };
}

async function named(path: string): Promise<Server> {
  try {
    return { program: path, args: [], origin: "setting", version: await versionOf({ program: path, args: [] }) };
  } catch (error) {
    throw new SetupError(
      l10n.t("{0}, which the setting magnetar.server.path names, is no magnetar server.", path),
      l10n.t("Correct the setting, or leave it empty to use the bundled server."),
      { cause: error },
    );
  }
}

async function firstWithServer(interpreters: Command[]): Promise<Server | undefined> {
  for (const interpreter of interpreters) {
    try {
      const command = moduleOf(interpreter);
      return { ...command, origin: "workspace", version: await versionOf(command) };
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
    }
  }
  return undefined;
}
