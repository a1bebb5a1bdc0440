"""Who may come next, and what speaks for each: one row of numbers, most from 0 to 1, in the order of `FEATURES`.

Rows are plain tuples and scoring is a dot product, since this runs on every access. What each number is worth is
learned (`ranker`), from weights that were fitted beforehand (`prior`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice, repeat
from math import exp, log, sqrt
from typing import Final

from magnetar.model import Signal
from magnetar.prediction.knowledge import Knowledge
from magnetar.prediction.paths import kinship, spelling
from magnetar.prediction.session import Session
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
"""Columns of a row, each with the signal it is evidence of. The first belongs to the pseudo-candidate "something else"."""

BUCKETS: Final = 6
"""Situations that weigh the features differently; see `bucket`."""

MOST_CANDIDATES: Final = 32
"""Rows built for one prediction; more raise no hit rate and cost microseconds each."""

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


def elsewhere() -> Features:
    """The row of "none of the candidates"."""
    return (1.0, *[0.0] * (len(FEATURES) - 1))


def rows(knowledge: Knowledge, session: Session, keys: list[str]) -> list[Features]:
    """The row of each candidate, made column by column in the order of `FEATURES`, which is the fastest way.

    Weights of companions are shares of what goes with the keys that led here and enter as their square root; counts and
    ages enter as logarithms. "Specific" discounts companions of everything. Heat is `Document.heat_at`, written out since
    a call costs as much again.
    """
    current, burst, results = session.current or "", session.burst, session.results
    previous, toggling = session.previous, session.toggling
    returning, exploring = session.returning, 1.0 - session.returning
    tick, length = knowledge.tick + 1, session.length + 1.0
    near, near_unit = session.near.sums, 1.0 / session.near.scale
    far, far_unit = session.far.sums, 1.0 / session.far.scale
    together, together_unit = session.together.sums, 1.0 / session.together.scale
    shown, shown_unit = session.shown.sums, 1.0 / session.shown.scale
    visit_places = _places(session.recent(_MOST_RANKED))
    successor_places = _places(islice(reversed(knowledge.successors.row(current)), _MOST_RANKED))

    visits = [session.visits.get(key, 0) for key in keys]
    documents = [knowledge.documents.get(key, _UNKNOWN) for key in keys]
    spelled = [spelling(key) for key in keys]
    folder_ages = {
        folder: log(tick - knowledge.folder_used.get(folder, 0)) * _AGE for folder in {one.folder for one in spelled}
    }
    columns: dict[str, Iterable[float]] = {
        "elsewhere": repeat(0.0, len(keys)),
        "visited": [1.0 if times else 0.0 for times in visits],
        "habit": [returning if times else exploring for times in visits],
        "visit_share": [sqrt(times / length) if times else 0.0 for times in visits],
        "visit_place": [visit_places.get(key, 0.0) for key in keys],
        "visit_late": [1.0 if visit_places.get(key, 0.0) >= _LATE else 0.0 for key in keys],
        "toggling": [toggling if key == previous else 0.0 for key in keys],
        "in_burst": [1.0 if key in burst else 0.0 for key in keys],
        "heat": [log(1.0 + document.heat * exp((document.last - tick) * COOLING)) for document in documents],
        "age": [log(tick - document.last) * _AGE for document in documents],
        "near_specific": [
            sqrt(near[key] * near_unit * document.rarity) if key in near else 0.0
            for key, document in zip(keys, documents, strict=True)
        ],
        "far": [sqrt(far[key] * far_unit) if key in far else 0.0 for key in keys],
        "together": [sqrt(together[key] * together_unit) if key in together else 0.0 for key in keys],
        "successor_place": [successor_places.get(key, 0.0) for key in keys],
        "folder_age": [folder_ages[one.folder] for one in spelled],
        "words": [kinship(current, key) for key in keys],
        "in_results": [1.0 if key in results else 0.0 for key in keys],
        "shown": [sqrt(shown[key] * shown_unit) if key in shown else 0.0 for key in keys],
    }
    return list(zip(*columns.values(), strict=True))


def _places(keys: Iterable[str]) -> dict[str, float]:
    """One over each key's place in line."""
    return {key: 1.0 / place for place, key in enumerate(keys, 1)}
