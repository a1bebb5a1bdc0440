"""What a text says of its symbols, as everything that serves them reads it."""

from attrs import frozen

from magnetar.model import Symbol
from magnetar.symbols.extract import extract
from magnetar.symbols.lines import split_lines
from magnetar.symbols.wording import Wording


@frozen
class Described:
    """A symbol with its words."""

    symbol: Symbol
    signature: str
    doc: str


def described(text: str, language: str) -> list[Described]:
    """The symbols of a text."""
    wording = Wording(split_lines(text), language)
    return [
        Described(one.symbol, wording.signature(one), wording.doc(one)) for one in extract(text, language).declarations
    ]
