"""Everything the rest of magnetar knows about one text, computed once per content and stored by its hash.

A `Facts` holds no text of the document but names: of its definitions, of what these are in, of what it imports. All else
is numbers (which lines and bytes, how many tokens, hashes of terms), and answers take their text from the verified
document. Hashes of terms can be looked up in a dictionary, though, so facts stay on the machine; what others are told is
the names and their places alone (`codec.encode_extraction`). Arrays keep them compact: a thousand-line file costs about ten kilobytes
in memory, and symbols and names are decoded only when something asks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import orjson
from attrs import frozen
from numpy.typing import NDArray

from magnetar.model import Import, Position, Range, Symbol, SymbolKind
from magnetar.symbols.wording import Declaration, Passage

NOWHERE = -1
"""The container of a symbol at the top level."""
_NAME_LINE = 5

Names = dict[str, list[Any]]
"""`Facts.names_json`, read."""


def tokens_between(before: Sequence[int] | NDArray[np.int32], start: int, end: int) -> int:
    """`Facts.tokens`, given the tokens before each line."""
    first = before[start]
    return int(before[end] - first) + bool(start < end and before[start + 1] == first)


@frozen(eq=False)
class Facts:
    """What is known about one text.

    A *piece* is a run of whole lines that reads on its own: a statement, a signature with its comment, a paragraph.
    Pieces are in order and disjoint; blank lines between them belong to none, and lines of a secret belong to none.
    """

    language: str
    """The LSP language identifier."""
    line_count: int
    header_tokens: int
    """Tokens of the header an item of this document carries (its path)."""
    secret_lines: tuple[tuple[int, int], ...]
    """Runs of lines [start, end) that hold a secret and are never shown."""
    starts: NDArray[np.int32]
    """(pieces,) first line of each piece."""
    ends: NDArray[np.int32]
    """(pieces,) line after the last of each piece."""
    cumulative_tokens: NDArray[np.int32]
    """(line_count + 1,) tokens before each line, so that a run of lines a..b costs `[b] - [a]`."""
    terms: NDArray[np.uint32]
    """(postings,) hash of a term (`terms.term_hash`), ascending; terms are sub-word stems and `=identifier`s."""
    pieces: NDArray[np.uint16]
    """(postings,) the piece each posting stands in."""
    counts: NDArray[np.uint8]
    """(postings,) how often the term stands in the piece, at most 255."""
    head_terms: NDArray[np.uint32]
    """(head postings,) ascending hash of a stem in the header lines a piece is nested in (its class, its function)."""
    head_pieces: NDArray[np.uint16]
    """(head postings,) the piece it belongs to."""
    shapes: NDArray[np.float32]
    """(pieces, 3) share of import lines, share of comment lines, and 1 where the piece starts with a definition."""
    places: NDArray[np.int32]
    """(symbols, 10) kind; first line and column, last line and column; the same of the name; number of the container."""
    signatures: NDArray[np.int32]
    """(passages, 3) number of the symbol, ascending, and the bytes [start, end) of a passage of its signature."""
    docs: NDArray[np.int32]
    """(documented symbols, 3) number of the symbol, ascending, and the bytes [start, end) of its doc line."""
    names_json: bytes
    """`symbols`: the name of each; `containers`: their dotted names; `imports`: module, names, line of each."""

    def tokens(self, start: int, end: int) -> int:
        """Tokens of the lines start..end, within 5 % above the true count; one below it at most, about once in 200 runs.

        A header's price makes up for the one. A blank first line, which is counted with the line before it, counts one.
        """
        return tokens_between(self.cumulative_tokens, start, end)

    def fits(self, language: str, line_count: int) -> bool:
        """Whether these can be the facts of a text in this language and with so many lines."""
        return self.language == language and self.line_count == line_count

    @property
    def symbol_count(self) -> int:
        """How many definitions there are."""
        return len(self.places)

    @property
    def runs(self) -> list[tuple[int, int]]:
        """The lines [start, end) of each piece."""
        return list(zip(self.starts.tolist(), self.ends.tolist(), strict=True))

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Definitions, in document order; made when asked for, for they take ten times the memory of their places."""
        return symbols_from(self._names, self.places)

    def chosen_symbols(self, numbers: Sequence[int]) -> tuple[Symbol, ...]:
        """Some definitions, by their numbers in document order."""
        names = self._names
        return symbols_from(names | {"symbols": [names["symbols"][number] for number in numbers]}, self.places[numbers])

    @property
    def symbol_names(self) -> list[str]:
        """The name of each definition."""
        names: list[str] = self._names["symbols"]
        return names

    @property
    def spans(self) -> NDArray[np.int32]:
        """(4, symbols) first line and column of each definition, last line and column."""
        spans: NDArray[np.int32] = self.places.T[1:5]
        return spans

    @property
    def named_lines(self) -> NDArray[np.int32]:
        """(symbols,) the line that names each definition."""
        lines: NDArray[np.int32] = self.places[:, _NAME_LINE]
        return lines

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """The definitions, each with the places of its signature and its doc line."""
        return declarations_from(self.symbols, self.signatures, self.docs)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Imports as written."""
        return imports_from(self._names)

    @cached_property
    def defined(self) -> tuple[tuple[str, int], ...]:
        """(identifier, piece) of every definition with a name of at least three characters that stands in a piece."""
        lines = self.named_lines
        pieces = self.ends.searchsorted(lines, "right")
        inside = pieces < len(self.starts)
        inside[inside] = self.starts[pieces[inside]] <= lines[inside]
        rows = zip(self.symbol_names, pieces.tolist(), inside.tolist(), strict=True)
        return tuple((name, piece) for name, piece, is_shown in rows if is_shown and len(name) > 2)

    @property
    def _names(self) -> Names:
        names: Names = orjson.loads(self.names_json)
        return names


def symbols_from(names: Names, places: NDArray[np.int32]) -> tuple[Symbol, ...]:
    """Definitions, by their names and `Facts.places`."""
    containers = [*names["containers"], None]
    return tuple(
        Symbol(name, SymbolKind(row[0]), _range(row[1:5]), _range(row[5:9]), containers[row[9]])
        for name, row in zip(names["symbols"], places.tolist(), strict=True)
    )


def declarations_from(
    symbols: Sequence[Symbol], signatures: NDArray[np.int32], docs: NDArray[np.int32]
) -> tuple[Declaration, ...]:
    """Definitions with the places of their wording, by `Facts.signatures` and `Facts.docs`."""
    passages: dict[int, list[Passage]] = {}
    for symbol, start, end in signatures.tolist():
        passages.setdefault(symbol, []).append((start, end))
    lines = {symbol: (start, end) for symbol, start, end in docs.tolist()}
    return tuple(
        Declaration(symbol, tuple(passages.get(number, ())), lines.get(number)) for number, symbol in enumerate(symbols)
    )


def imports_from(names: Names) -> tuple[Import, ...]:
    """Imports as written, by `Facts.names_json`."""
    return tuple(Import(module, tuple(taken), line) for module, taken, line in names["imports"])


def places_of(symbols: Sequence[Symbol], containers: Sequence[str]) -> NDArray[np.int32]:
    """`Facts.places` of some symbols."""
    number = {container: at for at, container in enumerate(containers)}
    rows = [
        (one.kind, *_corners(one.range), *_corners(one.selection), number.get(one.container or "", NOWHERE))
        for one in symbols
    ]
    return np.array(rows, np.int32).reshape(-1, 10)


def passages_of(passages: Sequence[Sequence[Passage]]) -> NDArray[np.int32]:
    """`Facts.signatures` or `Facts.docs`, from the passages of each symbol."""
    rows = [(number, *passage) for number, found in enumerate(passages) for passage in found]
    return np.array(rows, np.int32).reshape(-1, 3)


def _corners(span: Range) -> tuple[int, int, int, int]:
    return span.start.line, span.start.column, span.end.line, span.end.column


def _range(corners: Sequence[int]) -> Range:
    first_line, first_column, last_line, last_column = corners
    return Range(Position(first_line, first_column), Position(last_line, last_column))
