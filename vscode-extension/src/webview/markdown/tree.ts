/** Markdown as a tree, and the words in it. */

import * as l10n from "@vscode/l10n";
import type { Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

export function parse(text: string): Root {
  return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

/** What is to be heard of it: without marks, and without the letters of code. */
export function wordsOf(node: Nodes): string {
  if (node.type === "code") return l10n.t("Code");
  if ("value" in node) return node.value;
  if (!("children" in node)) return "";
  const separator = ["root", "list", "table", "tableRow", "blockquote"].includes(node.type) ? "\n" : "";
  return (node.children as Nodes[]).map(wordsOf).join(separator);
}
