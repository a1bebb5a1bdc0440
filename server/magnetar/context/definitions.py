"""What the code under a cursor stands on: the names it uses and the files that define them.

A name that several files define is looked for where the focus imports from, then in the focus itself, then nearby.
"""

from __future__ import annotations

from collections.abc import Sequence
from posixpath import commonprefix, dirname

from magnetar.context.knowledge import Knowledge
from magnetar.model import ContextRequest, SymbolKind
from magnetar.symbols.facts import Facts
from magnetar.symbols.terms import IDENTIFIER, STOP_WORDS
from magnetar.workspace.imports import import_keys, resolve

_BODIES = frozenset(
    {SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.CONSTRUCTOR, SymbolKind.CLASS, SymbolKind.STRUCT}
)
_LONGEST_BODY = 300
_AROUND = 20
_SHORTEST = 2
_MOST_DEFINERS = 12
_KEPT = 2


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


async def definitions_used(workspace: Knowledge, path: str, facts: Facts, text: str) -> dict[str, dict[str, float]]:
    """The files that define what some code uses: path to names, each with how sure it is.

    Args:
        workspace: where to look.
        path: the document the code stands in.
        facts: its facts.
        text: the code.
    """
    words = IDENTIFIER.findall(text)
    names = [name for name in dict.fromkeys(words) if len(name) > _SHORTEST and name.lower() not in STOP_WORDS]
    definers = await workspace.defining(names)
    modules = await workspace.modules(import_keys(path, facts.imports))
    imported = resolve(path, facts.imports, modules)
    found: dict[str, dict[str, float]] = {}
    for name in names:
        for place, chosen in enumerate(_choose(path, definers.get(name, ()), imported)):
            found.setdefault(chosen, {})[name] = 1.0 / (1 + place)
    return found


def _choose(path: str, definers: Sequence[str], imported: Sequence[str]) -> Sequence[str]:
    known = frozenset(imported)
    direct = [one for one in definers if one in known]
    if direct:
        return direct[:_KEPT]
    if path in definers:
        return (path,)
    if len(definers) > _MOST_DEFINERS:
        return ()
    here = dirname(path)
    return sorted(definers, key=lambda one: (-len(commonprefix([here, dirname(one)])), one))[:_KEPT]
