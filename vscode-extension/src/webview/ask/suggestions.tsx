import * as l10n from "@vscode/l10n";
import { useEffect, useRef } from "preact/hooks";

import type { Completion } from "../../panel/messages";
import { Icon } from "../common/icon";

interface SuggestionsProps {
  id: string;
  completions: readonly Completion[];
  selected: number;
  onChoose: (completion: Completion) => void;
}

export function optionId(list: string, place: number): string {
  return `${list}-${place}`;
}

/** The names that can follow; the focus stays in the question, which says which one is selected. */
export function Suggestions({ id, completions, selected, onChoose }: SuggestionsProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[selected]?.scrollIntoView({ block: "nearest" });
  }, [selected, completions]);
  return (
    <div class="suggestions" role="listbox" id={id} aria-label={l10n.t("Suggestions")} ref={list}>
      {completions.map((completion, place) => (
        <div
          key={`${completion.insert} ${completion.detail}`}
          role="option"
          id={optionId(id, place)}
          aria-selected={place === selected}
          class="suggestion"
          // The press would take the focus out of the question.
          onMouseDown={(event) => {
            event.preventDefault();
            onChoose(completion);
          }}
        >
          <Icon name={completion.icon} />
          <span class="label">{completion.label}</span>
          <span class="detail">{completion.detail}</span>
        </div>
      ))}
    </div>
  );
}
