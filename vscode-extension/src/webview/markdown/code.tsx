import * as l10n from "@vscode/l10n";
import { useMemo } from "preact/hooks";

import { IconButton } from "../common/button";
import { CopyButton } from "../common/copyButton";
import { highlighted } from "./highlight";

interface CodeProps {
  code: string;
  language: string;
  onCopy?: (code: string) => void;
  onInsert?: (code: string) => void;
}

/** A block of code. It scrolls by itself, so the keyboard must reach it. */
export function Code({ code, language, onCopy, onInsert }: CodeProps) {
  const coloured = useMemo(() => highlighted(code, language), [code, language]);
  const label = language === "" ? l10n.t("Code") : l10n.t("Code in {0}", language);
  return (
    <figure class="code" aria-label={label}>
      {onCopy !== undefined && (
        <figcaption>
          <span>{language}</span>
          <CopyButton
            label={l10n.t("Copy this code")}
            onCopy={() => {
              onCopy(code);
            }}
          />
          {onInsert !== undefined && (
            <IconButton
              icon="insert"
              label={l10n.t("Insert at the cursor")}
              onClick={() => {
                onInsert(code);
              }}
            />
          )}
        </figcaption>
      )}
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{coloured}</code>
      </pre>
    </figure>
  );
}
