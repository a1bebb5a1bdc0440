import * as l10n from "@vscode/l10n";

import type { ChatSummary } from "../../panel/messages";
import type { Send } from "../common/bridge";
import { IconButton } from "../common/button";

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Earlier conversations of this workspace. */
export function Chats({ chats, current, send }: { chats: readonly ChatSummary[]; current: string; send: Send }) {
  const others = chats.filter(({ id }) => id !== current);
  if (others.length === 0) return null;
  return (
    <details class="chats">
      <summary>{l10n.t("Earlier conversations ({0})", others.length)}</summary>
      <ul>
        {others.map(({ id, title, changedAt }) => (
          <li key={id} class="line">
            <button
              type="button"
              class="name"
              title={title}
              onClick={() => {
                send({ type: "openChat", id });
              }}
            >
              <span class="file">{title}</span>
              <span class="directory">{dates.format(changedAt)}</span>
            </button>
            <IconButton
              icon="trash"
              label={l10n.t("Delete the conversation “{0}”", title)}
              onClick={() => {
                send({ type: "deleteChat", id });
              }}
            />
          </li>
        ))}
      </ul>
    </details>
  );
}
