import * as l10n from "@vscode/l10n";
import { useEffect, useLayoutEffect, useRef, type Dispatch, type StateUpdater } from "preact/hooks";

import type { Completion, Ledger } from "../../panel/messages";
import type { Send } from "../common/bridge";
import { IconButton } from "../common/button";
import { Icon } from "../common/icon";
import { lines } from "../words/context";
import { useCompleting } from "./completing";
import { ModelButton } from "./modelButton";
import { answering, serving, type PanelState } from "./state";
import { optionId, Suggestions } from "./suggestions";
import { completed, mentioned } from "./trigger";

const LIST = "suggestions";
const MOST_PIXELS = 200;

/** A question that is being written. It outlives the box, which is away while no server answers. */
export interface Draft {
  readonly text: string;
  readonly caret: number;
  /** The documents behind names that were completed. */
  readonly known: ReadonlyMap<string, string>;
}

export const NO_DRAFT: Draft = { text: "", caret: 0, known: new Map() };

interface ComposerProps {
  state: PanelState;
  draft: Draft;
  onDraft: Dispatch<StateUpdater<Draft>>;
  send: Send;
}

/** The question box: completes names, tells the extension what is written, and sends it. */
export function Composer({ state, draft, onDraft, send }: ComposerProps) {
  const { text, caret, known } = draft;
  const box = useRef<HTMLTextAreaElement>(null);
  const busy = answering(state.turns);
  // A server that did not say what models it has may do so by now: asking finds out.
  const hasModel = state.model.kind !== "none";
  const completing = useCompleting(text, caret, state, send);
  const { found, selected, trigger } = completing;

  const write = (next: string, at: number, names = known): void => {
    onDraft({ text: next, caret: at, known: names });
    send({ type: "question", question: next, mentions: mentioned(next, names) });
  };

  useEffect(() => {
    if (state.focus > 0) box.current?.focus();
  }, [state.focus]);
  useLayoutEffect(() => {
    const area = box.current;
    if (area === null) return;
    area.rows = 1;
    const line = Number.parseFloat(getComputedStyle(area).lineHeight) || 18;
    area.rows = Math.max(2, Math.floor(Math.min(area.scrollHeight, MOST_PIXELS) / line));
    if (document.activeElement === area && area.selectionStart !== caret) area.setSelectionRange(caret, caret);
  }, [text, caret]);

  const ask = (): void => {
    if (text.trim() === "" || busy || !hasModel || !serving(state.server)) return;
    send({ type: "ask", question: text, mentions: mentioned(text, known) });
    onDraft(NO_DRAFT);
    // The button that was pressed is about to become another one.
    box.current?.focus();
  };
  const choose = ({ insert, uri }: Completion): void => {
    if (trigger === undefined) return;
    const names = uri === undefined ? known : new Map(known).set(insert, uri);
    const next = completed(text, trigger, insert);
    write(next.text, next.caret, names);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const option = found[selected];
    if (option !== undefined && !event.shiftKey) {
      const to = { ArrowDown: selected + 1, ArrowUp: selected - 1 }[event.key];
      if (to !== undefined) completing.select((to + found.length) % found.length);
      else if (event.key === "Enter" || event.key === "Tab") choose(option);
      else if (event.key === "Escape") completing.dismiss();
      else return;
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      ask();
    } else if (event.key === "Escape" && busy) {
      send({ type: "stop" });
    }
  };
  const mark = (letter: "@" | "#"): void => {
    const before = text.slice(0, caret);
    const added = before === "" || /\s$/.test(before) ? letter : ` ${letter}`;
    box.current?.focus();
    write(before + added + text.slice(caret), caret + added.length);
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      {found.length > 0 && <Suggestions id={LIST} completions={found} selected={selected} onChoose={choose} />}
      <div class="box">
        <Scope ledger={state.ledger} />
        <textarea
          ref={box}
          rows={2}
          value={text}
          placeholder={
            state.turns.length > 0
              ? l10n.t("Ask a follow-up…")
              : l10n.t("Ask about this workspace. @ names a file, # a symbol.")
          }
          aria-label={l10n.t("Question")}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={found.length > 0 ? LIST : undefined}
          aria-activedescendant={found.length > 0 ? optionId(LIST, selected) : undefined}
          onInput={(event) => {
            write(event.currentTarget.value, event.currentTarget.selectionStart);
          }}
          onSelect={(event) => {
            const { selectionStart } = event.currentTarget;
            onDraft((before) => ({ ...before, caret: selectionStart }));
          }}
          onKeyDown={onKeyDown}
        />
        <div class="line tools">
          <IconButton
            icon="mention"
            label={l10n.t("Name a file")}
            onClick={() => {
              mark("@");
            }}
          />
          <IconButton
            icon="symbol-numeric"
            label={l10n.t("Name a symbol")}
            onClick={() => {
              mark("#");
            }}
          />
          <ModelButton model={state.model} send={send} />
          {busy ? (
            <button
              type="button"
              class="send"
              title={l10n.t("Stop (Escape)")}
              aria-label={l10n.t("Stop the answer")}
              onClick={() => {
                send({ type: "stop" });
              }}
            >
              <Icon name="debug-stop" />
            </button>
          ) : (
            <button
              type="submit"
              class="send"
              title={hasModel ? l10n.t("Send (Enter)") : l10n.t("Choose a model to send the question to")}
              aria-label={l10n.t("Send")}
              disabled={text.trim() === "" || !hasModel || !serving(state.server)}
            >
              <Icon name="send" />
            </button>
          )}
        </div>
      </div>
      <span class="hidden" role="status">
        {found.length > 0 && l10n.t("{0} suggestions", found.length)}
      </span>
    </form>
  );
}

/** Where the user is: the context is about that as much as about the question. */
function Scope({ ledger }: { ledger: Ledger | undefined }) {
  const scope = ledger?.scope;
  if (scope === undefined) return null;
  const { name, selection } = scope;
  return (
    <p class="scope muted">
      <Icon name={selection === undefined ? "file-code" : "list-selection"} />
      {selection === undefined ? l10n.t("in {0}", name) : l10n.t("lines {0} of {1}", lines(selection), name)}
    </p>
  );
}
