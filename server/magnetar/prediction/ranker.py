"""Scores to probabilities, and weights that learn: a softmax over the candidates of one prediction.

One linear model for each situation (`features.bucket`), trained online on cross-entropy with AdaGrad (Duchi, Hazan and
Singer, 2011), from weights that were fitted beforehand (`prior`). One candidate stands for "something else", so that
the others' probabilities sum to less than one and mean what they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import exp, sqrt
from operator import mul, sub
from typing import Final

from attrs import Attribute, define, field, frozen

from magnetar.prediction import prior
from magnetar.prediction.features import AGES, BUCKETS, ELSEWHERE, FEATURES, HABIT, VISITED, Evidence

_LEARNING_RATE: Final = 0.15
_CAUTION: Final = 3.0
"""What AdaGrad's sum of squared gradients starts from: how much evidence the prior is worth."""
_NEGLIGIBLE: Final = 0.004
"""Candidates less likely than this are not pushed down further; it halves the cost and changes no figure."""


@frozen
class Ranking:
    """The candidates after one key, the likeliest first, and what they were judged by."""

    current: str
    keys: list[str]
    probabilities: list[float]
    elsewhere: float
    """The probability that it is none of them."""
    bucket: int
    order: list[int]
    """The number in `evidence` of each."""
    evidence: Evidence


Matrix = list[list[float]]
"""Numbers for each feature: one row for keys that the session has not visited, one for those it has."""


def _prior() -> list[Matrix]:
    return [
        [[table[name][bucket] for name in FEATURES] for table in (prior.NEW, prior.VISITED)]
        for bucket in range(BUCKETS)
    ]


def _caution() -> list[Matrix]:
    return [[[_CAUTION] * len(FEATURES) for _ in range(2)] for _ in range(BUCKETS)]


def _complete(_: object, of: Attribute[list[Matrix]], matrices: list[Matrix]) -> None:
    if [[len(row) for row in matrix] for matrix in matrices] != [[len(FEATURES)] * 2] * BUCKETS:
        raise ValueError(f"{of.name} are not one for each feature, kind of key and situation")


@define
class Ranker:
    """The weights of one context."""

    weights: list[Matrix] = field(factory=_prior, validator=_complete)
    squares: list[Matrix] = field(factory=_caution, validator=_complete)

    def rank(self, current: str, keys: Sequence[str], evidence: Evidence, bucket: int) -> Ranking:
        """Orders candidates by what speaks for them in a situation; equals stay in the order given."""
        scores = self._scores(evidence, bucket)
        baseline = self.weights[bucket][0][ELSEWHERE]
        highest = max(scores, default=baseline)
        highest = max(highest, baseline)
        odds = [exp(score - highest) for score in scores]
        nothing = exp(baseline - highest)
        total = sum(odds) + nothing
        order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
        return Ranking(
            current,
            [keys[place] for place in order],
            [odds[place] / total for place in order],
            nothing / total,
            bucket,
            order,
            evidence,
        )

    def _scores(self, evidence: Evidence, bucket: int) -> list[float]:
        """The worth of each candidate."""
        new, known = self.weights[bucket]
        exploring, returning = evidence.habit
        heat, age, folder_age = AGES
        terms = (
            (new[HABIT] * exploring, new[heat], new[age], new[folder_age]),
            (known[VISITED] + known[HABIT] * returning, known[heat], known[age], known[folder_age]),
        )
        visited = evidence.visited
        scores = [
            start + of_heat * hot + of_age * old + of_folder * old_folder
            for (start, of_heat, of_age, of_folder), (hot, old, old_folder) in zip(
                map(terms.__getitem__, visited), evidence.ages, strict=True
            )
        ]
        for place, column in evidence.columns.items():
            weights = new[place], known[place]
            for candidate, value in column.items():
                scores[candidate] += weights[visited[candidate]] * value
        return scores

    def learn(self, ranking: Ranking, place: int | None) -> None:
        """Moves the weights towards what came true: the candidate at `place`, or none of them."""
        errors, evidence = list(ranking.probabilities), ranking.evidence
        if place is not None:
            errors[place] -= 1.0
        judged: tuple[dict[int, float], ...] = ({}, {})
        for candidate, error in zip(ranking.order, errors, strict=True):
            if abs(error) > _NEGLIGIBLE:
                judged[evidence.visited[candidate]][candidate] = error
        for kind, found in enumerate(judged):
            if found:
                self._step(ranking.bucket, kind, _slopes(evidence, kind, found))
        error = ranking.elsewhere - (place is None)
        if abs(error) > _NEGLIGIBLE:
            self._step(ranking.bucket, 0, [(ELSEWHERE, error)])

    def _step(self, bucket: int, kind: int, slopes: Iterable[tuple[int, float]]) -> None:
        """Moves weights down their slopes."""
        weights, squares = self.weights[bucket][kind], self.squares[bucket][kind]
        for place, slope in slopes:
            if slope:
                squares[place] += slope * slope
                weights[place] -= _LEARNING_RATE * slope / sqrt(squares[place])

    def contributions(self, ranking: Ranking) -> list[list[float]]:
        """What each feature adds to the score of each candidate, beyond what it adds on average."""
        evidence, weights = ranking.evidence, self.weights[ranking.bucket]
        worth = [
            list(map(mul, weights[evidence.visited[candidate]], evidence.row(candidate))) for candidate in ranking.order
        ]
        means = [sum(column) / len(worth) for column in zip(*worth, strict=True)]
        return [list(map(sub, row, means)) for row in worth]


def _slopes(evidence: Evidence, kind: int, errors: Mapping[int, float]) -> Iterator[tuple[int, float]]:
    """How steeply the loss rises with each feature's weight, given the errors of some candidates of one kind."""
    if kind:
        yield VISITED, sum(errors.values())
    yield HABIT, sum(errors.values()) * evidence.habit[kind]
    columns = zip(*map(evidence.ages.__getitem__, errors), strict=True)
    for place, values in zip(AGES, columns, strict=True):
        yield place, sum(map(mul, errors.values(), values))
    for place, column in evidence.columns.items():
        yield place, sum([error * column[candidate] for candidate, error in errors.items() if candidate in column])
