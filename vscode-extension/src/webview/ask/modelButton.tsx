import * as l10n from "@vscode/l10n";

import type { Model } from "../../panel/messages";
import type { Send } from "../common/bridge";
import { Icon } from "../common/icon";
import { failure } from "../words/failures";

/** Who answers; a click chooses another. */
export function ModelButton({ model, send }: { model: Model; send: Send }) {
  const label = model.kind === "model" ? model.label : l10n.t("Choose a model");
  const title = model.kind === "failed" ? failure(model.failure) : l10n.t("Choose who answers");
  return (
    <button
      type="button"
      class={`model ${model.kind}`}
      title={title}
      onClick={() => {
        send({ type: "command", command: "pickModel" });
      }}
    >
      {model.kind === "failed" && <Icon name="warning" />}
      <span class="label">{label}</span>
      <Icon name="chevron-down" />
    </button>
  );
}
