/**
 * Takes out of a report what nobody should send by mistake: credentials in URLs, keys, and whose home a path is in. The
 * server's log holds none of these; settings and what programs say about themselves may.
 */

const REMOVED = "[removed]";

/**
 * What names a secret, or a URL with one, where its value is a text: `apiKey`, `token`, but not `tokenBudget`, which is a
 * number.
 */
const SECRET_NAME = /key|token|secret|passw|credential|authorization|redisUrl/i;
/** Up to the last `@`, since a password may hold what should have been encoded; a file's URI holds none. */
const CREDENTIALS = /(?<=:\/\/)(?<!file:\/\/)\S*@/g;
/** In a URL it may hold a key. */
const QUERY = /(?<=:\/\/[^\s"'?#]*)[?#][^\s"']*/g;
const ASSIGNED =
  /(?<=\b(?:[\w-]*(?:api[_-]?key|token|secret|password|passwd))["']?\s*[=:]\s*["']?)(?!\d+\b)[^\s"',;})\]]{6,}/gi;
const BEARER = /(?<=\bBearer\s+)[\w.~+/=-]+/g;
const KEY_SHAPES = /\b(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[abprs]-[\w-]{10,}|AKIA[A-Z0-9]{16})\b/g;

/** A text as it may be sent. */
export function redacted(text: string, home: string): string {
  const kept = text
    .replace(CREDENTIALS, `${REMOVED}@`)
    .replace(QUERY, "")
    .replace(BEARER, REMOVED)
    .replace(KEY_SHAPES, REMOVED)
    .replace(ASSIGNED, REMOVED);
  return withoutHome(kept, home);
}

/** Settings, or any other JSON, as they may be sent. */
export function redactedValue(value: unknown, home: string): unknown {
  if (typeof value === "string") return redacted(value, home);
  if (Array.isArray(value)) return value.map((one) => redactedValue(one, home));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      typeof one === "string" && one !== "" && SECRET_NAME.test(name) ? REMOVED : redactedValue(one, home),
    ]),
  );
}

/** With `~` for the home, also where JSON or a URI wrote its path. */
function withoutHome(text: string, home: string): string {
  if (home.length < 2) return text;
  const spellings = [home, home.replaceAll("\\", "\\\\"), home.replaceAll("\\", "/"), encodeURI(home)];
  return [...new Set(spellings)].reduce((kept, spelling) => kept.replace(asPath(spelling), "~"), text);
}

function asPath(home: string): RegExp {
  const escaped = home.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\w.-])${escaped}(?![\w-])`, home.includes("\\") || home.includes(":") ? "gi" : "g");
}
