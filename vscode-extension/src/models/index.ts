/** The models a person can ask: which one is chosen, and the commands that choose one and keep its key. */

import * as vscode from "vscode";

import { ApiKeys } from "./apiKeys";
import { choose, pickNamed, type ModelSettings } from "./choice";
import { EditorModel } from "./editorModel";
import { Endpoint } from "./endpoint";
import { ModelFailure } from "./failure";
import type { ChatModel } from "./model";
import { listModels, OpenAiModel } from "./openai";

export type { ChatMessage, ChatModel } from "./model";
export { ModelFailure } from "./failure";

const LISTING_MS = 5_000;

export class Models {
  readonly #keys: ApiKeys;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #subscriptions: { dispose(): unknown }[];
  readonly onDidChange = this.#changed.event;

  constructor(secrets: vscode.SecretStorage) {
    this.#keys = new ApiKeys(secrets);
    const changed = (): void => {
      this.#changed.fire(undefined);
    };
    this.#subscriptions = [
      this.#changed,
      vscode.lm.onDidChangeChatModels(changed),
      secrets.onDidChange(changed),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("magnetar.model")) changed();
      }),
    ];
  }

  /**
   * The model that would answer now; undefined where there is none.
   *
   * @throws ModelFailure the chosen server has a bad address, or cannot be asked for the models it has.
   */
  async current(): Promise<ChatModel | undefined> {
    const choice = choose(settings());
    if (choice.from === "nowhere") return undefined;
    if (choice.from === "vscode") {
      const model = pickNamed(await vscode.lm.selectChatModels(), choice.name);
      return model && new EditorModel(model);
    }
    const endpoint = Endpoint.of(choice.url);
    const key = await this.#keys.of(endpoint.origin);
    const model = choice.name === "" ? (await this.#namesAt(endpoint))[0] : choice.name;
    return model === undefined ? undefined : new OpenAiModel({ endpoint, model, key });
  }

  /** Lets the user choose among all there are; the choice is kept in the user's settings. */
  async pick(): Promise<void> {
    const server = settings().url.trim();
    const offered = await vscode.window.withProgress({ location: { viewId: "magnetar.panel" } }, () =>
      this.#offers(server),
    );
    const picked = await vscode.window.showQuickPick(
      [...offered, { label: vscode.l10n.t("$(gear) Set the address of a model server…"), provider: undefined }],
      { title: vscode.l10n.t("Who should answer?"), matchOnDescription: true },
    );
    if (picked === undefined) return;
    if (picked.provider === undefined) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "magnetar.model");
      return;
    }
    const section = vscode.workspace.getConfiguration("magnetar.model");
    await section.update("provider", picked.provider, vscode.ConfigurationTarget.Global);
    await section.update("name", picked.id, vscode.ConfigurationTarget.Global);
  }

  /** Asks for the key of the server in the settings. */
  async setKey(): Promise<void> {
    const origin = await this.#originOrSettings();
    if (origin === undefined) return;
    const key = await vscode.window.showInputBox({
      title: vscode.l10n.t("API key for {0}", origin),
      prompt: vscode.l10n.t("Kept in the system's secret store, and sent to {0} only.", origin),
      password: true,
      ignoreFocusOut: true,
    });
    if (key === undefined || key.trim() === "") return;
    await this.#keys.set(origin, key.trim());
  }

  async removeKey(): Promise<void> {
    const origin = await this.#originOrSettings();
    if (origin === undefined) return;
    await this.#keys.remove(origin);
    void vscode.window.showInformationMessage(vscode.l10n.t("The API key for {0} is removed.", origin));
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #offers(server: string): Promise<Offer[]> {
    const own = (await vscode.lm.selectChatModels()).map((model) => ({
      label: model.name,
      description: model.vendor,
      provider: "vscode" as const,
      id: model.id,
    }));
    if (server === "") return own;
    try {
      const endpoint = Endpoint.of(server);
      const names = await this.#namesAt(endpoint);
      const theirs = names.map((id) => ({ label: id, description: endpoint.origin, provider: "openai" as const, id }));
      return [...theirs, ...own];
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      void vscode.window.showWarningMessage(
        vscode.l10n.t("{0} does not say which models it has: {1}", server, error.detail ?? error.kind),
      );
      return own;
    }
  }

  async #namesAt(endpoint: Endpoint): Promise<string[]> {
    const key = await this.#keys.of(endpoint.origin);
    return await listModels({ endpoint, key }, AbortSignal.timeout(LISTING_MS));
  }

  async #originOrSettings(): Promise<string | undefined> {
    const { url } = settings();
    try {
      if (url.trim() !== "") return Endpoint.of(url).origin;
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
    }
    const open = vscode.l10n.t("Open Settings");
    const chosen = await vscode.window.showWarningMessage(
      vscode.l10n.t("Set the address of the model server first: a key is kept for one address."),
      open,
    );
    if (chosen === open) await vscode.commands.executeCommand("workbench.action.openSettings", "magnetar.model.url");
    return undefined;
  }
}

interface Offer extends vscode.QuickPickItem {
  readonly provider: "vscode" | "openai" | undefined;
  readonly id?: string;
}

function settings(): ModelSettings {
  const section = vscode.workspace.getConfiguration("magnetar.model");
  return {
    provider: section.get<ModelSettings["provider"]>("provider", "auto"),
    url: section.get("url", ""),
    name: section.get("name", ""),
  };
}
