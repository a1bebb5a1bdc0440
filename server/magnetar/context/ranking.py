"""Ranking: scores that are linear in the features, in stages, and the reasons that fall out of them.

The first stage asks which files the answer is about. The best of them then stand in as *pseudo-foci*: what is related to
them is added as features, and the second stage ranks again. The third ranks the files that were opened by what their
pieces say (`second_look.py`). Because all are linear, every score splits exactly into contributions, and a contribution
is a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from attrs import frozen

from magnetar.context.content import Floats, Integers
from magnetar.context.features import SIGNALS, Table, bare
from magnetar.model import Reason, Signal

ALL_SIGNALS: tuple[Signal, ...] = tuple(Signal)
_NUMBER = {signal: number for number, signal in enumerate(ALL_SIGNALS)}
_CLEARLY = 0.1
"""How far in log-odds a file that was not opened stands behind those that were."""
_MOST_REASONS = 6
_LEAST_SHARE = 0.03

FIRST_SCORE = "s1"
"""The feature of a later stage that is the score of the stage before it."""


@frozen(eq=False)
class Ranked:
    """Scores of the candidates, and how much each signal added."""

    scores: Floats
    """(candidates,) log-odds."""
    contributions: Floats
    """(candidates, signals) what each signal added, in the order of `ALL_SIGNALS`."""

    @cached_property
    def probabilities(self) -> Floats:
        """(candidates,) scores between 0 and 1."""
        odds: Floats = np.exp(-self.scores)
        return 1 / (1 + odds)

    def only(self, places: Integers) -> Ranked:
        """Some of the candidates."""
        return Ranked(self.scores[places], self.contributions[places])

    def with_first(self, places: Integers, anew: Ranked) -> Ranked:
        """All candidates, some of them ranked anew; the others stay in their order, behind those."""
        others = np.ones(len(self.scores), bool)
        others[places] = False
        behind = max(float(self.scores[others].max(initial=-np.inf) - anew.scores.min()) + _CLEARLY, 0.0)
        scores = self.scores - behind
        scores[places] = anew.scores
        contributions = self.contributions.copy()
        contributions[places] = anew.contributions
        return Ranked(scores, contributions)


def rank(table: Table, weights: Mapping[str, float], first: Ranked | None = None) -> Ranked:
    """Scores candidates by one stage's weights; `first` is the stage before it."""
    names = [name for name in weights if name in table]
    count = len(next(iter(table.values())))
    values = np.stack([table[name] for name in names], axis=1) if names else np.zeros((count, 0))
    parts = values * np.array([weights[name] for name in names])
    scores = parts.sum(axis=1) + weights["_b"]
    contributions = np.zeros((count, len(ALL_SIGNALS)))
    for column, name in enumerate(names):
        signal = SIGNALS.get(bare(name))
        if signal is not None:
            contributions[:, _NUMBER[signal]] += parts[:, column]
    if first is not None:
        share = weights.get(FIRST_SCORE, 0.0)
        scores += share * first.scores
        contributions += share * first.contributions
    return Ranked(scores, contributions)


def expect(table: Table, weights: Mapping[str, float]) -> Floats:
    """(rows,) the expected share of what matters, by one set of log-linear weights."""
    names = [name for name in weights if name in table]
    total = np.stack([table[name] for name in names], axis=1) @ np.array([weights[name] for name in names])
    expected: Floats = np.exp(np.minimum(total + weights["_b"], 0.0))
    return expected


def reasons(contributions: Floats | None, own: Sequence[Signal]) -> tuple[Reason, ...]:
    """The signals that speak for a file, strongest first, with their share; never empty.

    Args:
        contributions: (signals,) what each signal added to the file's score, where it was ranked.
        own: signals that stand above ranking; each counts as much as all the others together.
    """
    amounts = {} if contributions is None else dict(zip(ALL_SIGNALS, contributions.tolist(), strict=True))
    positive = {signal: amount for signal, amount in amounts.items() if amount > 0}
    if not positive and not own:
        positive = {max(amounts, key=lambda signal: amounts[signal], default=Signal.PATH): 1.0}
    above = sum(positive.values()) or 1.0
    positive |= dict.fromkeys(own, above)
    total = sum(positive.values())
    kept = [signal for signal, amount in positive.items() if amount >= _LEAST_SHARE * total]
    kept.sort(key=lambda signal: (-positive[signal], signal not in own, _NUMBER[signal]))
    return tuple([Reason(signal, round(positive[signal] / total, 4)) for signal in kept[:_MOST_REASONS]])
