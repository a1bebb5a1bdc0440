"""Scores to probabilities, and weights that learn: a softmax over the candidates of one prediction.

One linear model for each situation (`features.bucket`), trained online on cross-entropy with AdaGrad (Duchi, Hazan and
Singer, 2011), from weights that were fitted beforehand (`prior`). One candidate stands for "something else", so that
the others' probabilities sum to less than one and mean what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt
from operator import mul
from typing import Final

from attrs import Attribute, define, field, frozen

from magnetar.prediction.features import BUCKETS, FEATURES, Features
from magnetar.prediction.prior import WEIGHTS

_LEARNING_RATE: Final = 0.08
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
    rows: list[Features]
    elsewhere_row: Features


def _prior() -> list[list[float]]:
    return [[WEIGHTS[name][bucket] for name in FEATURES] for bucket in range(BUCKETS)]


def _caution() -> list[list[float]]:
    return [[_CAUTION] * len(FEATURES) for _ in range(BUCKETS)]


def _one_for_each(_: object, of: Attribute[list[list[float]]], matrix: list[list[float]]) -> None:
    if len(matrix) != BUCKETS or any(len(row) != len(FEATURES) for row in matrix):
        raise ValueError(f"{of.name} are not one for each feature in each situation")


@define
class Ranker:
    """The weights of one context."""

    weights: list[list[float]] = field(factory=_prior, validator=_one_for_each)
    squares: list[list[float]] = field(factory=_caution, validator=_one_for_each)

    def rank(
        self, current: str, keys: Sequence[str], rows: Sequence[Features], elsewhere: Features, bucket: int
    ) -> Ranking:
        """Orders candidates by what their rows are worth in a situation; equals stay in the order given."""
        weights = self.weights[bucket]
        scores = [sum(map(mul, weights, row)) for row in rows]
        baseline = sum(map(mul, weights, elsewhere))
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
        probabilities = [*ranking.probabilities, ranking.elsewhere]
        true = len(probabilities) - 1 if place is None else place
        judged = [at for at, probability in enumerate(probabilities) if probability > _NEGLIGIBLE or at == true]
        errors = [probabilities[at] - (at == true) for at in judged]
        every = [*ranking.rows, ranking.elsewhere_row]
        gradient = [sum(map(mul, errors, column)) for column in zip(*(every[at] for at in judged), strict=True)]
        weights, squares = self.weights[ranking.bucket], self.squares[ranking.bucket]
        for index, slope in enumerate(gradient):
            if slope:
                squares[index] += slope * slope
                weights[index] -= _LEARNING_RATE * slope / sqrt(squares[index])

    def contributions(self, ranking: Ranking, place: int) -> list[float]:
        """What each feature adds to the score of a candidate."""
        return list(map(mul, self.weights[ranking.bucket], ranking.rows[place]))
