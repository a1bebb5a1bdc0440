// @ts-check
/**
 * What the scripts print on a terminal: colours where they are wanted, text cut to a width, steps with their times.
 * Everything here writes to the stream it is given; nothing decides what to say.
 */

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const MAX_WIDTH = 100;

/** @typedef {keyof typeof STYLES} Style */
/** @typedef {(text: string | number, ...styles: Style[]) => string} Paint */

/**
 * Whether a stream shows colours: NO_COLOR and FORCE_COLOR decide where they are set, else whether it is a terminal.
 * @param {NodeJS.WriteStream} stream
 * @param {NodeJS.ProcessEnv} env
 */
export function hasColour(stream, env = process.env) {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return Boolean(stream.isTTY) && env.TERM !== "dumb";
}

/**
 * @param {boolean} colour
 * @returns {Paint}
 */
export function painter(colour) {
  return (text, ...styles) =>
    colour && styles.length ? `\x1b[${styles.map((style) => STYLES[style]).join(";")}m${text}\x1b[0m` : String(text);
}

/**
 * The columns to fill: the terminal's, at most a hundred.
 * @param {NodeJS.WriteStream} stream
 */
export function widthOf(stream) {
  return Math.min(stream.columns || MAX_WIDTH, MAX_WIDTH);
}

/**
 * Cuts a text to a width, at its end.
 * @param {string} text
 * @param {number} width
 */
export function clip(text, width) {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}

/**
 * Cuts a path to a width in its middle, so that the file's own name stays readable.
 * @param {string} path
 * @param {number} width
 */
export function clipPath(path, width) {
  if (path.length <= width) return path;
  const head = Math.floor((width - 1) / 3);
  return `${path.slice(0, head)}…${path.slice(path.length - (width - 1 - head))}`;
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** @param {number} value */
export function count(value) {
  return value.toLocaleString("en-US");
}

/**
 * Steps, one line each: a spinner with the latest detail while one runs on a terminal, a tick and its time when done.
 */
export class Steps {
  /** @param {NodeJS.WriteStream} stream */
  constructor(stream) {
    this.stream = stream;
    this.paint = painter(hasColour(stream));
    this.live = Boolean(stream.isTTY) && process.env.TERM !== "dumb";
  }

  /** @param {string} text */
  say(text) {
    this.stream.write(`${text}\n`);
  }

  /**
   * Runs one step. `work` is given a function that shows a detail beside the title, and may return the detail to
   * leave there when it is done.
   * @template T
   * @param {string} title
   * @param {(detail: (text: string) => void) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async run(title, work) {
    const started = performance.now();
    let latest = "";
    let frame = 0;
    const draw = () => {
      const text = clip(`${title}  ${latest}`.trimEnd(), widthOf(this.stream) - 5);
      const shown = this.paint(text.slice(0, title.length)) + this.paint(text.slice(title.length), "dim");
      this.stream.write(`\r\x1b[2K  ${this.paint(SPINNER[frame++ % SPINNER.length], "cyan")} ${shown}`);
    };
    const timer = this.live ? setInterval(draw, 80) : undefined;
    if (this.live) draw();
    else this.say(`  … ${title}`);
    let mark = this.paint("✗", "red");
    try {
      const result = await work((text) => (latest = text));
      mark = this.paint("✓", "green");
      return result;
    } finally {
      clearInterval(timer);
      const time = this.paint(duration(performance.now() - started), "dim");
      const detail = latest && this.paint(`  ${clip(latest, widthOf(this.stream) - title.length - 16)}`, "dim");
      this.stream.write(`${this.live ? "\r\x1b[2K" : ""}  ${mark} ${title}${detail}  ${time}\n`);
    }
  }
}
