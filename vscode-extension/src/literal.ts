/**
 * A text as Markdown that shows it letter by letter, in one line: the name of a file may not become a link, a picture or
 * a heading.
 */
export function literal(text: string): string {
  return text
    .replace(/[\p{C}\p{Z}]/gu, (letter) => (letter === " " ? " " : "\uFFFD"))
    .replace(/[!-/:-@[-`{-~]/g, "\\$&");
}
