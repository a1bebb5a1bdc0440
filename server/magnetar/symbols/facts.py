"""Everything the rest of magnetar knows about one text, computed once per content and stored by its hash.

A `Facts` holds no text of the document but symbols' signatures and doc lines; answers always take their text from the
verified document. Arrays keep it compact: a thousand-line file costs about ten kilobytes in memory, and symbols and
names are decoded only when something asks for them.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import orjson
from attrs import frozen
from numpy.typing import NDArray

from magnetar.model import Import, Position, Range, Symbol, SymbolKind


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
    symbol_count: int
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
    symbols_json: bytes
    names_json: bytes

    def tokens(self, start: int, end: int) -> int:
        """Tokens of the lines start..end, within 5 % above the true count; one below it at most, about once in 200 runs.

        A header's price makes up for the one. A blank first line, which is counted with the line before it, counts one.
        """
        prices = self.cumulative_tokens
        blank_start = start < end and prices[start + 1] == prices[start]
        return int(prices[end] - prices[start]) + int(blank_start)

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """Definitions, in document order."""
        return tuple(_symbol(row) for row in orjson.loads(self.symbols_json))

    @cached_property
    def _names(self) -> dict[str, list[list[object]]]:
        names: dict[str, list[list[object]]] = orjson.loads(self.names_json)
        return names

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Imports as written."""
        return tuple(
            Import(str(module), tuple(names), int(line))  # type: ignore[call-overload, arg-type]
            for module, names, line in self._names["imports"]
        )

    @cached_property
    def defined(self) -> tuple[tuple[str, int], ...]:
        """(identifier, piece) of every definition with a name of at least three characters."""
        return tuple((str(name), int(piece)) for name, piece in self._names["defined"])  # type: ignore[call-overload]

    @cached_property
    def identifiers(self) -> tuple[str, ...]:
        """Every distinct identifier that is not a keyword, most frequent first, at most 2,000."""
        return tuple(map(str, self._names["identifiers"]))


def symbols_to_json(symbols: tuple[Symbol, ...]) -> bytes:
    """The compact form that `Facts.symbols_json` holds."""
    return orjson.dumps(
        [
            [s.name, int(s.kind), *_corners(s.range), *_corners(s.selection), s.container, s.signature, s.doc]
            for s in symbols
        ]
    )


def _corners(span: Range) -> tuple[int, int, int, int]:
    return span.start.line, span.start.column, span.end.line, span.end.column


def _range(corners: list[int]) -> Range:
    return Range(Position(corners[0], corners[1]), Position(corners[2], corners[3]))


def _symbol(row: list[object]) -> Symbol:
    name, kind, *numbers = row
    container, signature, doc = numbers[8:]
    corners = [int(number) for number in numbers[:8]]  # type: ignore[call-overload]
    return Symbol(
        name=str(name),
        kind=SymbolKind(int(kind)),  # type: ignore[call-overload]
        range=_range(corners[:4]),
        selection=_range(corners[4:]),
        container=None if container is None else str(container),
        signature=str(signature),
        doc=str(doc),
    )
