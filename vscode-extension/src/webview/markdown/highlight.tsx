/** Code with its words coloured. The highlighter gives a tree, so no HTML is ever made of what was written. */

import type { Root, RootContent } from "hast";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import lua from "highlight.js/lib/languages/lua";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import scala from "highlight.js/lib/languages/scala";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import type { ComponentChild } from "preact";

/** The languages the server parses, and what else stands in answers. */
const lowlight = createLowlight({
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  lua,
  markdown,
  php,
  python,
  ruby,
  rust,
  scala,
  sql,
  swift,
  typescript,
  xml,
  yaml,
});
lowlight.registerAlias({
  bash: ["shellscript", "shell"],
  typescript: "typescriptreact",
  javascript: "javascriptreact",
});

/** Colouring longer texts would be felt while typing. */
const MOST_LETTERS = 40_000;

export function highlighted(code: string, language: string): ComponentChild {
  if (code.length > MOST_LETTERS || !lowlight.registered(language)) return code;
  return nodes(lowlight.highlight(language, code));
}

function nodes(parent: Root | Extract<RootContent, { type: "element" }>): ComponentChild[] {
  return parent.children.map((child, place) => {
    if (child.type === "text") return child.value;
    if (child.type !== "element") return null;
    const names = child.properties.className;
    return (
      <span key={place} class={Array.isArray(names) ? names.join(" ") : ""}>
        {nodes(child)}
      </span>
    );
  });
}
