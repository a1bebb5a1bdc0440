// @ts-check
/** The chat panel as its user meets it: a question box, the ledger of what would be sent, and the answers. */

/** @typedef {import("playwright-core").Locator} Locator */

const OURS = 'iframe.webview[src*="extensionId=magnetar.magnetar-vscode"]';
const VIEW = '[src*="purpose=webviewView"]';

export class Panel {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.frame = page.frameLocator(`${OURS}${VIEW}`).frameLocator("iframe#active-frame");
    this.question = this.frame.getByLabel("Question", { exact: true });
    this.context = this.frame.getByRole("region", { name: "Context" });
    this.answers = this.frame.getByLabel("Conversation");
  }

  /**
   * A piece in the ledger.
   * @param {string} name of its file
   */
  piece(name) {
    return this.context.getByRole("listitem").filter({ has: this.frame.getByText(name, { exact: true }) });
  }

  /**
   * Presses one of the buttons that a piece shows while it is pointed at.
   * @param {string} name
   * @param {string} label
   */
  async press(name, label) {
    await this.piece(name).hover();
    await this.piece(name).getByRole("button", { name: label }).click();
  }

  /** @param {string} question */
  async ask(question) {
    await this.question.fill(question);
    await this.question.press("Enter");
  }
}

/**
 * The statistics, a page among the editors.
 * @param {import("playwright-core").Page} page
 */
export function statistics(page) {
  return page.frameLocator(`${OURS}:not(${VIEW})`).frameLocator("iframe#active-frame");
}
