import * as l10n from "@vscode/l10n";
import { useEffect, useRef, useState } from "preact/hooks";

import type { TurnView } from "../../panel/messages";
import { parse, wordsOf } from "../markdown/tree";
import { answering } from "./state";

/**
 * Reads the answer to those who listen, paragraph by paragraph as each is whole: read letter by letter, as it streams,
 * it could not be followed.
 */
export function Announcer({ turns }: { turns: readonly TurnView[] }) {
  const last = turns.at(-1);
  const spoken = useRef({ turn: "", letters: 0, state: "" });
  const [words, setWords] = useState("");
  useEffect(() => {
    if (last === undefined) return;
    const before = spoken.current;
    const known = before.turn === last.id;
    const from = known ? before.letters : 0;
    // A conversation that was opened again has been heard.
    if (!known && !answering(turns)) {
      spoken.current = { turn: last.id, letters: last.answer.length, state: last.state };
      return;
    }
    const to = answering(turns) ? wholeUntil(last.answer) : last.answer.length;
    const parts = [wordsOf(parse(last.answer.slice(Math.min(from, to), to)))];
    if (last.state !== before.state || !known) parts.push(stateWords(last.state));
    spoken.current = { turn: last.id, letters: Math.max(from, to), state: last.state };
    const said = parts.filter((part) => part !== "").join("\n");
    if (said !== "") setWords(said);
  }, [last, turns]);
  return (
    <div class="hidden" role="status" aria-live="polite">
      {words}
    </div>
  );
}

/** The end of the last paragraph that is whole, outside of code. */
export function wholeUntil(answer: string): number {
  const end = answer.lastIndexOf("\n\n");
  if (end < 0) return 0;
  const fences = answer.slice(0, end).match(/^```/gm)?.length ?? 0;
  return fences % 2 === 0 ? end : 0;
}

function stateWords(state: TurnView["state"]): string {
  switch (state) {
    case "gathering":
      return l10n.t("Gathering context");
    case "waiting":
      return l10n.t("Waiting for the model");
    case "streaming":
      return "";
    case "done":
      return l10n.t("The answer is complete");
    case "stopped":
      return l10n.t("The answer was stopped");
    case "failed":
      return "";
  }
}
