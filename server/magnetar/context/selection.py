"""From ranked documents and scored pieces to the lines that are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import frozen

from magnetar.context.content import Floats
from magnetar.context.outline import units
from magnetar.context.packing import Runs, Shelf, Units, completed, pack, whole
from magnetar.context.turn import Turn
from magnetar.model import ItemKind
from magnetar.workspace.documents import Source

_SMALL_SHARE = 6
"""A focused document that costs less than this part of the budget is shown whole."""
_WANTED_SHARE = 2
"""A document that must be included and does not fit whole gets this part of what is left."""
_POINTED = 1.0
_NEAR_POINTED = 0.6
_NEAR_LINES = 15
_CHANGED = 0.95
_NEEDED = 0.9


@frozen(eq=False)
class Offer:
    """What may be shown, before the budget has its say."""

    sources: Mapping[str, Source]
    values: Mapping[str, Floats]
    """Path to the probability that each of its pieces matters."""
    worth: Mapping[str, float]
    """Path to the probability that the document matters, best first; these compete for the budget."""
    wanted: Sequence[str]
    """Paths that come first, whatever they are worth."""
    focus: str | None
    """The focused document, where it may be shown."""
    lines: tuple[int, int] | None
    """What the user points at in it."""
    needed: Mapping[str, Mapping[int, float]]
    """Path to the pieces that define what those lines use, by how sure that is."""
    kinds: frozenset[ItemKind]


@frozen(eq=False)
class Selection:
    """The lines that are shown, and the shelves they came from."""

    runs: Mapping[str, Runs]
    shelves: Mapping[str, Shelf]


def select(offer: Offer, turn: Turn, budget: int, most_items: int) -> Selection:
    """Packs what is offered into a budget that the turn's kept items have not used."""
    shelves = {path: _shelf(offer, turn, path) for path in dict.fromkeys((*offer.wanted, *offer.worth))}
    runs: dict[str, Runs] = {}
    left = budget
    for path in offer.wanted:
        if len(runs) < most_items:
            shelf = shelves[path]
            chosen = _first(shelf, offer.kinds, left)
            if chosen:
                runs[path] = chosen
                left -= shelf.cost(chosen)
    others = [_focus_whole(offer, shelves[path], budget) for path in offer.worth if path not in runs]
    packed = pack(others, left, most_items - len(runs))
    left -= sum(shelves[path].cost(chosen) for path, chosen in packed.items())
    if ItemKind.FILE in offer.kinds:
        packed, left = completed(shelves, packed, left)
    return Selection({**runs, **packed}, shelves)


def _shelf(offer: Offer, turn: Turn, path: str) -> Shelf:
    """One document with its units; what changed since it was sent is sent again before anything else of it."""
    facts = offer.sources[path].facts
    values = offer.values[path]
    worth = offer.worth.get(path, 1.0)
    if path in turn.changed:
        values = np.maximum(values, _CHANGED * _overlaps(offer, path, turn.changed[path]))
        worth = max(worth, _CHANGED)
    if needed := offer.needed.get(path):
        values = values.copy()
        for piece, sure in needed.items():
            values[piece] = max(values[piece], _NEEDED * sure)
    if path == offer.focus and offer.lines is not None:
        first, last = offer.lines
        around = ((max(first - _NEAR_LINES, 0), last + _NEAR_LINES),)
        values = np.maximum(values, _NEAR_POINTED * _overlaps(offer, path, around))
        values = np.maximum(values, _POINTED * _overlaps(offer, path, ((first, last),)))
    exact = ItemKind.SNIPPET not in offer.kinds
    return Shelf(path, facts, units(facts, values, offer.kinds), worth, turn.lines(path), exact)


def _overlaps(offer: Offer, path: str, runs: Runs) -> Floats:
    """(pieces,) 1 for pieces that share a line with some runs."""
    facts = offer.sources[path].facts
    found = np.zeros(len(facts.starts))
    for start, end in runs:
        found[(facts.starts < end) & (facts.ends > start)] = 1.0
    return found


def _first(shelf: Shelf, kinds: frozenset[ItemKind], left: int) -> Runs:
    """A document that must be included: whole where it fits, else its best parts."""
    if not shelf.held and kinds & {ItemKind.FILE, ItemKind.SNIPPET}:
        lines = whole(shelf.facts)
        if lines and shelf.cost(lines) <= left:
            return lines
    share = left // _WANTED_SHARE
    return pack([shelf], share, 1).get(shelf.path, ()) or pack([shelf], left, 1).get(shelf.path, ())


def _focus_whole(offer: Offer, shelf: Shelf, budget: int) -> Shelf:
    """The focused document as one unit where it is small; any other as it is."""
    if shelf.path != offer.focus or shelf.held or ItemKind.FILE not in offer.kinds:
        return shelf
    lines = whole(shelf.facts)
    if lines and shelf.cost(lines) <= budget // _SMALL_SHARE:
        return Shelf(shelf.path, shelf.facts, Units.one(lines, 1.0), 1.0)
    return shelf
