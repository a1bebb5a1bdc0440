"""Where a document's symbols stand, as lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from magnetar.model import Symbol
from magnetar.symbols.facts import Facts


def header(facts: Facts, line: int) -> int | None:
    """The line that names the innermost symbol around a line that does not begin it."""
    first, _, last, _ = facts.spans
    around = facts.named_lines[(first < line) & (line <= last)]
    return int(around.max()) if len(around) else None


def symbol_runs(facts: Facts) -> frozenset[tuple[int, int]]:
    """The lines [start, end) of each symbol, its decorators included."""
    first, _, last, column = facts.spans
    ends = np.maximum(last + (column > 0), first + 1)
    return frozenset(zip(first.tolist(), ends.tolist(), strict=True))


def symbols_named_in(facts: Facts, runs: Sequence[tuple[int, int]]) -> tuple[Symbol, ...]:
    """The symbols whose names stand in some runs of lines, in the order of these and of their lines."""
    order = facts.named_lines.argsort(kind="stable")
    bounds = facts.named_lines[order].searchsorted(np.array(runs, np.int64).reshape(-1, 2)).tolist()
    return facts.chosen_symbols([number for first, last in bounds for number in order[first:last].tolist()])
