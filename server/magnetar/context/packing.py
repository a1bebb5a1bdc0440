"""Packing: which lines of which documents go into the answer, under a hard budget of tokens and of items.

Greedy by value per token over all pieces of all documents at once. The first piece of a document brings the document in,
which is worth something of its own and costs its header, so many documents get a say before any is shown at length. Pure:
it sees prices and values, never text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from magnetar.context.content import Floats, Integers
from magnetar.context.layout import header
from magnetar.symbols.facts import Facts, tokens_between

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


@frozen(eq=False)
class Units:
    """The parts of a document that may be shown: the lines of each together or not at all, and what they are worth."""

    values: Floats
    """(units,)"""
    lines: Integers
    """(runs, 2) runs of lines [start, end)."""
    offsets: Integers
    """(units + 1,) where the runs of each unit begin; each has at least one."""

    @classmethod
    def of_runs(cls, runs: ArrayLike, values: Floats) -> Units:
        """Every run by itself."""
        return cls(values, np.asarray(runs, np.int64).reshape(-1, 2), np.arange(len(values) + 1))

    @classmethod
    def one(cls, runs: Runs, value: float) -> Units:
        """Some runs that are shown together."""
        return cls(np.array([value]), np.array(runs, np.int64), np.array([0, len(runs)]))

    @classmethod
    def none(cls) -> Units:
        """Nothing to show."""
        return cls.of_runs((), np.zeros(0))

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, number: int) -> Runs:
        lines = self.lines[self.offsets[number] : self.offsets[number + 1]].tolist()
        return tuple((start, end) for start, end in lines)


@frozen(eq=False)
class Shelf:
    """A document that may be shown, by units."""

    path: str
    facts: Facts
    units: Units
    worth: float
    """The probability that the document matters."""
    held: Runs = field(default=())
    """Lines that the reader has already, and that are never shown again."""
    exact: bool = field(default=False)
    """Whether gaps between units are never filled."""

    @cached_property
    def before(self) -> Sequence[int]:
        """(lines + 1,) `facts.cumulative_tokens` as whole numbers, which packing asks for thousands of times."""
        return np.require(self.facts.cumulative_tokens, np.intc, ("C", "A")).data

    def tokens(self, start: int, end: int) -> int:
        """`facts.tokens`, many times faster after the first time."""
        return tokens_between(self.before, start, end)

    def cost(self, runs: Runs) -> int:
        """Tokens of an item that shows these runs."""
        if not runs:
            return 0
        before = self.before
        lines = sum([tokens_between(before, start, end) for start, end in runs])
        return self.facts.header_tokens + lines + SEPARATOR_TOKENS * (len(runs) - 1)

    def prices(self) -> Floats:
        """(units,) tokens of each unit, the separator before it included."""
        sums, lines = self.facts.cumulative_tokens, self.units.lines
        prices = sums[lines[:, 1]] - sums[lines[:, 0]] + 1
        return np.add.reduceat(prices, self.units.offsets[:-1]) + float(SEPARATOR_TOKENS)


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
    for number, index in _queue(shelves):
        if left <= _LEAST:
            break
        shelf = shelves[number]
        before = shown.get(shelf.path, ())
        if not before and len(shown) >= most_items:
            continue
        unit = shelf.units[index]
        runs = joined(shelf, (*before, *unit, *_header(shelf, unit)))
        cost = shelf.cost(runs) - spent.get(shelf.path, 0)
        if runs == before or cost > left:
            continue
        shown[shelf.path] = runs
        spent[shelf.path] = spent.get(shelf.path, 0) + cost
        left -= cost
    return {shelf.path: shown[shelf.path] for shelf in shelves if shelf.path in shown}


def _header(shelf: Shelf, unit: Runs) -> Runs:
    """The line that declares the class or function a piece stands in, where that costs little beside the piece."""
    if shelf.exact or len(unit) != 1:
        return ()
    ((start, end),) = unit
    line = header(shelf.facts, start)
    if line is None or line >= start:
        return ()
    cheap = shelf.tokens(line, line + 1) + SEPARATOR_TOKENS <= _HEADER_SHARE * shelf.tokens(start, end)
    return ((line, line + 1),) if cheap else ()


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


def _queue(shelves: Sequence[Shelf]) -> Iterator[tuple[int, int]]:
    """The shelf and number of every unit by value per token, and of the one that brings each document in best."""
    full = [number for number, shelf in enumerate(shelves) if len(shelf.units)]
    bids: list[Floats] = []
    openings: list[tuple[float, int]] = []
    for number in full:
        shelf = shelves[number]
        values, prices = shelf.units.values, shelf.prices()
        bids.append(-shelf.worth * values / prices)
        opening = (_PRESENCE + values) / (prices + shelf.facts.header_tokens)
        best = int(opening.argmax())
        openings.append((-shelf.worth * float(opening[best]), best))
    if not full:
        return iter(())
    sizes = [len(one) for one in bids]
    keys = np.concatenate((*bids, [bid for bid, _ in openings]))
    shelf_of = np.concatenate((np.repeat(full, sizes), full))
    unit_of = np.concatenate((*map(np.arange, sizes), [best for _, best in openings]))
    order = keys.argsort(kind="stable")  # of equal bids units come first, by shelf, then by place
    return zip(shelf_of[order].tolist(), unit_of[order].tolist(), strict=True)


def joined(shelf: Shelf, runs: Iterable[tuple[int, int]]) -> Runs:
    """The union of some runs without what is held; small gaps between them are filled where that is cheap."""
    hidden = [*shelf.held, *shelf.facts.secret_lines]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(without(runs, shelf.held)):
        if merged and (
            start < merged[-1][1] or (not shelf.exact and _cheap_gap(shelf.before, merged[-1][1], start, hidden))
        ):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def _cheap_gap(before: Sequence[int], start: int, end: int, hidden: Iterable[tuple[int, int]]) -> bool:
    tokens = before[end] - before[start]
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
