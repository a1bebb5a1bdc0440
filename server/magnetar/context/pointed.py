"""What the user points at: the selected lines, or the code around the cursor."""

from __future__ import annotations

from magnetar.model import ContextRequest, SymbolKind
from magnetar.symbols.facts import Facts

FUNCTIONS = frozenset({SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.CONSTRUCTOR})
_BODIES = FUNCTIONS | {SymbolKind.CLASS, SymbolKind.STRUCT}
_LONGEST_BODY = 300
_AROUND = 20


def pointed_lines(request: ContextRequest, facts: Facts) -> tuple[int, int] | None:
    """The lines of the focused document that the user points at: the selected ones, or the code around the cursor."""
    if request.selection is not None:
        start, end = (cursor.line for cursor in request.selection)
    elif request.position is not None:
        start = end = request.position.line
    else:
        return None
    start, end = sorted((start, end))
    last = max(facts.line_count - 1, 0)
    start, end = min(start, last), min(end, last) + 1
    if request.selection is not None and end - start > 1:
        return start, end
    return _around(facts, start, end)


def _around(facts: Facts, start: int, end: int) -> tuple[int, int]:
    """The innermost function or class around some lines, or the lines around them where that is none or too long."""
    around = [
        (symbol.range.start.line, symbol.range.end.line + 1)
        for symbol in facts.symbols
        if symbol.kind in _BODIES and symbol.range.start.line <= start and end <= symbol.range.end.line + 1
    ]
    first, last = min(around, key=lambda run: (run[1] - run[0], run), default=(0, facts.line_count))
    if last - first > _LONGEST_BODY or not around:
        first, last = max(first, start - _AROUND), min(last, end + _AROUND)
    return first, max(last, first)
