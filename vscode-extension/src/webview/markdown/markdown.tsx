/**
 * Markdown as elements. A parser makes a tree, and the tree is drawn node by node: HTML in an answer is shown as the
 * text it is, links lead to the web only, and pictures are not loaded, because fetching one tells its host what was
 * asked.
 */

import type { AlignType, Nodes, Table } from "mdast";
import type { ComponentChild } from "preact";
import { useMemo } from "preact/hooks";

import { Code } from "./code";
import { parse, wordsOf } from "./tree";

export interface CodeActions {
  onCopy: (code: string) => void;
  onInsert: (code: string) => void;
}

export function Markdown({ text, actions }: { text: string; actions: CodeActions }) {
  const tree = useMemo(() => parse(text), [text]);
  return <div class="markdown">{children(tree, actions)}</div>;
}

/** The address of a link, where it leads to the web or to a mailbox; anything else stays text. */
export function safeLink(address: string): string | undefined {
  return /^(https?:\/\/|mailto:)/i.test(address) ? address : undefined;
}

function children(parent: { children: Nodes[] }, actions: CodeActions): ComponentChild[] {
  return parent.children.map((child, place) => <Node key={place} node={child} actions={actions} />);
}

function Node({ node, actions }: { node: Nodes; actions: CodeActions }): ComponentChild {
  switch (node.type) {
    case "text":
      return node.value;
    case "html":
      return <span class="raw">{node.value}</span>;
    case "paragraph":
      return <p>{children(node, actions)}</p>;
    case "heading": {
      // An answer stands below the panel's own headings.
      const Heading = node.depth <= 1 ? "h3" : node.depth === 2 ? "h4" : "h5";
      return <Heading>{children(node, actions)}</Heading>;
    }
    case "emphasis":
      return <em>{children(node, actions)}</em>;
    case "strong":
      return <strong>{children(node, actions)}</strong>;
    case "delete":
      return <s>{children(node, actions)}</s>;
    case "inlineCode":
      return <code>{node.value}</code>;
    case "code":
      return <Code code={node.value} language={node.lang ?? ""} {...actions} />;
    case "break":
      return <br />;
    case "thematicBreak":
      return <hr />;
    case "blockquote":
      return <blockquote>{children(node, actions)}</blockquote>;
    case "list": {
      const items = children(node, actions);
      return node.ordered === true ? <ol start={node.start ?? 1}>{items}</ol> : <ul>{items}</ul>;
    }
    case "listItem":
      return (
        <li>
          {typeof node.checked === "boolean" && <span aria-hidden="true">{node.checked ? "☑ " : "☐ "}</span>}
          {children(node, actions)}
        </li>
      );
    case "link": {
      const address = safeLink(node.url);
      const shown = children(node, actions);
      return address === undefined ? (
        <span>{shown}</span>
      ) : (
        <a href={address} title={address}>
          {shown}
        </a>
      );
    }
    case "image": {
      const address = safeLink(node.url);
      const shown = node.alt === "" ? node.url : (node.alt ?? node.url);
      return address === undefined ? <span>{shown}</span> : <a href={address}>{shown}</a>;
    }
    case "table":
      return <MarkdownTable table={node} actions={actions} />;
    default:
      return "children" in node ? <>{children(node, actions)}</> : null;
  }
}

function MarkdownTable({ table, actions }: { table: Table; actions: CodeActions }) {
  const [head, ...body] = table.children;
  const align = (column: number): string => alignment(table.align?.[column]);
  return (
    <div class="table" tabIndex={0} role="region" aria-label={head?.children.map(wordsOf).join(", ") ?? ""}>
      <table>
        <thead>
          <tr>
            {head?.children.map((cell, column) => (
              <th key={column} scope="col" class={align(column)}>
                {children(cell, actions)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, place) => (
            <tr key={place}>
              {row.children.map((cell, column) => (
                <td key={column} class={align(column)}>
                  {children(cell, actions)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function alignment(align: AlignType | undefined): string {
  return align ? `align-${align}` : "";
}
