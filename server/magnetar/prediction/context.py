"""Everything one context has learned and is in: its tables, its weights, its sessions, and how often it was right.

Predictions are made when an access is observed, from what is known then; asking is a look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from typing import Final

from attrs import Factory, define, field, frozen

from magnetar.model import Signal
from magnetar.prediction import features
from magnetar.prediction.knowledge import Knowledge
from magnetar.prediction.ranker import Ranker, Ranking
from magnetar.prediction.session import Session

MOST_SESSIONS: Final = 64
"""Sessions a context keeps alive; the one used least recently is forgotten, what it taught is not."""

_SIGNALS: Final = tuple(features.FEATURES.values())


@frozen
class Explained:
    """A prediction with its reasons."""

    key: str
    probability: float
    reasons: tuple[tuple[Signal, float], ...]
    """Each signal's share of what speaks for the key, strongest first; never empty."""


@frozen
class Statistics:
    """What a context has seen and how well it predicted, each access being predicted before it was learned from."""

    transitions: int = 0
    """Accesses that followed one to a different key in their session."""
    documents: int = 0
    evaluated: int = 0
    first: int = 0
    """Evaluated accesses whose key stood first in the prediction."""
    among_five: int = 0

    def __add__(self, other: Statistics) -> Statistics:
        return Statistics(
            self.transitions + other.transitions,
            self.documents + other.documents,
            self.evaluated + other.evaluated,
            self.first + other.first,
            self.among_five + other.among_five,
        )

    @property
    def hit_at_1(self) -> float:
        """Percent of evaluated accesses predicted first; 0.0 where there were none."""
        return 100.0 * self.first / self.evaluated if self.evaluated else 0.0

    @property
    def hit_at_5(self) -> float:
        """Percent of evaluated accesses among the first five predicted."""
        return 100.0 * self.among_five / self.evaluated if self.evaluated else 0.0


@define
class Context:
    """One context; not thread-safe."""

    knowledge: Knowledge = Factory(Knowledge)
    ranker: Ranker = Factory(Ranker)
    sessions: dict[str | None, Session] = Factory(dict)
    """The session used last at the end."""
    rankings: dict[str | None, Ranking] = field(init=False, factory=dict)
    """What each session's current key predicts, where that is still true."""
    evaluated: int = 0
    first: int = 0
    among_five: int = 0

    @property
    def statistics(self) -> Statistics:
        """The figures so far."""
        known = self.knowledge
        return Statistics(known.transitions, len(known.documents), self.evaluated, self.first, self.among_five)

    # -- learning --------------------------------------------------------------------------------------------------

    def access(self, name: str | None, key: str, at: float | None, *, edit: bool) -> None:
        """Learns from an access, and predicts what follows it."""
        session = self._enter(name)
        if key == session.current:
            session.at = at
            if not edit or session.edited:
                return
        else:
            if session.current is not None:
                self._judge(self._ranking(name, session), key)
            self.knowledge.observe(session, key, at)
        session.edited = edit
        self.rankings[name] = self._rank(session)

    def results(self, name: str | None, keys: Sequence[str]) -> None:
        """Takes in what a search or an answer showed."""
        self._enter(name).show(keys)
        self.rankings.pop(name, None)

    def seed(self, pairs: Iterable[tuple[str, str, float]]) -> None:
        """Takes in what is known to change together."""
        self.knowledge.seed(pairs)
        self.rankings.clear()
        for session in self.sessions.values():
            if session.current is not None:
                self.knowledge.follow_together(session, session.current)

    def rename(self, names: Mapping[str, str]) -> None:
        """Carries everything learned over to new names."""
        self.knowledge.rename(names)
        for session in self.sessions.values():
            session.rename(names)
        self.rankings.clear()

    def known(self) -> set[str]:
        """Every key there may be something to rename for."""
        known = self.knowledge
        return {*known.documents, *known.together.rows}.union(*(one.known() for one in self.sessions.values()))

    def _enter(self, name: str | None) -> Session:
        """The session of this name, which is now the one used last."""
        session = self.sessions.pop(name, None) or Session()
        self.sessions[name] = session
        if len(self.sessions) > MOST_SESSIONS:
            oldest = next(iter(self.sessions))
            del self.sessions[oldest]
            self.rankings.pop(oldest, None)
        return session

    def _judge(self, ranking: Ranking, key: str) -> None:
        """Counts and learns from how a prediction turned out."""
        place = ranking.keys.index(key) if key in ranking.keys else None
        self.evaluated += 1
        if place is not None:
            self.first += place == 0
            self.among_five += place < 5
        self.ranker.learn(ranking, place)

    # -- predicting ------------------------------------------------------------------------------------------------

    def ranking(self, name: str | None, current: str) -> Ranking:
        """What follows `current` in a session, whether or not the session is there."""
        session = self.sessions.get(name)
        if session is None or session.current is None:
            session = Session()
        elif session.current == current:
            return self._ranking(name, session)
        supposed = session.copy()
        self.knowledge.follow(supposed, current, None)
        return self._rank(supposed)

    def likely(self, ranking: Ranking, most: int) -> list[tuple[str, float]]:
        """What a ranking leaves out, by how often and how lately it was accessed.

        It shares the probability that the ranking gives to something else.
        """
        known = self.knowledge
        listed = {ranking.current, *ranking.keys}
        worth = {key: one.worth(known.tick) for key, one in known.documents.items() if key not in listed}
        unit = ranking.elsewhere / (sum(worth.values()) + 1.0)
        least = min(ranking.probabilities, default=1.0)
        return [(key, min(least, worth[key] * unit)) for key in nlargest(most, worth, key=worth.__getitem__)]

    def explain(self, ranking: Ranking, most: int) -> list[Explained]:
        """The likeliest keys of a ranking, with what sets each apart from the other candidates."""
        contributions = self.ranker.contributions(ranking)
        return [
            Explained(key, probability, _reasons(worth))
            for key, probability, worth in zip(ranking.keys[:most], ranking.probabilities, contributions, strict=False)
        ]

    def _ranking(self, name: str | None, session: Session) -> Ranking:
        """The prediction at a session's current key, made now where it is not there."""
        ranking = self.rankings.get(name)
        if ranking is None:
            ranking = self.rankings[name] = self._rank(session)
        return ranking

    def _rank(self, session: Session) -> Ranking:
        keys = features.candidates(self.knowledge, session)
        evidence = features.evidence(self.knowledge, session, keys)
        return self.ranker.rank(session.current or "", keys, evidence, features.bucket(session))


def _reasons(contributions: Sequence[float]) -> tuple[tuple[Signal, float], ...]:
    """The signals that raise a candidate, strongest first; the one that lowers it least where none does."""
    worth: dict[Signal, float] = {}
    for signal, contribution in zip(_SIGNALS, contributions, strict=True):
        if signal is not None:
            worth[signal] = worth.get(signal, 0.0) + contribution
    order = sorted(worth, key=worth.__getitem__, reverse=True)
    raising = [signal for signal in order if worth[signal] > 0.0]
    if not raising:
        return ((order[0], 1.0),)
    total = sum(worth[signal] for signal in raising)
    return tuple((signal, worth[signal] / total) for signal in raising)
