"""Who may come next, and what speaks for each: one row of numbers, most from 0 to 1, in the order of `FEATURES`.

Rows are plain tuples and scoring is a dot product, since this runs on every access. What each number is worth is
learned (`ranker`), from weights that were fitted beforehand (`prior`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from math import log, sqrt
from typing import Final

from magnetar.model import Signal
from magnetar.prediction.knowledge import Knowledge
from magnetar.prediction.paths import kinship, spelling
from magnetar.prediction.session import Session

Features = tuple[float, ...]

FEATURES: Final[dict[str, Signal | None]] = {
    "elsewhere": None,
    "visited": Signal.RECENT,
    "habit": Signal.RECENT,
    "visit_share": Signal.RECENT,
    "visit_rank": Signal.RECENT,
    "previous_toggling": Signal.RECENT,
    "in_burst": Signal.RECENT,
    "heat": Signal.RECENT,
    "age": Signal.RECENT,
    "near_specific": Signal.PREDICTED,
    "far": Signal.PREDICTED,
    "together": Signal.COCHANGE,
    "together_specific": Signal.COCHANGE,
    "successor": Signal.PREDICTED,
    "folder_age": Signal.RECENT,
    "words": Signal.PATH,
    "folders": Signal.PATH,
    "word_share": Signal.PATH,
    "in_results": Signal.LEXICAL,
    "shown": Signal.LEXICAL,
    "shown_with": Signal.LEXICAL,
    "shown_often": Signal.LEXICAL,
}
"""Columns of a row, each with the signal it is evidence of. The first belongs to the pseudo-candidate "something else"."""

BUCKETS: Final = 6
"""Situations that weigh the features differently; see `bucket`."""

MOST_CANDIDATES: Final = 40
"""Rows built for one prediction; more raise no hit rate and cost microseconds each."""

_MOST_RANKED: Final = 16
"""Visits and successors whose place in line counts; further back their age says enough."""
_NEVER_SHOWN: Final = (0.0,) * 4


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
            knowledge.by_folder.latest(spelled.directory, 6),
            chain.from_iterable(knowledge.by_word.latest(word, 3) for word in spelled.words),
            islice(reversed(knowledge.documents), 16),
            islice(knowledge.shown_with.row(current), 4),
        )
    )
    found.pop(current, None)
    return list(islice(found, MOST_CANDIDATES))


def elsewhere() -> Features:
    """The row of "none of the candidates"."""
    return (1.0, *[0.0] * (len(FEATURES) - 1))


def rows(knowledge: Knowledge, session: Session, keys: list[str]) -> list[Features]:
    """The row of each candidate, group by group.

    Weights of companions are shares of what goes with the keys that led here and enter as their square root, ages as
    their logarithm; factors bring what is common to the range from 0 to 1.
    """
    groups = zip(
        _visits(session, keys),
        _familiarity(knowledge, keys),
        _companions(knowledge, session, keys),
        _kinship(knowledge, session, keys),
        _showings(knowledge, session, keys),
        strict=True,
    )
    return [(0.0, *visit, *familiar, *companion, *kin, *showing) for visit, familiar, companion, kin, showing in groups]


def _visits(session: Session, keys: list[str]) -> Iterator[Features]:
    """Whether, how often and how lately the session visited each key, and whether it tends to return."""
    visits, burst, previous = session.visits, session.burst, session.previous
    returning, toggling = session.returning, session.toggling
    length = session.length + 1.0
    places = {key: 1.0 / place for place, key in enumerate(session.recent(_MOST_RANKED), 1)}
    unvisited = (0.0, 1.0 - returning, 0.0, 0.0, 0.0, 0.0)
    for key in keys:
        times = visits.get(key)
        if times is None:
            yield unvisited
        else:
            share = 2.0 * sqrt(times / length)
            yield (
                1.0,
                returning,
                min(1.0, share),
                places.get(key, 0.0),
                toggling if key == previous else 0.0,
                1.0 if key in burst else 0.0,
            )


def _familiarity(knowledge: Knowledge, keys: list[str]) -> Iterator[Features]:
    """How often each key was accessed of late, and how long ago."""
    documents, tick = knowledge.documents, knowledge.tick + 1
    unknown = (0.0, log(tick) * 0.11)
    for key in keys:
        document = documents.get(key)
        if document is None:
            yield unknown
        else:
            heat = 0.4 * log(1.0 + knowledge.heat(document))
            yield min(1.0, heat), log(tick - document.last) * 0.11


def _companions(knowledge: Knowledge, session: Session, keys: list[str]) -> Iterator[Features]:
    """How strongly each key goes with where the session is and was; "specific" discounts what goes with everything."""
    documents = knowledge.documents
    near, near_unit = session.near.sums.get, 1.0 / session.near.scale
    far, far_unit = session.far.sums.get, 3.24 / session.far.scale
    together, together_unit = session.together.sums.get, 1.21 / session.together.scale
    followed = islice(reversed(knowledge.successors.row(session.current or "")), _MOST_RANKED)
    successors = {key: 1.0 / place for place, key in enumerate(followed, 1)}
    for key in keys:
        document = documents.get(key)
        rarity = 1.0 if document is None else 1.0 / sqrt(document.accesses + 1.0)
        act = together(key, 0.0) * together_unit
        yield (
            min(1.0, sqrt(6.25 * rarity * near_unit * near(key, 0.0))),
            min(1.0, sqrt(far_unit * far(key, 0.0))),
            min(1.0, sqrt(act)),
            min(1.0, sqrt(5.2 * rarity * act)),
            successors.get(key, 0.0),
        )


def _kinship(knowledge: Knowledge, session: Session, keys: list[str]) -> Iterator[Features]:
    """How each key's spelling relates to the current key's and to the session's."""
    current = session.current or ""
    tick, used = knowledge.tick + 1, knowledge.folder_used
    words, unit = session.words, 1.0 / (session.length + 1.0)
    ages: dict[str, float] = {}
    for key in keys:
        spelled = spelling(key)
        alike = kinship(current, key)
        age = ages.get(spelled.directory)
        if age is None:
            age = ages[spelled.directory] = log(tick - used.get(spelled.directory, 0)) * 0.11
        shared = 0
        for word in spelled.words:
            shared += words.get(word, 0)
        yield age, alike.words, alike.folders, sqrt(shared * unit / len(spelled.words)) if shared else 0.0


def _showings(knowledge: Knowledge, session: Session, keys: list[str]) -> Iterator[Features]:
    """Whether searches and answers showed each key: just now, in this session, beside the current key, ever."""
    results, shown = session.results, knowledge.shown
    sums, unit = session.shown.sums, 0.33 / session.shown.scale
    beside = knowledge.shown_with.row(session.current or "")
    beside_unit = 1.0 / (sum(beside.values()) + 1.0)
    for key in keys:
        times = shown.get(key)
        if times is None:
            yield _NEVER_SHOWN
        else:
            yield (
                1.0 if key in results else 0.0,
                sqrt(unit * sums.get(key, 0.0)),
                sqrt(beside_unit * beside.get(key, 0.0)),
                min(1.0, 0.2 * log(1.0 + times)),
            )
