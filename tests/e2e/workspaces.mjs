// @ts-check
/** Folders to open: a small project with a history in git, and a large one that is only large. */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const SHOP = {
  "README.md": "# Shop\n\nA small web shop. Orders are priced in `shop/pricing.py`.\n",
  "shop/__init__.py": "",
  "shop/cart.py": `"""What a customer is about to buy."""

from shop.pricing import discounted


class Cart:
    def __init__(self):
        self.lines = []

    def add(self, product, quantity):
        self.lines.append((product, quantity))

    def total(self):
        return sum(discounted(product.price, quantity) for product, quantity in self.lines)
`,
  "shop/pricing.py": `"""Prices and the discounts on them."""

BULK = 10


def discounted(price, quantity):
    """Ten or more of one product are a tenth cheaper."""
    full = price * quantity
    return full * 0.9 if quantity >= BULK else full
`,
  "shop/checkout.py": `"""From a cart to an order that is paid."""

from shop.cart import Cart
from shop.payment import charge


def check_out(cart: Cart, card):
    return charge(card, cart.total())
`,
  "shop/payment.py": `"""Charging a card."""


class Declined(Exception):
    pass


def charge(card, amount):
    if amount > card.limit:
        raise Declined(amount)
    card.limit -= amount
    return amount
`,
  "tests/test_pricing.py": `from shop.pricing import discounted


def test_ten_are_cheaper():
    assert discounted(2, 10) == 18
`,
  "notes.txt": "Nothing of this belongs to any question.\n",
};

const COMMITS = [
  ["A cart and its prices", "shop/cart.py", "shop/pricing.py", "shop/__init__.py"],
  ["Discounts", "shop/pricing.py", "tests/test_pricing.py"],
  ["Checking out", "shop/checkout.py", "shop/payment.py"],
  ["The rest", "."],
];

/** @param {string} folder */
export function shop(folder) {
  write(folder, SHOP);
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync("git", ["-c", "user.name=Shop", "-c", "user.email=shop@example.org", ...args], { cwd: folder });
  git("init", "--quiet");
  for (const [message, ...paths] of COMMITS) {
    git("add", ...paths);
    git("commit", "--quiet", "--allow-empty", "--message", message);
  }
  return folder;
}

/**
 * @param {string} folder
 * @param {number} files
 */
export function large(folder, files) {
  /** @type {Record<string, string>} */
  const texts = {};
  for (let number = 0; number < files; number++) {
    const lines = Array.from(
      { length: 40 },
      (_, line) => `def step_${number}_${line}(value):\n    return value + ${line}\n`,
    );
    texts[`package_${number % 50}/module_${number}.py`] = `"""Module ${number}."""\n\n${lines.join("\n")}`;
  }
  write(folder, texts);
  return folder;
}

/**
 * @param {string} folder
 * @param {Record<string, string>} texts
 */
function write(folder, texts) {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
