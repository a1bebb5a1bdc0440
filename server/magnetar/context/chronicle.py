"""The history made ready for questions: who changed with whom, which messages sound alike, where change clusters.

Built once per HEAD. Decay counts commits, never days, so that the same history always gives the same answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from magnetar.context.content import Floats, Integers, idf, summed
from magnetar.symbols.facts import Facts
from magnetar.symbols.terms import term_hash, text_terms
from magnetar.workspace.history import History, Hunk

_POPULAR, _LASTING = 100.0, 600.0
_FRESH = 15.0
_PAIR = 250.0
_ALONE = 0.3
_RECENT, _LASTING_HEAT = 60.0, 500.0
_TIE = 300.0
_K1, _B = 1.2, 0.5
_ALIKE = 60
_MESSAGE_DECAY = 1_000.0
_CLEAR_MATCH = 8.0


@frozen(eq=False)
class Messages:
    """Full-text search over commit messages, as sorted postings."""

    terms: NDArray[np.uint32]
    commits: Integers
    gains: Floats
    size: int

    @classmethod
    def of(cls, history: History) -> Messages:
        """Indexes every message."""
        bags = [Counter(map(term_hash, text_terms(commit.message))) for commit in history.commits]
        terms = np.fromiter((term for bag in bags for term in bag), np.uint32)
        counts = np.fromiter((count for bag in bags for count in bag.values()), np.float64)
        commits = np.repeat(np.arange(len(bags)), [len(bag) for bag in bags]) if bags else np.zeros(0, np.int64)
        lengths = np.fromiter((sum(bag.values()) for bag in bags), np.float64, len(bags))
        average = max(float(lengths.mean()), 1.0) if bags else 1.0
        gains = counts * (_K1 + 1) / (counts + _K1 * (1 - _B + _B * lengths[commits] / average))
        order = np.argsort(terms, kind="stable")
        return cls(terms[order], commits[order], gains[order], len(bags))

    def search(self, weights: Mapping[int, float]) -> Floats:
        """(commits,) BM25 of each message."""
        scores = np.zeros(self.size)
        for term, weight in weights.items():
            first, last = self.terms.searchsorted(np.uint32(term)), self.terms.searchsorted(np.uint32(term), "right")
            rarity = idf(int(last - first), self.size)
            scores[self.commits[first:last]] += weight * rarity * self.gains[first:last]
        return scores


class Chronicle:
    """One history, indexed."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.messages = Messages.of(history)
        self.priors = _priors(history)
        """How much each file was changed of late (`pop`), over long (`pop2`), and how lately at all (`rec`)."""
        self.mainline_by_file = _mainline_by_file(history)
        """The first-parent commits that touched each file together with others."""
        self._heats: WeakKeyDictionary[Facts, dict[str, Heat]] = WeakKeyDictionary()

    def changed_with(self, path: str) -> dict[str, dict[str, float]]:
        """Files that changed with one: decayed and shared among the commit's files, as a share of commits, undecayed."""
        decayed: dict[str, float] = {}
        share: dict[str, float] = {}
        steady: dict[str, float] = {}
        total = 1e-9
        for age in self.history.by_file.get(path, ()):
            commit = self.history.commits[age]
            if commit.touched < 2:
                total += _ALONE
                continue
            weight = 0.5 ** (age / _PAIR)
            total += weight
            for other in commit.files:
                if other != path:
                    decayed[other] = decayed.get(other, 0.0) + weight / (commit.touched - 1)
                    share[other] = share.get(other, 0.0) + weight
                    steady[other] = steady.get(other, 0.0) + 1 / (commit.touched - 1)
        return {"co": decayed, "co2": {other: weight / total for other, weight in share.items()}, "co3": steady}

    def alike(self, weights: Mapping[int, float]) -> tuple[dict[str, float], dict[int, float]]:
        """Files and first-parent commits of the messages most like a query.

        Args:
            weights: query weights by term hash.
        """
        scores = self.messages.search(weights)
        order = np.argsort(-scores, kind="stable")[:_ALIKE]
        highest = float(scores[order[0]]) if len(order) else 0.0
        files: dict[str, float] = {}
        mainline: dict[int, float] = {}
        for age in map(int, order):
            if scores[age] <= 0:
                break
            weight = (
                (float(scores[age]) / highest) ** 2 * 0.5 ** (age / _MESSAGE_DECAY) * min(1.0, highest / _CLEAR_MATCH)
            )
            commit = self.history.commits[age]
            mainline[commit.mainline] = max(mainline.get(commit.mainline, 0.0), weight)
            for path in commit.files:
                files[path] = files.get(path, 0.0) + weight / commit.touched**0.5
        return files, mainline

    def heat(self, path: str, facts: Facts) -> Heat:
        """Which pieces of a file the history's hunks fell on. Lines are those of HEAD; an unsaved edit shifts them a little."""
        hunks = self.history.hunks.get(path)
        if hunks is None:
            return Heat.none(facts)
        heats = self._heats.setdefault(facts, {})
        return heats.get(path) or heats.setdefault(path, Heat.of(hunks, facts))

    def shared_commits(self, shares: Mapping[str, float]) -> dict[int, float]:
        """First-parent commits that touched the given files with others, by how much they tie to them."""
        found: dict[int, float] = {}
        for path, share in shares.items():
            for mainline in self.mainline_by_file.get(path, ()):
                tie = share * 0.5 ** (mainline / _TIE) / (len(self.history.together[mainline]) - 1)
                found[mainline] = found.get(mainline, 0.0) + tie
        return found


@frozen(eq=False)
class Heat:
    """Hunks on the pieces of one file: a row for every piece that a hunk fell on."""

    mainline: Integers
    piece: Integers
    share: Floats
    """The square root of the share of the hunk that fell there."""
    size: int

    @classmethod
    def of(cls, hunks: Sequence[Hunk], facts: Facts) -> Heat:
        """Spreads hunks over pieces."""
        first = np.array([hunk.start for hunk in hunks], np.int64)
        last = np.maximum(np.array([hunk.end for hunk in hunks], np.int64), first + 1)
        overlap = np.minimum(last[:, None], facts.ends) - np.maximum(first[:, None], facts.starts)
        hunk, piece = np.nonzero(overlap > 0)
        share = np.sqrt(overlap[hunk, piece] / (last - first)[hunk])
        mainline = np.array([hunk.mainline for hunk in hunks], np.int64)
        return cls(mainline[hunk], piece, share, len(facts.starts))

    @classmethod
    def none(cls, facts: Facts) -> Heat:
        """The heat of a file without a history."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), len(facts.starts))

    @cached_property
    def recent(self) -> Floats:
        """(pieces,) heat that halves every sixty first-parent commits."""
        return self._decayed(_RECENT)

    @cached_property
    def lasting(self) -> Floats:
        """(pieces,) heat that halves every five hundred."""
        return self._decayed(_LASTING_HEAT)

    def _decayed(self, half_life: float) -> Floats:
        return summed(self.piece, self.share * 0.5 ** (self.mainline / half_life), self.size)

    def weighted(self, by_commit: Floats) -> Floats:
        """(pieces,) heat by the weights of the first-parent commits, in their order; commits beyond count nothing."""
        near = self.mainline < len(by_commit)
        return summed(self.piece[near], self.share[near] * by_commit[self.mainline[near]], self.size)


def by_number(weights: Mapping[int, float]) -> Floats:
    """Weights as an array by number."""
    found = np.zeros(max(weights, default=-1) + 1)
    for number, weight in weights.items():
        found[number] = weight
    return found


def _priors(history: History) -> dict[str, dict[str, float]]:
    popular: dict[str, float] = {}
    lasting: dict[str, float] = {}
    fresh: dict[str, float] = {}
    for age, commit in enumerate(history.commits):
        for path in commit.files:
            popular[path] = popular.get(path, 0.0) + 0.5 ** (age / _POPULAR)
            lasting[path] = lasting.get(path, 0.0) + 0.5 ** (age / _LASTING)
            fresh.setdefault(path, 1 / (1 + age / _FRESH))
    return {"pop": popular, "pop2": lasting, "rec": fresh}


def _mainline_by_file(history: History) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for mainline, paths in sorted(history.together.items()):
        if len(paths) > 1:
            for path in paths:
                found.setdefault(path, []).append(mainline)
    return {path: tuple(numbers) for path, numbers in found.items()}
