"""Who may come next, and what speaks for each: one row of numbers, most from 0 to 1, in the order of `FEATURES`.

Rows are plain tuples and scoring is a dot product, since this runs on every access. What each number is worth is
learned (`ranker`), from weights that were fitted beforehand (`prior`).
"""

from __future__ import annotations

from itertools import chain, islice
from math import log, sqrt
from typing import Final

from magnetar.model import Signal
from magnetar.prediction.knowledge import Knowledge
from magnetar.prediction.paths import kinship, spelling
from magnetar.prediction.session import Session
from magnetar.prediction.tables import Document

Features = tuple[float, ...]

FEATURES: Final[dict[str, Signal | None]] = {
    "elsewhere": None,
    "elsewhere_exploring": None,
    "visited": Signal.RECENT,
    "visited_returning": Signal.RECENT,
    "new_exploring": Signal.RECENT,
    "visit_share": Signal.RECENT,
    "visit_rank": Signal.RECENT,
    "previous": Signal.RECENT,
    "previous_toggling": Signal.RECENT,
    "in_burst": Signal.RECENT,
    "return_rate": Signal.RECENT,
    "first_rate": Signal.RECENT,
    "one_session": Signal.RECENT,
    "never_accessed": Signal.RECENT,
    "heat": Signal.RECENT,
    "age": Signal.RECENT,
    "near": Signal.PREDICTED,
    "near_specific": Signal.PREDICTED,
    "far": Signal.PREDICTED,
    "together": Signal.COCHANGE,
    "together_specific": Signal.COCHANGE,
    "successor": Signal.PREDICTED,
    "folder_step": Signal.PREDICTED,
    "folder_age": Signal.RECENT,
    "words": Signal.PATH,
    "extension": Signal.PATH,
    "folders": Signal.PATH,
    "folder_share": Signal.PATH,
    "word_share": Signal.PATH,
    "in_results": Signal.LEXICAL,
    "in_results_following": Signal.LEXICAL,
    "first_unread": Signal.LEXICAL,
    "shown": Signal.LEXICAL,
    "shown_unread": Signal.LEXICAL,
    "shown_with": Signal.LEXICAL,
    "shown_often": Signal.LEXICAL,
    "never_opened": Signal.LEXICAL,
}
"""Columns of a row, each with the signal it is evidence of. The first two belong to the pseudo-candidate "something else"."""

BUCKETS: Final = 6
"""Situations that weigh the features differently; see `bucket`."""

MOST_CANDIDATES: Final = 56
"""Rows built for one prediction; more raise no hit rate and cost microseconds each."""

_COLUMNS = len(FEATURES)
_NEVER_ACCESSED = Document()


def bucket(session: Session) -> int:
    """The situation of a session: searching, working after a search (editing or reading), within one act, early, late."""
    if session.fresh:
        return 0
    if session.searched:
        return 1 if session.edited else 2
    if len(session.burst) > 1:
        return 3
    return 4 if session.length < 6 else 5


def elsewhere(session: Session) -> Features:
    """The row of "none of the candidates"."""
    return (1.0, 1.0 - session.returning, *[0.0] * (_COLUMNS - 2))


def candidates(knowledge: Knowledge, session: Session) -> list[str]:
    """Keys that may come next, without the current one: the likelier sources first."""
    current = session.current or ""
    spelled = spelling(current)
    found = dict.fromkeys(
        chain(
            session.results[:12],
            session.recent(20),
            islice(reversed(knowledge.successors.row(current)), 16),
            session.near.heaviest(24),
            session.together.heaviest(20),
            session.far.heaviest(24),
            session.shown.heaviest(12),
            islice(reversed(knowledge.documents), 24),
            islice(knowledge.shown_with.row(current), 4),
            knowledge.by_folder.latest(spelled.directory, 8),
            chain.from_iterable(knowledge.by_word.latest(word, 4) for word in spelled.words),
        )
    )
    found.pop(current, None)
    return list(islice(found, MOST_CANDIDATES))


def rows(knowledge: Knowledge, session: Session, keys: list[str]) -> list[Features]:
    """The row of each candidate."""
    current = session.current or ""
    visits, burst, results = session.visits, session.burst, session.results
    near, far, together, shown = session.near, session.far, session.together, session.shown
    near_unit, far_unit = 1.0 / near.scale, 1.0 / far.scale
    together_unit, shown_unit = 1.0 / together.scale, 1.0 / shown.scale
    ranks = {key: 1.0 / place for place, key in enumerate(session.recent(24), 1)}
    successors = {
        key: 1.0 / place for place, key in enumerate(islice(reversed(knowledge.successors.row(current)), 16), 1)
    }
    steps = knowledge.folder_steps.row(spelling(current).directory)
    steps_total = sum(steps.values()) + 1.0
    beside = knowledge.shown_with.row(current)
    beside_total = sum(beside.values()) + 1.0
    first_unread = next((key for key in results if key not in visits), None)
    returning, toggling, following = session.returning, session.toggling, session.following
    length = session.length + 1.0
    tick = knowledge.tick
    found: list[Features] = []
    for key in keys:
        spelled = spelling(key)
        alike = kinship(current, key)
        document = knowledge.documents.get(key, _NEVER_ACCESSED)
        accesses = document.accesses
        times = visits.get(key, 0)
        goes_near = near.weights.get(key, 0.0) * near_unit
        goes_together = together.weights.get(key, 0.0) * together_unit
        seen = knowledge.shown.get(key, 0)
        listed = key in results
        was_shown = sqrt(shown.weights.get(key, 0.0) * shown_unit * 0.33)
        rare = 1.0 / sqrt(accesses + 1.0)
        words = spelled.words
        found.append(
            (
                0.0,
                0.0,
                1.0 if times else 0.0,
                returning if times else 0.0,
                0.0 if times else 1.0 - returning,
                min(1.0, 2.0 * sqrt(times / length)),
                ranks.get(key, 0.0),
                1.0 if key == session.previous else 0.0,
                toggling if key == session.previous else 0.0,
                1.0 if key in burst else 0.0,
                sqrt(document.returns / (accesses + 1.0)),
                sqrt(document.firsts / (document.sessions + 1.0)),
                1.0 if document.sessions == 1 else 0.0,
                0.0 if accesses else 1.0,
                min(1.0, 0.4 * log(1.0 + knowledge.heat(document))),
                log(1.0 + tick - document.last) * 0.11,
                min(1.0, sqrt(goes_near)),
                min(1.0, 2.5 * sqrt(goes_near * rare)),
                min(1.0, 1.8 * sqrt(far.weights.get(key, 0.0) * far_unit)),
                min(1.0, 1.1 * sqrt(goes_together)),
                min(1.0, 2.5 * sqrt(goes_together * rare)),
                successors.get(key, 0.0),
                sqrt(steps.get(spelled.directory, 0.0) / steps_total),
                log(1.0 + tick - knowledge.folder_used.get(spelled.directory, 0)) * 0.11,
                alike.words,
                alike.extension,
                alike.folders,
                sqrt(session.folders.get(spelled.directory, 0) / length),
                sqrt(sum(session.words.get(word, 0) for word in words) / (length * len(words))) if words else 0.0,
                1.0 if listed else 0.0,
                following if listed else 0.0,
                1.0 if key == first_unread else 0.0,
                was_shown,
                0.0 if times else was_shown,
                sqrt(beside.get(key, 0.0) / beside_total),
                min(1.0, 0.2 * log(1.0 + seen)) if seen else 0.0,
                1.0 if seen and not accesses else 0.0,
            )
        )
    return found
