"""Where a document's symbols stand, as lines. Worked out once per document, for every piece and every item asks for it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from attrs import frozen

from magnetar.context.content import Integers
from magnetar.model import Symbol
from magnetar.symbols.facts import Facts

_REMEMBERED = 512


@frozen(eq=False)
class Layout:
    """A document's symbols and their lines, in the order of the lines that name them."""

    symbols: tuple[Symbol, ...]
    spans: tuple[tuple[int, int, int], ...]
    """The first line of each, its decorators included; the line of its last character, or the line after where that is a
    line end; and the line that names it. Last first."""
    named: Integers
    """(symbols,) the line that names it."""
    runs: frozenset[tuple[int, int]]
    """The lines [start, end) of each."""

    def header(self, line: int) -> int | None:
        """The line that names the innermost symbol around a line that does not begin it."""
        return next((named for first, last, named in self.spans if first < line <= last), None)


@lru_cache(maxsize=_REMEMBERED)
def layout(facts: Facts) -> Layout:
    """The layout of one document."""
    symbols = tuple(sorted(facts.symbols, key=lambda one: one.selection.start.line))
    spans = [(one.range.start.line, one.range.end) for one in symbols]
    return Layout(
        symbols=symbols,
        spans=tuple(
            (first, end.line, one.selection.start.line) for one, (first, end) in zip(symbols, spans, strict=True)
        )[::-1],
        named=np.array([one.selection.start.line for one in symbols], np.int64),
        runs=frozenset((first, max(end.line + (end.column > 0), first + 1)) for first, end in spans),
    )
