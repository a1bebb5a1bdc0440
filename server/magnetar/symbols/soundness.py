"""Whether facts that came as bytes are such as any text could have, so that nothing that relies on them can stumble.

What is checked is what the rest of magnetar takes for granted (sizes that belong together, order, numbers that stay inside
the document), not whether it is true: only the text could say that (`hearsay.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from magnetar.model import SymbolKind
from magnetar.symbols.facts import NOWHERE, Facts
from magnetar.symbols.wording import LOOK_AHEAD

_KINDS = (int(min(SymbolKind)), int(max(SymbolKind)))
_Integers = NDArray[np.integer[Any]]


def check(facts: Facts) -> None:
    """Checks what every user of facts relies on.

    Raises:
        ValueError: Something does not belong together; the text says what.
    """
    lines = facts.line_count
    _require(_are_runs(facts.starts, facts.ends, lines), "pieces")
    _require(len(facts.shapes) == len(facts.starts) and _are_within(facts.shapes, 0, 1), "shapes")
    prices = facts.cumulative_tokens
    _require(len(prices) == lines + 1 and prices[0] == 0 and _ascends(prices), "token prices")
    _require(_are_postings(facts.terms, facts.pieces, len(facts.starts)), "postings")
    _require(len(facts.counts) == len(facts.terms), "counts")
    _require(_are_postings(facts.head_terms, facts.head_pieces, len(facts.starts)), "postings of headers")
    _check_secrets(facts.secret_lines, lines)
    check_symbols(facts.places, facts.signatures, facts.docs, facts.names_json, lines)


def check_symbols(places: _Integers, signatures: _Integers, docs: _Integers, names_json: bytes, lines: int) -> None:
    """Checks what is said of definitions and imports, in the form in which `Facts` keep it.

    Raises:
        ValueError: Something does not belong together, or does not fit into so many lines.
    """
    containers = _checked_names(names_json, len(places), lines)
    if len(places):
        least, most = places.min(axis=0).tolist(), places.max(axis=0).tolist()
        _require(_KINDS[0] <= least[0] and most[0] <= _KINDS[1], "kinds of symbols")
        _require(least[9] >= NOWHERE and most[9] < containers, "containers of symbols")
        _require(min(least[1:9]) >= 0 and most[3] <= lines and most[7] < lines, "lines of symbols")
        _require(_are_ordered(places[:, 1:9].reshape(-1, 4)), "ranges of symbols")
    _require(_are_passages(signatures, len(places)), "places of signatures")
    _require(_are_passages(docs, len(places)), "places of doc lines")


def _check_secrets(runs: tuple[tuple[int, int], ...], lines: int) -> None:
    at = 0
    for start, end in runs:
        _require(type(start) is int and type(end) is int and at <= start < end <= lines, "lines of a secret")
        at = end


def _checked_names(names_json: bytes, symbol_count: int, lines: int) -> int:
    """How many containers there are, once the names are known to be names."""
    names = orjson.loads(names_json)
    _require(isinstance(names, dict) and names.keys() == {"symbols", "containers", "imports"}, "names")
    symbols, containers, imports = names["symbols"], names["containers"], names["imports"]
    _require(_are_texts(symbols) and len(symbols) == symbol_count, "names of symbols")
    _require(_are_texts(containers) and len(containers) <= symbol_count, "names of containers")
    _require(isinstance(imports, list) and all(_is_import(row, lines) for row in imports), "imports")
    return len(containers)


def _require(is_so: bool, what: str) -> None:  # noqa: FBT001 - an assertion that is never switched off
    if not is_so:
        raise ValueError(f"facts are damaged: {what}")


def _ascends(values: _Integers) -> bool:
    return bool((values[:-1] <= values[1:]).all())


def _are_within(values: NDArray[Any], least: float, most: float) -> bool:
    return not len(values) or bool(values.min() >= least and values.max() <= most)


def _are_runs(starts: _Integers, ends: _Integers, size: int) -> bool:
    """Whether the runs [start, end) are in order, disjoint, not empty and inside."""
    if len(starts) != len(ends):
        return False
    if not len(starts):
        return True
    inside = starts[0] >= 0 and ends[-1] <= size
    return bool(inside and (starts < ends).all() and (ends[:-1] <= starts[1:]).all())


def _are_postings(terms: _Integers, pieces: _Integers, count: int) -> bool:
    if len(terms) != len(pieces):
        return False
    return not len(terms) or (bool(pieces.max() < count) and _ascends(terms))


def _are_ordered(corners: _Integers) -> bool:
    """Whether each range of (first line, first column, last line, last column) ends where it starts, or later."""
    first_line, first_column, last_line, last_column = corners.T
    return bool(((first_line < last_line) | ((first_line == last_line) & (first_column <= last_column))).all())


def _are_passages(rows: _Integers, symbols: int) -> bool:
    """Whether the passages belong to symbols, are in order, neither empty nor long, and those of a symbol disjoint."""
    if not len(rows):
        return True
    symbol, start, end = rows.T
    if symbol[0] < 0 or symbol[-1] >= symbols or start.min() < 0:
        return False
    sizes = end - start
    before, after = symbol[:-1], symbol[1:]
    in_order = (before < after) | ((before == after) & (end[:-1] <= start[1:]))
    return bool(sizes.min() > 0 and sizes.max() <= LOOK_AHEAD and in_order.all())


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and set(map(type, values)) <= {str}


def _is_import(row: object, lines: int) -> bool:
    if not isinstance(row, list) or len(row) != 3:
        return False
    module, names, line = row
    return type(module) is str and _are_texts(names) and type(line) is int and 0 <= line < lines
