/** What the panel shows, and how each message changes it. Pure: the page draws it, the extension decides it. */

import type { ChatSummary, Completion, Ledger, Model, Server, ToPage, TurnView } from "../../panel/messages";

export interface Preview {
  readonly content: string;
  readonly languageId: string;
}

export interface PanelState {
  /** Nothing is drawn before the words have come. */
  readonly ready: boolean;
  readonly server: Server;
  readonly model: Model;
  readonly tokenBudget: number;
  /** A question set by the extension; the number tells two equal ones apart. */
  readonly proposed: { readonly question: string; readonly number: number };
  /** Grows with each wish to have the cursor in the question box. */
  readonly focus: number;
  readonly ledger: Ledger | undefined;
  readonly gathering: boolean;
  readonly ledgerError: string | undefined;
  /** The text of pieces that were opened, by their keys. */
  readonly previews: ReadonlyMap<string, Preview>;
  readonly turns: readonly TurnView[];
  readonly chats: readonly ChatSummary[];
  readonly chat: string;
  readonly completions: { readonly request: number; readonly found: readonly Completion[] };
}

export const INITIAL: PanelState = {
  ready: false,
  server: { kind: "starting" },
  model: { kind: "none" },
  tokenBudget: 8_192,
  proposed: { question: "", number: 0 },
  focus: 0,
  ledger: undefined,
  gathering: false,
  ledgerError: undefined,
  previews: new Map(),
  turns: [],
  chats: [],
  chat: "",
  completions: { request: 0, found: [] },
};

export function reduce(state: PanelState, message: ToPage): PanelState {
  switch (message.type) {
    case "setup":
      return { ...state, ready: true };
    case "server":
      return { ...state, server: message.server };
    case "model":
      return { ...state, model: message.model };
    case "draft": {
      const { question, tokenBudget } = message;
      const proposed = question === undefined ? state.proposed : { question, number: state.proposed.number + 1 };
      return { ...state, tokenBudget, proposed };
    }
    case "gathering":
      return { ...state, gathering: true, ledgerError: undefined };
    case "ledger":
      return withLedger(state, message.ledger);
    case "ledgerFailed":
      return { ...state, gathering: false, ledgerError: message.message };
    case "preview": {
      const { key, content, languageId } = message;
      return { ...state, previews: new Map(state.previews).set(key, { content, languageId }) };
    }
    case "chat":
      return message.chat.id === state.chat
        ? { ...state, turns: message.chat.turns }
        : { ...state, turns: message.chat.turns, chat: message.chat.id, ledger: undefined, previews: new Map() };
    case "turn":
      return { ...state, turns: state.turns.map((turn) => (turn.id === message.turn.id ? message.turn : turn)) };
    case "text":
      return {
        ...state,
        turns: state.turns.map((turn) =>
          turn.id === message.turn ? { ...turn, answer: turn.answer + message.text } : turn,
        ),
      };
    case "chats":
      return { ...state, chats: message.chats };
    case "completions":
      return { ...state, completions: { request: message.request, found: message.completions } };
    case "focus":
      return { ...state, focus: state.focus + 1 };
    case "statistics":
    case "statisticsFailed":
      return state;
  }
}

/** A new ledger keeps no text of pieces it does not have, nor of those that may read differently now. */
function withLedger(state: PanelState, ledger: Ledger): PanelState {
  const current = new Set(ledger.items.filter(({ freshness }) => freshness === "disk").map(({ key }) => key));
  const previews = new Map([...state.previews].filter(([key]) => current.has(key)));
  return { ...state, ledger, previews, gathering: false, ledgerError: undefined };
}

/** Whether an answer is under way. */
export function answering(turns: readonly TurnView[]): boolean {
  const state = turns.at(-1)?.state;
  return state === "gathering" || state === "waiting" || state === "streaming";
}

/** Whether the workspace is being read for the first time; a server that works on what just changed says less. */
export function warming({ server, ledger }: PanelState): boolean {
  if (server.kind !== "warming") return false;
  const state = ledger?.index.state;
  return server.percentage !== undefined || state === "cold" || state === "warming";
}

/** Whether requests are answered in this state. */
export function serving({ kind }: Server): boolean {
  return kind === "warming" || kind === "ready" || kind === "degraded";
}
