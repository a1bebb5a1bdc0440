"""At which resolution a document is offered: its pieces, its symbols, its outline, or itself whole."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence

import numpy as np

from magnetar.context.content import Floats
from magnetar.context.layout import symbol_runs
from magnetar.context.packing import Runs, Units, whole, without
from magnetar.model import ItemKind, Symbol
from magnetar.symbols.facts import Facts

_MOST_UNITS = 160
"""Pieces of one document that compete; a document with more has enough of them."""


def units(facts: Facts, values: Floats, kinds: frozenset[ItemKind]) -> Units:
    """What of a document can be shown under the kinds that are asked for, finest first.

    Args:
        facts: the document's.
        values: (pieces,) the probability that each piece matters.
        kinds: the resolutions allowed.
    """
    if ItemKind.SNIPPET in kinds:
        best = np.sort(np.argsort(-values, kind="stable")[:_MOST_UNITS])
        return Units.of_runs(np.column_stack((facts.starts[best], facts.ends[best])), values[best])
    if ItemKind.SYMBOL in kinds and facts.symbol_count:
        runs = _smallest_symbols(facts)
        return Units.of_runs(runs, np.array(_best(facts, values, runs)))
    if ItemKind.OUTLINE in kinds and (lines := outline(facts)):
        return Units.one(lines, *_best(facts, values, ((0, facts.line_count),)))
    if ItemKind.FILE in kinds and (lines := whole(facts)):
        return Units.one(lines, max(_best(facts, values, lines)))
    return Units.none()


def kind_of(facts: Facts, runs: Runs, kinds: frozenset[ItemKind]) -> ItemKind:
    """What an item that shows these runs is, by the finest name that is true and allowed."""
    if ItemKind.FILE in kinds and runs == whole(facts):
        return ItemKind.FILE
    if ItemKind.SYMBOL in kinds and symbol_runs(facts).issuperset(runs):
        return ItemKind.SYMBOL
    if ItemKind.OUTLINE in kinds and ItemKind.SNIPPET not in kinds and runs == outline(facts):
        return ItemKind.OUTLINE
    return ItemKind.SNIPPET


def outline(facts: Facts) -> Runs:
    """The lines that declare the document's symbols, without their bodies."""
    lines = sorted({line for symbol in facts.symbols for line in range(*_signature(symbol))})
    runs: list[tuple[int, int]] = []
    for line in lines:
        if runs and runs[-1][1] == line:
            runs[-1] = (runs[-1][0], line + 1)
        else:
            runs.append((line, line + 1))
    return tuple(without(runs, facts.secret_lines))


def _best(facts: Facts, values: Floats, runs: Sequence[tuple[int, int]]) -> list[float]:
    """The best value of the pieces that stand in each run."""
    first = np.searchsorted(facts.ends, [start for start, _ in runs], "right").tolist()
    last = np.searchsorted(facts.starts, [end for _, end in runs], "left").tolist()
    listed = values.tolist()
    return [max(listed[start:end], default=0.0) for start, end in zip(first, last, strict=True)]


def _smallest_symbols(facts: Facts) -> list[tuple[int, int]]:
    """The symbols that hold no others, and those of files that have no such, without lines of a secret."""
    chosen: list[tuple[int, int]] = []
    for run in sorted(symbol_runs(facts), key=lambda run: (run[1] - run[0], run)):
        at = bisect(chosen, run)
        if (at == 0 or chosen[at - 1][1] <= run[0]) and (at == len(chosen) or run[1] <= chosen[at][0]):
            chosen.insert(at, run)
    hidden = facts.secret_lines
    return [run for run in chosen if not any(a < run[1] and run[0] < b for a, b in hidden)]


def _signature(symbol: Symbol) -> tuple[int, int]:
    """The line that names it; `range` would begin at its decorators."""
    return symbol.selection.start.line, symbol.selection.end.line + 1
