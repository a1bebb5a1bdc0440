import * as l10n from "@vscode/l10n";
import { useEffect, useState } from "preact/hooks";

import { IconButton } from "./button";

const SHOWN_MS = 1_500;

/** Copies, and says that it has. */
export function CopyButton({ label, icon = "copy", onCopy }: { label: string; icon?: string; onCopy: () => void }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => {
      setCopied(false);
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  return (
    <>
      <IconButton
        icon={copied ? "check" : icon}
        label={label}
        onClick={() => {
          onCopy();
          setCopied(true);
        }}
      />
      <span class="hidden" role="status">
        {copied ? l10n.t("Copied") : ""}
      </span>
    </>
  );
}
