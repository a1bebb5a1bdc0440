/** The chat panel's page: the state, the line to the extension, and the first drawing. */

import * as l10n from "@vscode/l10n";
import { render } from "preact";
import { useCallback, useEffect, useReducer, useRef } from "preact/hooks";

import "@vscode/codicons/dist/codicon.css";
import "../../media/webview/panel.css";
import type { ToHost, ToPage } from "../panel/messages";
import { App } from "./ask/app";
import { INITIAL, reduce } from "./ask/state";
import { connect, type Send } from "./common/bridge";

function Page() {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  const line = useRef<Send>(undefined);
  useEffect(() => {
    line.current = connect((message: ToPage) => {
      if (message.type === "setup") l10n.config({ contents: message.l10n });
      dispatch(message);
    });
  }, []);
  const send = useCallback((message: ToHost) => {
    line.current?.(message);
  }, []);
  const onBudget = (tokenBudget: number): void => {
    dispatch({ type: "draft", tokenBudget });
    send({ type: "budget", tokenBudget });
  };
  return <App state={state} onBudget={onBudget} send={send} />;
}

const root = document.getElementById("root");
if (root !== null) render(<Page />, root);
