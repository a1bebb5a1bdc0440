/** The line to the extension: what comes over it is checked, what goes is typed. */

import { readToPage, type ToHost, type ToPage } from "../../panel/messages";

interface Api {
  postMessage(message: unknown): void;
}

declare function acquireVsCodeApi(): Api;

export type Send = (message: ToHost) => void;

/** Opens the line and says that the page is ready; may be done once. */
export function connect(receive: (message: ToPage) => void): Send {
  const api = acquireVsCodeApi();
  window.addEventListener("message", (event: MessageEvent<unknown>) => {
    const message = readToPage(event.data);
    if (message === undefined) console.warn("A message that nobody understands was ignored.");
    else receive(message);
  });
  const send: Send = (message) => {
    api.postMessage(message);
  };
  send({ type: "ready" });
  return send;
}
