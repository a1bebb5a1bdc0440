/** The files that are likely to be needed next: a tree that follows the focus, and a quick pick that opens one. */

import * as vscode from "vscode";

import { literal } from "../literal";
import { PredictRequest, type Prediction } from "../protocol";
import { percent, sentence } from "../reasons";
import { isServing } from "../server/state";
import type { Supervisor } from "../server/supervisor";
import { describe } from "../server/failure";

/** Long enough for the server to hear of the focus first. */
const FOLLOW_MS = 250;

export class NextFiles implements vscode.TreeDataProvider<Prediction>, vscode.Disposable {
  readonly #supervisor: Supervisor;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #listeners: vscode.Disposable;
  readonly #view: vscode.TreeView<Prediction>;
  #following: NodeJS.Timeout | undefined;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(supervisor: Supervisor, log: vscode.LogOutputChannel) {
    this.#supervisor = supervisor;
    this.#log = log;
    this.#view = vscode.window.createTreeView("magnetar.nextFiles", { treeDataProvider: this });
    this.#listeners = vscode.Disposable.from(
      this.#changed,
      this.#view,
      supervisor.onDidChangeState(() => {
        this.#follow();
      }),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.#follow();
      }),
    );
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  getTreeItem(prediction: Prediction): vscode.TreeItem {
    const uri = vscode.Uri.parse(prediction.uri);
    const reasons = sentence(prediction.reasons);
    return {
      resourceUri: uri,
      description: `${percent(prediction.probability)} · ${reasons}`,
      tooltip: new vscode.MarkdownString(
        `**${literal(vscode.workspace.asRelativePath(uri))}**\n\n${percent(prediction.probability)} – ${reasons}`,
      ),
      iconPath: vscode.ThemeIcon.File,
      accessibilityInformation: {
        label: `${vscode.workspace.asRelativePath(uri)}, ${percent(prediction.probability)}, ${reasons}`,
      },
      command: { command: "vscode.open", title: vscode.l10n.t("Open"), arguments: [uri] },
    };
  }

  async getChildren(parent?: Prediction): Promise<Prediction[]> {
    if (parent || !isServing(this.#supervisor.state)) return [];
    try {
      return await predicted(this.#supervisor);
    } catch (error) {
      this.#log.warn("next files:", describe(error));
      return [];
    }
  }

  dispose(): void {
    clearTimeout(this.#following);
    this.#listeners.dispose();
  }

  #follow(): void {
    clearTimeout(this.#following);
    this.#following = setTimeout(() => {
      // A tree that nobody sees asks for nothing.
      if (this.#view.visible) this.refresh();
    }, FOLLOW_MS);
  }
}

interface Pick extends vscode.QuickPickItem {
  uri: vscode.Uri;
}

/** Shows the predictions in a quick pick, and opens the one that is chosen. */
export async function pickNextFile(supervisor: Supervisor): Promise<void> {
  const picks = predicted(supervisor).then((predictions) => predictions.map(pick));
  const chosen = await vscode.window.showQuickPick(picks, {
    title: vscode.l10n.t("Likely next files"),
    placeHolder: vscode.l10n.t("Where to?"),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (chosen) await vscode.window.showTextDocument(chosen.uri);
}

function pick({ uri, probability, reasons }: Prediction): Pick {
  const target = vscode.Uri.parse(uri);
  const path = vscode.workspace.asRelativePath(target);
  const slash = path.lastIndexOf("/");
  return {
    uri: target,
    label: path.slice(slash + 1),
    description: path.slice(0, Math.max(slash, 0)),
    detail: `${percent(probability)} · ${sentence(reasons)}`,
    iconPath: vscode.ThemeIcon.File,
  };
}

async function predicted(supervisor: Supervisor): Promise<Prediction[]> {
  return (await supervisor.request(PredictRequest, {})).predictions;
}
