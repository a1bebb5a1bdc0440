import { Icon } from "./icon";

interface IconButtonProps {
  icon: string;
  /** What it does: its name for a screen reader, and its tooltip. */
  label: string;
  onClick: () => void;
  pressed?: boolean;
  expanded?: boolean;
  controls?: string;
  disabled?: boolean;
  tabIndex?: number;
  class?: string;
}

export function IconButton({ icon, label, onClick, pressed, expanded, controls, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-controls={controls}
      onClick={onClick}
      disabled={rest.disabled ?? false}
      tabIndex={rest.tabIndex ?? 0}
      class={`icon-button ${rest.class ?? ""}`}
    >
      <Icon name={icon} />
    </button>
  );
}
