"""Scores to probabilities, and weights that learn: a softmax over the candidates of one prediction.

One linear model for each situation (`features.bucket`), trained online on cross-entropy with AdaGrad (Duchi, Hazan and
Singer, 2011), from weights that were fitted beforehand (`prior`). One candidate stands for "something else", so that
the others' probabilities sum to less than one and mean what they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import exp, sqrt
from operator import mul, sub
from typing import Final

from attrs import Attribute, define, field, frozen

from magnetar.prediction.features import BUCKETS, ELSEWHERE, FEATURES, Evidence, Features
from magnetar.prediction.prior import NEW, VISITED

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
    evidence: Evidence


Matrix = list[list[float]]
"""Numbers for each feature: one row for keys that the session has not visited, one for those it has."""


def _prior() -> list[Matrix]:
    return [[[table[name][bucket] for name in FEATURES] for table in (NEW, VISITED)] for bucket in range(BUCKETS)]


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
        """Orders candidates by what their rows are worth in a situation; equals stay in the order given."""
        weights = self.weights[bucket]
        new, known = ([kind[place] for place in evidence.columns] for kind in weights)
        scores = [
            sum(map(mul, known if visited else new, row))
            for visited, row in zip(evidence.visited, evidence.rows, strict=True)
        ]
        baseline = weights[0][ELSEWHERE]
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
            Evidence(
                evidence.columns,
                [evidence.visited[place] for place in order],
                [evidence.rows[place] for place in order],
            ),
        )

    def learn(self, ranking: Ranking, place: int | None) -> None:
        """Moves the weights towards what came true: the candidate at `place`, or none of them."""
        errors, evidence = list(ranking.probabilities), ranking.evidence
        if place is not None:
            errors[place] -= 1.0
        judged: tuple[list[tuple[float, Features]], ...] = ([], [])
        for error, visited, row in zip(errors, evidence.visited, evidence.rows, strict=True):
            if abs(error) > _NEGLIGIBLE:
                judged[visited].append((error, row))
        for kind, found in enumerate(judged):
            if found:
                slopes = _slopes(found)
                self._step(ranking.bucket, kind, zip(evidence.columns, slopes, strict=True))
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
        worth = []
        for visited, row in zip(evidence.visited, evidence.rows, strict=True):
            values = dict(zip(evidence.columns, row, strict=True))
            worth.append([weight * values.get(place, 0.0) for place, weight in enumerate(weights[visited])])
        means = [sum(column) / len(worth) for column in zip(*worth, strict=True)]
        return [list(map(sub, row, means)) for row in worth]


def _slopes(judged: Sequence[tuple[float, Features]]) -> Iterator[float]:
    """How steeply the loss rises with each feature's weight, given each candidate's error."""
    errors = [error for error, _ in judged]
    for column in zip(*(row for _, row in judged), strict=True):
        yield sum(map(mul, errors, column))
