"""A small real workspace for agents to work in."""

import pytest

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
FILES = {
    "shop/cart.py": '''from shop.prices import price_of


class Cart:
    """What a customer is about to buy."""

    def __init__(self):
        self.lines = []

    def grand_total(self):
        return sum(price_of(article) * amount for article, amount in self.lines)
''',
    "shop/prices.py": '''PRICES = {"apple": 3, "pear": 4, "Äpfel": 9}


def price_of(article):
    """The price of one article, in cents."""
    return PRICES[article]
''',
    "shop/deploy.py": f'REGION = "eu"\nTOKEN = "{TOKEN}"\n\n\ndef deploy_the_shop():\n    return REGION\n',
    "notes about prices #1.md": "# Notes\n\nPrices are in cents.\n",
    ".gitignore": "build/\n",
    "build/generated.py": "grand_total = 1\n",
    ".env": "PASSWORD=hunter2hunter2\n",
    "logo.png": "\x89PNG\x00\x00",
}


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "the shop"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    outside = tmp_path / "outside.py"
    outside.write_text("private_matter = 1\n")
    (folder / "way_out.py").symlink_to(outside)
    (folder / "way_in.py").symlink_to(folder / ".env")
    return folder.resolve()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"
