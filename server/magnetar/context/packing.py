"""Packing: which lines of which documents go into the answer, under a hard budget of tokens and of items.

Greedy by value per token over all pieces of all documents at once. The first piece of a document brings the document in,
which is worth something of its own and costs its header, so many documents get a say before any is shown at length. Pure:
it sees prices and values, never text.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat

import numpy as np
from attrs import field, frozen

from magnetar.context.content import Floats
from magnetar.symbols.facts import Facts

Runs = tuple[tuple[int, int], ...]
"""Runs of lines [start, end), in order, disjoint and not adjacent."""

SEPARATOR_TOKENS = 3
"""Tokens of the line that stands between two runs."""
_PRESENCE = 0.1
"""What it is worth that a document is there at all, as a share of what matters in it."""
_GAP = 2
"""Lines between two runs that are shown rather than left out, where that costs no more than a separator and a little."""
_GAP_TOKENS = 12
_NEARLY = 0.1
"""A document that lacks only this share of its tokens is completed."""
_HEADER_SHARE = 0.2
"""The most that the line a piece stands under may cost, beside the piece."""
_LEAST = 20
"""Fewer tokens than this are not worth another piece."""


@frozen
class Unit:
    """Lines that are shown together or not at all, and what they are worth."""

    runs: Runs
    value: float


@frozen(eq=False)
class Shelf:
    """A document that may be shown, by units."""

    path: str
    facts: Facts
    units: Sequence[Unit]
    worth: float
    """The probability that the document matters."""
    held: Runs = field(default=())
    """Lines that the reader has already, and that are never shown again."""
    exact: bool = field(default=False)
    """Whether gaps between units are never filled."""

    def cost(self, runs: Runs) -> int:
        """Tokens of an item that shows these runs."""
        if not runs:
            return 0
        lines = sum(self.facts.tokens(start, end) for start, end in runs)
        return self.facts.header_tokens + lines + SEPARATOR_TOKENS * (len(runs) - 1)

    def prices(self) -> Floats:
        """(units,) tokens of each unit, the separator before it included."""
        sums = self.facts.cumulative_tokens
        if all(len(unit.runs) == 1 for unit in self.units):
            lines = np.array([unit.runs[0] for unit in self.units], np.int64)
            return (sums[lines[:, 1]] - sums[lines[:, 0]] + 1.0 + SEPARATOR_TOKENS).astype(np.float64)
        return np.array(
            [sum(self.facts.tokens(*run) for run in unit.runs) + SEPARATOR_TOKENS for unit in self.units], np.float64
        )


def pack(shelves: Sequence[Shelf], budget: int, most_items: int) -> dict[str, Runs]:
    """Chooses lines.

    Args:
        shelves: documents by path, each once, most important first.
        budget: tokens that the items may cost together.
        most_items: how many documents may be shown.

    Returns:
        Path to the lines shown, in the order of the shelves.
    """
    shown: dict[str, Runs] = {}
    spent: dict[str, int] = {}
    left = budget
    queue = _queue(shelves)
    while queue and left > _LEAST:
        _, _, number, index = heapq.heappop(queue)
        shelf = shelves[number]
        before = shown.get(shelf.path, ())
        if not before and len(shown) >= most_items:
            continue
        runs = joined(shelf, (*before, *shelf.units[index].runs, *_header(shelf, shelf.units[index])))
        cost = shelf.cost(runs) - spent.get(shelf.path, 0)
        if runs == before or cost > left:
            continue
        shown[shelf.path] = runs
        spent[shelf.path] = spent.get(shelf.path, 0) + cost
        left -= cost
    return {shelf.path: shown[shelf.path] for shelf in shelves if shelf.path in shown}


def _header(shelf: Shelf, unit: Unit) -> Runs:
    """The line that declares the class or function a piece stands in, where that costs little beside the piece."""
    if shelf.exact or len(unit.runs) != 1:
        return ()
    ((start, end),) = unit.runs
    around = [one for one in shelf.facts.symbols if one.range.start.line < start <= one.range.end.line]
    if not around:
        return ()
    line = max(one.selection.start.line for one in around)
    cheap = shelf.facts.tokens(line, line + 1) + SEPARATOR_TOKENS <= _HEADER_SHARE * shelf.facts.tokens(start, end)
    return ((line, line + 1),) if cheap and line < start else ()


def completed(shelves: Mapping[str, Shelf], shown: Mapping[str, Runs], left: int) -> tuple[dict[str, Runs], int]:
    """Shows documents whole that are nearly so, where the tokens left allow it; also gives what is left then."""
    found = dict(shown)
    for path, runs in shown.items():
        shelf = shelves[path]
        lines = whole(shelf.facts)
        price = shelf.cost(lines)
        missing = price - shelf.cost(runs)
        if lines != runs and not shelf.held and missing <= min(left, _NEARLY * price):
            found[path] = lines
            left -= missing
    return found, left


def _queue(shelves: Sequence[Shelf]) -> list[tuple[float, int, int, int]]:
    """Every unit by value per token, and for each document the one that brings it in best."""
    queue: list[tuple[float, int, int, int]] = []
    for number, shelf in enumerate(shelves):
        if not shelf.units:
            continue
        values = np.fromiter((unit.value for unit in shelf.units), np.float64, len(shelf.units))
        prices = shelf.prices()
        queue += zip((-shelf.worth * values / prices).tolist(), repeat(0), repeat(number), range(len(values)))
        bids = (_PRESENCE + values) / (prices + shelf.facts.header_tokens)
        best = int(bids.argmax())
        queue.append((-shelf.worth * float(bids[best]), 1, number, best))
    heapq.heapify(queue)
    return queue


def joined(shelf: Shelf, runs: Iterable[tuple[int, int]]) -> Runs:
    """The union of some runs without what is held; small gaps between them are filled where that is cheap."""
    hidden = [*shelf.held, *shelf.facts.secret_lines]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(without(runs, shelf.held)):
        if merged and (
            start < merged[-1][1] or (not shelf.exact and _cheap_gap(shelf.facts, merged[-1][1], start, hidden))
        ):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def _cheap_gap(facts: Facts, start: int, end: int, hidden: Iterable[tuple[int, int]]) -> bool:
    tokens = int(facts.cumulative_tokens[end] - facts.cumulative_tokens[start])
    near = tokens == 0 or (end - start <= _GAP and tokens <= _GAP_TOKENS)
    return near and not any(first < end and start < last for first, last in hidden)


def without(runs: Iterable[tuple[int, int]], hidden: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs with some lines cut out."""
    kept = list(runs)
    for first, last in hidden:
        kept = [
            part
            for start, end in kept
            for part in ((start, min(end, first)), (max(start, last), end))
            if part[0] < part[1]
        ]
    return kept


def whole(facts: Facts) -> Runs:
    """All lines of a document that may be shown; one empty run where it has none."""
    return tuple(without([(0, facts.line_count)], facts.secret_lines)) if facts.line_count else ((0, 0),)
