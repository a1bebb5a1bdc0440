import * as l10n from "@vscode/l10n";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Ledger } from "../../panel/messages";
import type { Send } from "../common/bridge";
import { IconButton } from "../common/button";
import { CopyButton } from "../common/copyButton";
import { count, milliseconds } from "../words/numbers";
import { BudgetBar } from "./bar";
import { BudgetSlider } from "./budgetSlider";
import { Item } from "./item";
import { Excluded, LeftOutList } from "./leftOut";
import type { PanelState } from "./state";

interface ContextProps {
  state: PanelState;
  /** Whether the list is shown, and not the summary alone. */
  open: boolean;
  onToggle: () => void;
  onBudget: (budget: number) => void;
  send: Send;
}

/** The ledger: everything the model will be given with the next question, before it is sent. */
export function Context({ state, open, onToggle, onBudget, send }: ContextProps) {
  const { ledger, gathering, ledgerError } = state;
  const [current, setCurrent] = useState<string>();
  return (
    <section class={`context${open ? " open" : ""}`} aria-label={l10n.t("Context")} aria-busy={gathering}>
      <div class="line heading">
        <h2>
          <button type="button" class="fold" aria-expanded={open} aria-controls="ledger" onClick={onToggle}>
            <span class={`codicon codicon-chevron-${open ? "down" : "right"}`} aria-hidden="true" />
            {l10n.t("Context")}
            <span class="muted">{ledger === undefined ? "" : pieces(ledger)}</span>
          </button>
        </h2>
        <span class="actions">
          <CopyButton
            label={l10n.t("Copy the context as Markdown")}
            icon="markdown"
            onCopy={() => {
              send({ type: "copyContext", format: "markdown" });
            }}
          />
          <CopyButton
            label={l10n.t("Copy the context as JSON")}
            icon="json"
            onCopy={() => {
              send({ type: "copyContext", format: "json" });
            }}
          />
          <IconButton
            icon={gathering ? "loading" : "refresh"}
            class={gathering ? "busy" : ""}
            label={l10n.t("Gather again")}
            onClick={() => {
              send({ type: "refresh" });
            }}
          />
        </span>
      </div>
      {ledger !== undefined && <BudgetBar ledger={ledger} current={open ? current : undefined} onPoint={setCurrent} />}
      <div class="line under-bar">
        <span class="muted used" title={ledger && l10n.t("Gathered in {0}", milliseconds(ledger.elapsedMs))}>
          {ledger === undefined ? (gathering ? l10n.t("Gathering…") : "") : used(ledger)}
        </span>
        <BudgetSlider budget={state.tokenBudget} onChange={onBudget} />
      </div>
      {ledgerError !== undefined && (
        <p class="problem" role="alert">
          {ledgerError}
        </p>
      )}
      <div id="ledger" hidden={!open}>
        {ledger === undefined && (
          <p class="muted empty">
            {l10n.t("What a model is given with your question appears here before it is sent.")}
          </p>
        )}
        {open && ledger !== undefined && (
          <Items ledger={ledger} state={state} current={current} onCurrent={setCurrent} send={send} />
        )}
      </div>
    </section>
  );
}

interface ItemsProps {
  ledger: Ledger;
  state: PanelState;
  current: string | undefined;
  onCurrent: (key: string | undefined) => void;
  send: Send;
}

function Items({ ledger, state, current, onCurrent, send }: ItemsProps) {
  const [active, setActive] = useState(0);
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLUListElement>(null);
  const last = ledger.items.length - 1;
  const stop = Math.min(active, last);

  // A text that was dropped because the file changed is asked for again while it is open.
  useEffect(() => {
    for (const { key } of ledger.items)
      if (expanded.has(key) && !state.previews.has(key)) send({ type: "preview", key });
  }, [ledger, expanded, state.previews, send]);

  const toggle = (key: string): void => {
    const next = new Set(expanded);
    if (!next.delete(key)) next.add(key);
    setExpanded(next);
  };
  const move = (to: number): void => {
    setActive(to);
    list.current?.querySelectorAll<HTMLElement>("[data-row]")[to]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!(event.target instanceof HTMLElement) || event.target.dataset["row"] === undefined) return;
    const item = ledger.items[stop];
    const targets: Record<string, number> = { ArrowDown: stop + 1, ArrowUp: stop - 1, Home: 0, End: last };
    const to = targets[event.key];
    if (to !== undefined) move(Math.min(Math.max(to, 0), last));
    else if (item === undefined) return;
    else if (event.key === "p") send({ type: "pin", uri: item.uri, on: !item.pinned });
    else if (event.key === "Delete") send({ type: "exclude", uri: item.uri, on: true });
    else if (event.key === " ") toggle(item.key);
    else return;
    event.preventDefault();
  };

  return (
    <>
      {ledger.items.length === 0 && <p class="muted empty">{nothing(ledger)}</p>}
      <ul
        class="items"
        ref={list}
        onKeyDown={onKeyDown}
        aria-label={l10n.t("Pieces of the context. P pins, Delete excludes, Space shows the text, Enter opens.")}
      >
        {ledger.items.map((item, place) => (
          <Item
            key={item.key}
            item={item}
            active={place === stop}
            current={item.key === current}
            expanded={expanded.has(item.key)}
            preview={state.previews.get(item.key)}
            onToggle={() => {
              toggle(item.key);
            }}
            onPoint={(on) => {
              onCurrent(on ? item.key : undefined);
            }}
            onFocus={() => {
              setActive(place);
            }}
            send={send}
          />
        ))}
      </ul>
      <Excluded files={ledger.excluded} send={send} />
      <LeftOutList ledger={ledger} send={send} />
    </>
  );
}

function pieces({ items }: Ledger): string {
  return items.length === 1 ? l10n.t("1 piece") : l10n.t("{0} pieces", items.length);
}

function used({ tokens, heldTokens, tokenBudget }: Ledger): string {
  return heldTokens > 0
    ? l10n.t("{0} held + {1} new", count(heldTokens), count(tokens))
    : l10n.t("{0} of {1} tokens", count(tokens), count(tokenBudget));
}

function nothing({ index }: Ledger): string {
  if (index.state === "cold" || (index.state === "warming" && index.indexedFiles === 0))
    return l10n.t("The workspace has not been read yet. Ask again in a moment.");
  return l10n.t("Nothing fits yet. Write a question, or open a file.");
}
