"""Which files change together, as a first guess for a predictor that has seen nothing of a workspace yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from heapq import nsmallest
from itertools import combinations

from magnetar.workspace.history import History

_HALF_LIFE = 250
"""In commits: decay counts events, not seconds, so that an idle year forgets nothing."""


def cochange_pairs(history: History, limit: int = 20_000) -> Iterator[tuple[str, str, float]]:
    """Pairs of files with how strongly they change together, strongest first.

    A commit of n files adds 1/(n-1) to each pair of them, halved every 250 commits back: one file changed with another
    alone says more than a sweep.

    Args:
        history: What to read it from.
        limit: How many pairs at most.

    Yields:
        Each pair once, in path order, with a weight above zero.
    """
    weights = defaultdict[tuple[str, str], float](float)
    for index, commit in enumerate(history.commits):
        if commit.touched > 1:
            weight = 0.5 ** (index / _HALF_LIFE) / (commit.touched - 1)
            for pair in combinations(sorted(commit.files), 2):
                weights[pair] += weight
    strongest = nsmallest(limit, weights.items(), key=lambda item: (-item[1], item[0]))
    for (one, other), weight in strongest:
        yield one, other, weight
