import * as l10n from "@vscode/l10n";

import type { PanelCommand, Server } from "../../panel/messages";
import type { Send } from "../common/bridge";
import { Icon } from "../common/icon";
import { warming, type PanelState } from "./state";

interface Words {
  title: string;
  text?: string | undefined;
  actions?: readonly (readonly [PanelCommand, string])[];
}

/** The whole panel where nothing can be asked: it says why, and what to do. */
export function Welcome({ server, send }: { server: Server; send: Send }) {
  const { title, text, actions = [] } = words(server);
  return (
    <section class="welcome" aria-live="polite">
      {server.kind === "failed" && <Icon name="error" />}
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {actions.map(([command, label], place) => (
        <button
          key={command}
          type="button"
          class={place === 0 ? "primary" : "secondary"}
          onClick={() => {
            send({ type: "command", command });
          }}
        >
          {label}
        </button>
      ))}
    </section>
  );
}

/** A line above the context while the server starts, reads the workspace, or works with less than it should have. */
export function Status({ state, send }: { state: PanelState; send: Send }) {
  const { server } = state;
  if (server.kind === "starting")
    return (
      <div class="status starting" role="status">
        <Icon name="loading" spin />
        <span>{server.message ?? l10n.t("Starting…")}</span>
      </div>
    );
  if (server.kind === "warming" && warming(state)) {
    const percentage = Math.min(server.percentage ?? 0, 100);
    return (
      <div class="status" role="status">
        <div class="line">
          <span title={l10n.t("Answers may miss files until then")}>{l10n.t("Reading the workspace…")}</span>
          <span class="muted">{server.message ?? l10n.t("{0} %", percentage)}</span>
        </div>
        <progress max={100} value={percentage} aria-label={l10n.t("Reading the workspace")} />
      </div>
    );
  }
  if (server.kind !== "degraded") return null;
  return (
    <div class="status degraded" role="status">
      <Icon name="warning" />
      <span>{server.message}</span>
      <button
        type="button"
        class="link"
        onClick={() => {
          send({ type: "command", command: "showLog" });
        }}
      >
        {l10n.t("Log")}
      </button>
    </div>
  );
}

/** What to do without a model: the context is of use by itself. */
export function NoModel({ send }: { send: Send }) {
  return (
    <div class="hint">
      <p>
        {l10n.t(
          "No model is set up, so nothing is sent anywhere. Copy the context into any chat, or choose who should answer.",
        )}
      </p>
      <div class="line">
        <button
          type="button"
          class="secondary"
          onClick={() => {
            send({ type: "copyContext", format: "markdown" });
          }}
        >
          {l10n.t("Copy Context")}
        </button>
        <button
          type="button"
          class="secondary"
          onClick={() => {
            send({ type: "command", command: "pickModel" });
          }}
        >
          {l10n.t("Choose a Model")}
        </button>
      </div>
    </div>
  );
}

function words(server: Server): Words {
  switch (server.kind) {
    case "noWorkspace":
      return {
        title: l10n.t("No folder is open"),
        text: l10n.t("Magnetar gathers context from the folder you work in."),
        actions: [["openFolder", l10n.t("Open Folder")]],
      };
    case "off":
      return {
        title: l10n.t("Magnetar is off"),
        actions: [["restart", l10n.t("Start")]],
      };
    case "failed":
      return {
        title: l10n.t("The server does not run"),
        text: server.message,
        actions: [
          ["restart", l10n.t("Try Again")],
          ["showLog", l10n.t("Show Log")],
        ],
      };
    default:
      return { title: "" };
  }
}
