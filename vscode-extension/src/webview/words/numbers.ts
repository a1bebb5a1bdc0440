/** Numbers as people read them, in the language of the page. */

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const tenth = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export function count(value: number): string {
  return whole.format(value);
}

/** 6104 → "6.1k", for places too small for all digits. */
export function brief(value: number): string {
  if (value < 1_000) return whole.format(value);
  return value < 1_000_000 ? `${tenth.format(value / 1_000)}k` : `${tenth.format(value / 1_000_000)}M`;
}

/** Of 100. */
export function percent(value: number): string {
  return `${tenth.format(value)} %`;
}

export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let amount = value;
  let unit = 0;
  while (amount >= 1_024 && unit < units.length - 1) {
    amount /= 1_024;
    unit++;
  }
  return `${short.format(amount)} ${units[unit] ?? ""}`;
}

export function milliseconds(value: number): string {
  return value < 1_000 ? `${whole.format(value)} ms` : `${tenth.format(value / 1_000)} s`;
}

/** 3725 → "1 h 2 min"; the two largest units say enough. */
export function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}
