"""Who may come next, and what speaks for each: numbers, most from 0 to 1, by candidate and feature.

Most of them are zero, and this runs on every access; so only what is not zero is written down. What each number is worth
is learned (`ranker`), from weights that were fitted beforehand (`prior`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice, repeat
from math import exp, log, sqrt
from typing import Final

from attrs import frozen

from magnetar.model import Signal
from magnetar.prediction.knowledge import Knowledge
from magnetar.prediction.paths import spelling
from magnetar.prediction.session import Session, Trail
from magnetar.prediction.tables import COOLING, Document

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

_PLACE_OF: Final = {name: place for place, name in enumerate(FEATURES)}
ELSEWHERE: Final = _PLACE_OF["elsewhere"]
"""The one feature that "something else" has, where it is 1."""
VISITED: Final = _PLACE_OF["visited"]
HABIT: Final = _PLACE_OF["habit"]
AGES: Final = (_PLACE_OF["heat"], _PLACE_OF["age"], _PLACE_OF["folder_age"])
"""Features that hardly any candidate is without."""

BUCKETS: Final = 6
"""Situations that weigh the features differently; see `bucket`."""

MOST_CANDIDATES: Final = 32
"""Keys weighed for one prediction; more raise no hit rate and cost microseconds each."""

_MOST_RANKED: Final = 16
"""Visits and successors whose place in line counts; further back their age says enough."""
_LATE: Final = 1.0 / 5
"""The place in line, as its inverse, down to which a visit is a late one: the current key and the four before it."""
_UNKNOWN: Final = Document()
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
    found = {current: None}
    for key in chain.from_iterable(_sources(knowledge, session, current)):
        found[key] = None
        if len(found) > MOST_CANDIDATES:
            break
    del found[current]
    return list(found)


def _sources(knowledge: Knowledge, session: Session, current: str) -> Iterator[Iterable[str]]:
    yield session.results[:12]
    yield session.recent(_MOST_RANKED)
    yield islice(reversed(knowledge.successors.row(current)), _MOST_RANKED)
    yield session.near.heaviest(16)
    yield session.together.heaviest(16)
    yield session.far.heaviest(12)
    yield session.shown.heaviest(8)
    folder, words = spelling(current)
    yield knowledge.by_folder.latest(folder, 6)
    for word in sorted(words):
        yield knowledge.by_word.latest(word, 3)
    yield islice(reversed(knowledge.documents), 16)


Column = dict[int, float]
"""What one feature says, by the number of a candidate; nothing where that is zero."""


@frozen
class Evidence:
    """What speaks for each of some candidates."""

    visited: list[bool]
    """Whether the session has visited the candidate."""
    habit: tuple[float, float]
    """The feature of that name, of candidates that the session has not visited and of those it has."""
    ages: list[tuple[float, float, float]]
    """For each candidate the features `AGES`."""
    columns: dict[int, Column]
    """The other features by their places in `FEATURES`, of which those left out are zero."""

    def row(self, candidate: int) -> list[float]:
        """All features of one candidate."""
        visited = self.visited[candidate]
        row = [0.0] * len(FEATURES)
        row[VISITED], row[HABIT] = float(visited), self.habit[visited]
        for place, value in zip(AGES, self.ages[candidate], strict=True):
            row[place] = value
        for place, column in self.columns.items():
            row[place] = column.get(candidate, 0.0)
        return row


def evidence(knowledge: Knowledge, session: Session, keys: list[str]) -> Evidence:
    """What speaks for each key, feature by feature, which is the fastest way.

    Weights of companions are shares of what goes with the keys that led here and enter as their square root; counts and
    ages enter as logarithms. "Specific" discounts companions of everything. Heat is `Document.heat_at` and words are
    `kinship`, written out since a call costs as much again.
    """
    current, tick = session.current or "", knowledge.tick + 1
    documents = list(map(knowledge.documents.get, keys, repeat(_UNKNOWN)))
    spelled = [one.spelled or spelling(key) for key, one in zip(keys, documents, strict=True)]
    visits = list(map(session.visits.get, keys, repeat(0)))
    used = knowledge.folder_used
    folder_ages = {folder: log(tick - used.get(folder, 0)) * _AGE for folder in {folder for folder, _ in spelled}}
    ages = [
        (
            log(1.0 + one.heat * exp((one.last - tick) * COOLING)),
            log(tick - one.last) * _AGE,
            folder_ages[folder],
        )
        for one, (folder, _) in zip(documents, spelled, strict=True)
    ]
    columns = dict(_on_visits(session, keys, visits)) if any(visits) else {}
    if near := session.near.sums:
        unit = 1.0 / session.near.scale
        columns["near_specific"] = {
            place: sqrt(near[key] * unit * documents[place].rarity) for place, key in enumerate(keys) if key in near
        }
    columns["far"] = _shares(session.far, keys)
    columns["together"] = _shares(session.together, keys)
    successors = _places(islice(reversed(knowledge.successors.row(current)), _MOST_RANKED))
    columns["successor_place"] = {place: successors[key] for place, key in enumerate(keys) if key in successors}
    if mine := spelling(current).words:
        count = len(mine)
        columns["words"] = {
            place: common / (count + len(words) - common)
            for place, (_, words) in enumerate(spelled)
            if (common := len(mine & words))
        }
    if results := frozenset(session.results):
        columns["in_results"] = {place: 1.0 for place, key in enumerate(keys) if key in results}
    columns["shown"] = _shares(session.shown, keys)
    return Evidence(
        list(map(bool, visits)),
        (1.0 - session.returning, session.returning),
        ages,
        {_PLACE_OF[name]: column for name, column in columns.items() if column},
    )


def _on_visits(session: Session, keys: list[str], visits: list[int]) -> Iterator[tuple[str, Column]]:
    """The features about where the session was, given how often it visited each key."""
    length, previous, burst = session.length + 1.0, session.previous, session.burst
    yield "visit_share", {place: sqrt(times / length) for place, times in enumerate(visits) if times}
    visited = _places(session.recent(_MOST_RANKED))
    places = {place: visited[key] for place, key in enumerate(keys) if key in visited}
    yield "visit_place", places
    yield "visit_late", {place: 1.0 for place, value in places.items() if value >= _LATE}
    if previous in keys:
        yield "toggling", {keys.index(previous): session.toggling}
    if len(burst) > 1:
        yield "in_burst", {place: 1.0 for place, key in enumerate(keys) if key in burst}


def _shares(trail: Trail, keys: list[str]) -> Column:
    """What a trail holds of each key."""
    sums, unit = trail.sums, 1.0 / trail.scale
    return {place: sqrt(sums[key] * unit) for place, key in enumerate(keys) if key in sums} if sums else {}


def _places(keys: Iterable[str]) -> dict[str, float]:
    """One over each key's place in line."""
    return {key: 1.0 / place for place, key in enumerate(keys, 1)}
