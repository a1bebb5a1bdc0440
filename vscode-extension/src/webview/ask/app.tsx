import * as l10n from "@vscode/l10n";
import { useEffect, useState } from "preact/hooks";

import type { Send } from "../common/bridge";
import { Announcer } from "./announcer";
import { Chats } from "./chats";
import { Composer, NO_DRAFT, type Draft } from "./composer";
import { Context } from "./context";
import { Conversation } from "./conversation";
import { NoModel, Status, Welcome } from "./notice";
import { serving, type PanelState } from "./state";

interface AppProps {
  state: PanelState;
  onBudget: (budget: number) => void;
  send: Send;
}

/** The panel. Before the first question the context has all the room; afterwards it folds itself up below the answers. */
export function App({ state, onBudget, send }: AppProps) {
  const [chosen, setChosen] = useState<{ chat: string; open: boolean }>();
  const [draft, setDraft] = useState<Draft>(NO_DRAFT);
  useEffect(() => {
    const { question } = state.proposed;
    setDraft({ ...NO_DRAFT, text: question, caret: question.length });
  }, [state.proposed]);
  if (!state.ready) return null;
  // Who opens the panel first thing can begin to write while the server starts.
  if (!serving(state.server) && state.server.kind !== "starting") return <Welcome server={state.server} send={send} />;
  const talking = state.turns.length > 0;
  const open = chosen?.chat === state.chat + String(talking) ? chosen.open : !talking;
  return (
    <main class={talking ? "talking" : "silent"}>
      <h1 class="hidden">{l10n.t("Ask Magnetar")}</h1>
      <Status state={state} send={send} />
      {talking ? (
        <Conversation turns={state.turns} send={send} />
      ) : (
        <Chats chats={state.chats} current={state.chat} send={send} />
      )}
      <Context
        state={state}
        open={open}
        onToggle={() => {
          setChosen({ chat: state.chat + String(talking), open: !open });
        }}
        onBudget={onBudget}
        send={send}
      />
      {state.model.kind === "none" && <NoModel send={send} />}
      <Composer state={state} draft={draft} onDraft={setDraft} send={send} />
      <Announcer turns={state.turns} />
    </main>
  );
}
