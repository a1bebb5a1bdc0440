import * as l10n from "@vscode/l10n";

import type { TurnView } from "../../panel/messages";
import type { Send } from "../common/bridge";
import { Icon } from "../common/icon";
import { IconButton } from "../common/button";
import { CopyButton } from "../common/copyButton";
import { Markdown, type CodeActions } from "../markdown/markdown";
import { failure, said } from "../words/failures";
import { lines } from "../words/context";
import { count } from "../words/numbers";

interface TurnProps {
  turn: TurnView;
  /** Only the last one can be asked again. */
  last: boolean;
  actions: CodeActions;
  send: Send;
}

/** A question, what went with it, and its answer. */
export function Turn({ turn, last, actions, send }: TurnProps) {
  const { question, answer, state } = turn;
  const over = state === "done" || state === "stopped" || state === "failed";
  return (
    <article class={`turn ${state}`} aria-label={question}>
      <div class="question">{question}</div>
      {turn.sent.length > 0 && <SentWith turn={turn} send={send} />}
      {answer !== "" && <Markdown text={answer} actions={actions} />}
      {!over && <Progress state={state} />}
      {state === "stopped" && <p class="muted">{l10n.t("Stopped.")}</p>}
      {turn.failure !== undefined && <Problem turn={turn} send={send} />}
      {over && (
        <div class="line after">
          {answer !== "" && (
            <CopyButton
              label={l10n.t("Copy the answer")}
              onCopy={() => {
                send({ type: "copyText", text: answer });
              }}
            />
          )}
          {last && (
            <IconButton
              icon="refresh"
              label={l10n.t("Ask again")}
              onClick={() => {
                send({ type: "retry" });
              }}
            />
          )}
          <span class="muted">{turn.model}</span>
        </div>
      )}
    </article>
  );
}

function SentWith({ turn, send }: { turn: TurnView; send: Send }) {
  const { sent, tokens } = turn;
  const pieces = sent.length === 1 ? l10n.t("1 piece") : l10n.t("{0} pieces", sent.length);
  return (
    <details class="sent">
      <summary>{l10n.t("Sent with {0} of context, {1} tokens", pieces, count(tokens))}</summary>
      <ul>
        {sent.map(({ uri, name, directory, ranges, held, tokens: cost }) => {
          const [range] = ranges;
          return (
            <li key={`${uri} ${ranges.map(lines).join()}`} class="line">
              <button
                type="button"
                class="name"
                onClick={() => {
                  send({ type: "open", uri, ...(range === undefined ? {} : { range }) });
                }}
              >
                <span class="file">{name}</span>
                <span class="directory">{directory}</span>
              </button>
              <span class="muted">{held ? l10n.t("from before") : count(cost)}</span>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

function Progress({ state }: { state: TurnView["state"] }) {
  const words =
    state === "gathering" ? l10n.t("Gathering context…") : state === "waiting" ? l10n.t("Waiting for the model…") : "";
  return (
    <p class="progress muted">
      <Icon name="loading" spin />
      {words}
    </p>
  );
}

function Problem({ turn, send }: { turn: TurnView; send: Send }) {
  if (turn.failure === undefined) return null;
  const detail = said(turn.failure);
  const keyWanted = turn.failure.kind === "refusedKey" || turn.failure.kind === "keyNeedsHttps";
  return (
    <div class="problem" role="alert">
      <p>{failure(turn.failure)}</p>
      {detail !== undefined && <p class="detail">{detail}</p>}
      <div class="line">
        <button
          type="button"
          class="secondary"
          onClick={() => {
            send({ type: "command", command: keyWanted ? "setApiKey" : "openModelSettings" });
          }}
        >
          {keyWanted ? l10n.t("Set the API Key") : l10n.t("Model Settings")}
        </button>
      </div>
    </div>
  );
}
