import * as l10n from "@vscode/l10n";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

import type { TurnView } from "../../panel/messages";
import type { Send } from "../common/bridge";
import type { CodeActions } from "../markdown/markdown";
import { Turn } from "./turn";

/** How far from its end a conversation may be scrolled and still follow the answer. */
const NEAR = 40;

/** All turns; it follows the answer as long as nobody scrolls away from it. */
export function Conversation({ turns, send }: { turns: readonly TurnView[]; send: Send }) {
  const scroller = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const actions: CodeActions = useMemo(
    () => ({
      onCopy: (text) => {
        send({ type: "copyText", text });
      },
      onInsert: (text) => {
        send({ type: "insertText", text });
      },
    }),
    [send],
  );
  useLayoutEffect(() => {
    following.current = true;
  }, [turns.length]);
  useLayoutEffect(() => {
    const area = scroller.current;
    if (area !== null && following.current) area.scrollTop = area.scrollHeight;
  }, [turns]);
  return (
    <div
      class="conversation"
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label={l10n.t("Conversation")}
      onScroll={({ currentTarget: area }) => {
        following.current = area.scrollHeight - area.scrollTop - area.clientHeight < NEAR;
      }}
    >
      {turns.map((turn, place) => (
        <Turn key={turn.id} turn={turn} last={place === turns.length - 1} actions={actions} send={send} />
      ))}
    </div>
  );
}
