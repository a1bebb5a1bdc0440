"""Scores to probabilities, and weights that learn: a softmax over the candidates of one prediction.

One linear model for each situation (`features.bucket`), trained online on cross-entropy with AdaGrad (Duchi, Hazan and
Singer, 2011), from weights that were fitted beforehand (`prior`). One candidate stands for "something else", so that
the others' probabilities sum to less than one and mean what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt
from operator import mul, sub
from typing import Final

from attrs import Attribute, define, field, frozen

from magnetar.prediction.features import BUCKETS, FEATURES, Features
from magnetar.prediction.prior import NEW, VISITED

_LEARNING_RATE: Final = 0.15
_CAUTION: Final = 3.0
"""What AdaGrad's sum of squared gradients starts from: how much evidence the prior is worth."""
_VISITED: Final = tuple(FEATURES).index("visited")
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
    rows: list[Features]
    elsewhere_row: Features


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

    def rank(
        self, current: str, keys: Sequence[str], rows: Sequence[Features], elsewhere: Features, bucket: int
    ) -> Ranking:
        """Orders candidates by what their rows are worth in a situation; equals stay in the order given."""
        weights = self.weights[bucket]
        scores = [sum(map(mul, weights[row[_VISITED] > 0.0], row)) for row in rows]
        baseline = sum(map(mul, weights[0], elsewhere))
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
            [rows[place] for place in order],
            elsewhere,
        )

    def learn(self, ranking: Ranking, place: int | None) -> None:
        """Moves the weights towards what came true: the candidate at `place`, or none of them."""
        errors = [*ranking.probabilities, ranking.elsewhere]
        true = len(ranking.rows) if place is None else place
        errors[true] -= 1.0
        judged: tuple[list[tuple[float, Features]], ...] = ([], [])
        for error, row in zip(errors, (*ranking.rows, ranking.elsewhere_row), strict=True):
            if abs(error) > _NEGLIGIBLE:
                judged[row[_VISITED] > 0.0].append((error, row))
        for kind, found in enumerate(judged):
            if found:
                self._step(self.weights[ranking.bucket][kind], self.squares[ranking.bucket][kind], found)

    def _step(self, weights: list[float], squares: list[float], judged: list[tuple[float, Features]]) -> None:
        errors = [error for error, _ in judged]
        for index, column in enumerate(zip(*(row for _, row in judged), strict=True)):
            slope = sum(map(mul, errors, column))
            if slope:
                squares[index] += slope * slope
                weights[index] -= _LEARNING_RATE * slope / sqrt(squares[index])

    def contributions(self, ranking: Ranking) -> list[list[float]]:
        """What each feature adds to the score of each candidate, beyond what it adds on average."""
        weights = self.weights[ranking.bucket]
        worth = [list(map(mul, weights[row[_VISITED] > 0.0], row)) for row in ranking.rows]
        means = [sum(column) / len(worth) for column in zip(*worth, strict=True)]
        return [list(map(sub, row, means)) for row in worth]
