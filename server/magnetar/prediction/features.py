"""Who may come next, and what speaks for each: one row of numbers, most from 0 to 1, in the order of `FEATURES`.

Rows are plain tuples and scoring is a dot product, since this runs on every access. What each number is worth is
learned (`ranker`), from weights that were fitted beforehand (`prior`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice, repeat
from math import exp, log, sqrt
from typing import Final

from attrs import frozen

from magnetar.model import Signal
from magnetar.prediction.knowledge import Knowledge
from magnetar.prediction.paths import kinship, spelling
from magnetar.prediction.session import Session, Trail
from magnetar.prediction.tables import COOLING, Document

Features = tuple[float, ...]

FEATURES: Final[dict[str, Signal | None]] = {
    "elsewhere": None,
    "visited": Signal.RECENT,
    "habit": Signal.RECENT,
    "visit_share": Signal.RECENT,
    "visit_place": Signal.RECENT,
    "visit_late": Signal.RECENT,
    "toggling": Signal.RECENT,
    "in_burst": Signal.RECENT,
    "heat": Signal.RECENT,
    "age": Signal.RECENT,
    "near_specific": Signal.PREDICTED,
    "far": Signal.PREDICTED,
    "together": Signal.COCHANGE,
    "successor_place": Signal.PREDICTED,
    "folder_age": Signal.RECENT,
    "words": Signal.PATH,
    "in_results": Signal.LEXICAL,
    "shown": Signal.LEXICAL,
}
"""What is looked at, each with the signal it is evidence of."""

ELSEWHERE: Final = tuple(FEATURES).index("elsewhere")
"""The one column that "something else" has, where it is 1."""

BUCKETS: Final = 6
"""Situations that weigh the features differently; see `bucket`."""

MOST_CANDIDATES: Final = 32
"""Rows built for one prediction; more raise no hit rate and cost microseconds each."""

_MOST_RANKED: Final = 16
"""Visits and successors whose place in line counts; further back their age says enough."""
_LATE: Final = 1.0 / 5
"""The place in line, as its inverse, down to which a visit is a late one: the current key and the four before it."""
_UNKNOWN: Final = Document()
_PLACE_OF: Final = {name: place for place, name in enumerate(FEATURES)}
_AGE: Final = 0.11
"""Brings the logarithm of a count of accesses to the range of the other features."""


def bucket(session: Session) -> int:
    """The situation of a session: searching, working after a search (editing or reading), within one act, early, late."""
    if session.fresh:
        return 0
    if session.searched:
        return 1 if session.edited else 2
    if len(session.burst) > 1:
        return 3
    return 4 if session.length < 6 else 5


def candidates(knowledge: Knowledge, session: Session) -> list[str]:
    """Keys that may come next, without the current one: the likelier sources first."""
    current = session.current or ""
    spelled = spelling(current)
    found = dict.fromkeys(
        chain(
            session.results[:12],
            session.recent(_MOST_RANKED),
            islice(reversed(knowledge.successors.row(current)), _MOST_RANKED),
            session.near.heaviest(16),
            session.together.heaviest(16),
            session.far.heaviest(12),
            session.shown.heaviest(8),
            knowledge.by_folder.latest(spelled.folder, 6),
            chain.from_iterable(knowledge.by_word.latest(word, 3) for word in sorted(spelled.words)),
            islice(reversed(knowledge.documents), 16),
        )
    )
    found.pop(current, None)
    return list(islice(found, MOST_CANDIDATES))


@frozen
class Evidence:
    """What speaks for each of some candidates."""

    columns: tuple[int, ...]
    """The places in `FEATURES` of the columns there are; in any other, every candidate has a zero."""
    visited: list[bool]
    """Whether the session has visited the candidate."""
    rows: list[Features]


def evidence(knowledge: Knowledge, session: Session, keys: list[str]) -> Evidence:
    """The row of each candidate, made column by column in the order of `FEATURES`, which is the fastest way.

    Weights of companions are shares of what goes with the keys that led here and enter as their square root; counts and
    ages enter as logarithms. "Specific" discounts companions of everything. Heat is `Document.heat_at`, written out since
    a call costs as much again.
    """
    current, tick = session.current or "", knowledge.tick + 1
    spelled = list(map(spelling, keys))
    documents = list(map(knowledge.documents.get, keys, repeat(_UNKNOWN)))
    visits = list(map(session.visits.get, keys, repeat(0)))
    columns = dict(_on_visits(session, keys, visits))
    columns["heat"] = [log(1.0 + one.heat * exp((one.last - tick) * COOLING)) for one in documents]
    columns["age"] = [log(tick - one.last) * _AGE for one in documents]
    if near := session.near.sums:
        unit = 1.0 / session.near.scale
        columns["near_specific"] = [
            sqrt(near[key] * unit * one.rarity) if key in near else 0.0
            for key, one in zip(keys, documents, strict=True)
        ]
    columns.update(_shares(keys, far=session.far, together=session.together))
    if successors := _places(islice(reversed(knowledge.successors.row(current)), _MOST_RANKED)):
        columns["successor_place"] = list(map(successors.get, keys, repeat(0.0)))
    used = knowledge.folder_used
    ages = {folder: log(tick - used.get(folder, 0)) * _AGE for folder in {one.folder for one in spelled}}
    columns["folder_age"] = [ages[one.folder] for one in spelled]
    if words := spelling(current).words:
        columns["words"] = [0.0 if words.isdisjoint(one.words) else kinship(words, one.words) for one in spelled]
    if results := session.results:
        columns["in_results"] = [1.0 if key in results else 0.0 for key in keys]
    columns.update(_shares(keys, shown=session.shown))
    places = tuple(map(_PLACE_OF.__getitem__, columns))
    return Evidence(places, list(map(bool, visits)), list(zip(*columns.values(), strict=True)))


def _on_visits(session: Session, keys: list[str], visits: list[int]) -> Iterator[tuple[str, list[float]]]:
    """The columns about where the session was, given how often it visited each key."""
    returning, exploring = session.returning, 1.0 - session.returning
    if not any(visits):
        yield "habit", [exploring] * len(keys)
        return
    length, previous, burst = session.length + 1.0, session.previous, session.burst
    yield "visited", [1.0 if times else 0.0 for times in visits]
    yield "habit", [returning if times else exploring for times in visits]
    yield "visit_share", [sqrt(times / length) if times else 0.0 for times in visits]
    visited = _places(session.recent(_MOST_RANKED))
    places = list(map(visited.get, keys, repeat(0.0)))
    yield "visit_place", places
    yield "visit_late", [1.0 if place >= _LATE else 0.0 for place in places]
    if previous is not None:
        yield "toggling", [session.toggling if key == previous else 0.0 for key in keys]
    if len(burst) > 1:
        yield "in_burst", [1.0 if key in burst else 0.0 for key in keys]


def _shares(keys: list[str], **trails: Trail) -> Iterator[tuple[str, list[float]]]:
    """A column for each trail that holds anything."""
    for name, trail in trails.items():
        if sums := trail.sums:
            unit = 1.0 / trail.scale
            yield name, [sqrt(sums[key] * unit) if key in sums else 0.0 for key in keys]


def _places(keys: Iterable[str]) -> dict[str, float]:
    """One over each key's place in line."""
    return {key: 1.0 / place for place, key in enumerate(keys, 1)}
