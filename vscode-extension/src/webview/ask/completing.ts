import { useEffect, useState } from "preact/hooks";

import type { Completion } from "../../panel/messages";
import type { Send } from "../common/bridge";
import type { PanelState } from "./state";
import { triggerAt, type Trigger } from "./trigger";

export interface Completing {
  readonly trigger: Trigger | undefined;
  readonly found: readonly Completion[];
  readonly selected: number;
  select(place: number): void;
  /** Closes the list until the next letter. */
  dismiss(): void;
}

/** Asks for what can follow the mark at the caret, and keeps what came for that and for nothing older. */
export function useCompleting(text: string, caret: number, state: PanelState, send: Send): Completing {
  const [request, setRequest] = useState(0);
  const [selected, select] = useState(0);
  const [dismissed, setDismissed] = useState<string>();
  const trigger = triggerAt(text, caret);
  const open = trigger !== undefined && dismissed !== text;
  const kind = trigger?.kind;
  const prefix = trigger?.prefix;

  useEffect(() => {
    if (!open || kind === undefined || prefix === undefined) return;
    const next = state.completions.request + 1;
    setRequest(next);
    select(0);
    send({ type: "complete", request: next, kind, prefix });
    // An answer must not lead to the next request.
  }, [open, kind, prefix, send]);

  const current = open && state.completions.request === request;
  return {
    trigger: open ? trigger : undefined,
    found: current ? state.completions.found : [],
    selected,
    select,
    dismiss: () => {
      setDismissed(text);
    },
  };
}
