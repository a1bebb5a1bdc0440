/** Which model answers, from the settings alone: the choice is a pure function, so that it can be read and tested. */

export interface ModelSettings {
  readonly provider: "auto" | "vscode" | "openai";
  /** The OpenAI-compatible server's address; empty where there is none. */
  readonly url: string;
  /** A model's id; empty leaves it to the provider. */
  readonly name: string;
}

export type Choice =
  | { readonly from: "openai"; readonly url: string; readonly name: string }
  | { readonly from: "vscode"; readonly name: string }
  | { readonly from: "nowhere" };

/** A server of one's own comes first where there is one: whoever entered its address wants it asked. */
export function choose({ provider, url, name }: ModelSettings): Choice {
  const address = url.trim();
  if (provider === "vscode") return { from: "vscode", name };
  if (address !== "") return { from: "openai", url: address, name };
  return provider === "auto" ? { from: "vscode", name } : { from: "nowhere" };
}

/** What tells the editor's models apart. */
export interface Named {
  readonly id: string;
  readonly name: string;
  readonly family: string;
}

/** The model that was named, by id, name or family; the first one where none was. */
export function pickNamed<M extends Named>(models: readonly M[], name: string): M | undefined {
  if (name === "") return models[0];
  return (
    models.find((model) => model.id === name) ??
    models.find((model) => model.name === name) ??
    models.find((model) => model.family === name)
  );
}
