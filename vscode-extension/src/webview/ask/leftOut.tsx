import * as l10n from "@vscode/l10n";

import type { FileView, Ledger, LeftOut } from "../../panel/messages";
import type { Send } from "../common/bridge";
import { IconButton } from "../common/button";
import { Icon } from "../common/icon";
import { leftOut } from "../words/context";

/** What the user took out, with the way back. */
export function Excluded({ files, send }: { files: readonly FileView[]; send: Send }) {
  if (files.length === 0) return null;
  return (
    <div class="excluded">
      <h3>{l10n.t("Excluded by you")}</h3>
      <ul>
        {files.map((file) => (
          <li key={file.uri} class="line">
            <FileName file={file} />
            <IconButton
              icon="discard"
              label={l10n.t("Allow {0} again", file.name)}
              onClick={() => {
                send({ type: "exclude", uri: file.uri, on: false });
              }}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What was weighed and is not sent, and why; what only lacked room can be pinned. */
export function LeftOutList({ ledger, send }: { ledger: Ledger; send: Send }) {
  const { leftOut: files, lateSources } = ledger;
  if (files.length === 0 && lateSources.length === 0) return null;
  // What was named and refused is what its user looks for, so it is never folded away.
  const refused = files.filter(({ reason }) => reason !== "budget");
  const crowded = files.filter(({ reason }) => reason === "budget");
  return (
    <div class="left-out">
      {refused.length > 0 && (
        <>
          <h3>{l10n.t("Not sent")}</h3>
          <Rows files={refused} send={send} />
        </>
      )}
      {crowded.length > 0 && (
        <details>
          <summary>
            {crowded.length === 1
              ? l10n.t("1 more for which there is no room")
              : l10n.t("{0} more for which there is no room", crowded.length)}
          </summary>
          <Rows files={crowded} send={send} />
        </details>
      )}
      {lateSources.length > 0 && (
        <p class="muted">{l10n.t("Too slow this time, so left out: {0}", lateSources.join(", "))}</p>
      )}
    </div>
  );
}

function Rows({ files, send }: { files: readonly LeftOut[]; send: Send }) {
  return (
    <ul>
      {files.map((file) => (
        <li key={file.uri} class="line">
          <FileName file={file} />
          <span class={`muted why ${file.reason}`}>
            {file.reason === "secret" && <Icon name="lock" />}
            {leftOut(file)}
          </span>
          {file.reason === "budget" && (
            <IconButton
              icon="pin"
              label={l10n.t("Pin {0}", file.name)}
              onClick={() => {
                send({ type: "pin", uri: file.uri, on: true });
              }}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function FileName({ file }: { file: FileView }) {
  return (
    <span class="name">
      <span class="file">{file.name}</span>
      <span class="directory">{file.directory}</span>
    </span>
  );
}
