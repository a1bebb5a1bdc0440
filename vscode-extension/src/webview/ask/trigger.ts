/** Where in a question a completion belongs. Pure. */

export interface Trigger {
  readonly kind: "file" | "symbol";
  /** What is typed of the name so far. */
  readonly prefix: string;
  /** Where the mark stands, and where the name ends. */
  readonly start: number;
  readonly end: number;
}

const MARKED = /(?:^|[\s([{"'`])([@#])([^\s@#]*)$/;

/** The `@file` or `#symbol` that is being written at the caret. */
export function triggerAt(text: string, caret: number): Trigger | undefined {
  const match = MARKED.exec(text.slice(0, caret));
  if (match === null) return undefined;
  const [, mark, prefix = ""] = match;
  return { kind: mark === "@" ? "file" : "symbol", prefix, start: caret - prefix.length - 1, end: caret };
}

/** The question with a name in place of what was typed of it, and where the caret is then. */
export function completed(text: string, { start, end }: Trigger, insert: string): { text: string; caret: number } {
  const after = text.slice(end);
  const space = /^\s/.test(after) ? "" : " ";
  return { text: text.slice(0, start) + insert + space + after, caret: start + insert.length + 1 };
}

/** The documents whose names still stand in the question. */
export function mentioned(text: string, known: ReadonlyMap<string, string>): string[] {
  return [...known].flatMap(([insert, uri]) => (stands(text, insert) ? [uri] : []));
}

function stands(text: string, insert: string): boolean {
  for (let at = text.indexOf(insert); at >= 0; at = text.indexOf(insert, at + 1)) {
    const next = text[at + insert.length];
    if (next === undefined || /[\s,;:!?)\]}"'`]/.test(next) || /^\.(\s|$)/.test(text.slice(at + insert.length)))
      return true;
  }
  return false;
}
