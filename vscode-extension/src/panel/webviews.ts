import { randomBytes } from "node:crypto";

import * as vscode from "vscode";

import type { ToPage } from "./messages";
import { pageHtml } from "./page";

/** Fills a webview with one of our pages; it may load what the extension ships, and run nothing but its script. */
export function showPage(
  webview: vscode.Webview,
  extension: vscode.Uri,
  name: "panel" | "statistics",
  title: string,
): void {
  const folder = vscode.Uri.joinPath(extension, "dist", "webview");
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  webview.html = pageHtml({
    cspSource: webview.cspSource,
    script: webview.asWebviewUri(vscode.Uri.joinPath(folder, `${name}.js`)).toString(),
    style: webview.asWebviewUri(vscode.Uri.joinPath(folder, `${name}.css`)).toString(),
    title,
    language: vscode.env.language,
    nonce: randomBytes(24).toString("base64url"),
  });
}

/** The translations a page needs before it can say anything. */
export function setup(): ToPage {
  const bundle = vscode.l10n.bundle ?? {};
  const texts = Object.entries(bundle).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return { type: "setup", l10n: Object.fromEntries(texts) };
}
