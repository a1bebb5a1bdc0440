import * as l10n from "@vscode/l10n";

import type { LedgerItem } from "../../panel/messages";
import type { Send } from "../common/bridge";
import { IconButton } from "../common/button";
import { Icon } from "../common/icon";
import { Code } from "../markdown/code";
import { extent, freshness, reason, reasons } from "../words/context";
import { count, percent } from "../words/numbers";
import type { Preview } from "./state";

interface ItemProps {
  item: LedgerItem;
  /** Whether Tab stops here; the arrow keys go to the others. */
  active: boolean;
  current: boolean;
  expanded: boolean;
  preview: Preview | undefined;
  onToggle: () => void;
  onPoint: (on: boolean) => void;
  onFocus: () => void;
  send: Send;
}

/** One piece of the context: what it is, what it costs, why it is there, and what can be done about it. */
export function Item({ item, active, current, expanded, preview, onToggle, onPoint, onFocus, send }: ItemProps) {
  const tab = active ? 0 : -1;
  const open = (): void => {
    const [range] = item.ranges;
    send({ type: "open", uri: item.uri, ...(range === undefined ? {} : { range }) });
  };
  return (
    <li
      class={`item${current ? " current" : ""}${item.pinned ? " pinned" : ""}${item.held ? " held" : ""}`}
      onMouseEnter={() => {
        onPoint(true);
      }}
      onMouseLeave={() => {
        onPoint(false);
      }}
      onFocusCapture={onFocus}
    >
      <div class="line">
        <button
          type="button"
          class="name"
          data-row
          tabIndex={tab}
          onClick={open}
          title={l10n.t("Open {0}", item.directory === "" ? item.name : `${item.directory}/${item.name}`)}
        >
          <span class="file">{item.name}</span>
          <span class="directory">{item.directory}</span>
        </button>
        <span class="actions">
          <IconButton
            icon={expanded ? "chevron-up" : "eye"}
            label={expanded ? l10n.t("Hide the text of {0}", item.name) : l10n.t("Show the text of {0}", item.name)}
            expanded={expanded}
            tabIndex={tab}
            onClick={onToggle}
          />
          <IconButton
            icon={item.pinned ? "pinned" : "pin"}
            class={item.pinned ? "always" : ""}
            label={item.pinned ? l10n.t("Unpin {0}", item.name) : l10n.t("Pin {0}", item.name)}
            pressed={item.pinned}
            tabIndex={tab}
            onClick={() => {
              send({ type: "pin", uri: item.uri, on: !item.pinned });
            }}
          />
          <IconButton
            icon="close"
            label={l10n.t("Exclude {0}", item.name)}
            tabIndex={tab}
            onClick={() => {
              send({ type: "exclude", uri: item.uri, on: true });
            }}
          />
        </span>
        <span class="tokens" title={l10n.t("{0} tokens", count(item.tokens))}>
          {count(item.tokens)}
        </span>
      </div>
      <p class="facts" title={reasons(item.reasons)}>
        <Freshness item={item} />
        {item.held && (
          <span class="held-mark" title={l10n.t("The model has it from an earlier question; it is not sent again")}>
            <Icon name="comment" />
            <span class="hidden">{l10n.t("in the chat")}</span>
          </span>
        )}
        <span class="extent" title={extent(item, item.ranges.length)}>
          {extent(item)}
        </span>
        <span class="reasons">{reasons(item.reasons)}</span>
      </p>
      {expanded && <Details item={item} preview={preview} />}
    </li>
  );
}

/** Disk is the rule and an icon says it; what is open or has changed is put into words. */
function Freshness({ item }: { item: LedgerItem }) {
  const { label, title } = freshness(item);
  const icon = { buffer: "edit", disk: "save", changed: "history" }[item.freshness];
  return (
    <span class={`freshness ${item.freshness}`} title={title}>
      <Icon name={icon} />
      <span class={item.freshness === "disk" ? "hidden" : ""}>{label}</span>
    </span>
  );
}

function Details({ item, preview }: { item: LedgerItem; preview: Preview | undefined }) {
  return (
    <div class="details">
      <ul class="weights" aria-label={l10n.t("Why it is here")}>
        {item.reasons.map((one) => (
          <li key={one.signal}>
            <meter min={0} max={1} value={one.weight} aria-label={reason(one)} />
            <span>{reason(one)}</span>
            <span class="share">{percent(one.weight * 100)}</span>
          </li>
        ))}
      </ul>
      <p class="muted shows">{shows(item)}</p>
      {preview === undefined ? (
        <p class="muted">{l10n.t("Reading…")}</p>
      ) : (
        <Code code={preview.content} language={preview.languageId} />
      )}
    </div>
  );
}

const MOST_SYMBOLS = 12;

/** All lines of a piece, and the names of what stands on them. */
function shows(item: LedgerItem): string {
  const { symbols, ranges } = item;
  const all = extent(item, ranges.length);
  return symbols.length === 0 ? all : `${all}: ${symbols.slice(0, MOST_SYMBOLS).join(", ")}`;
}
