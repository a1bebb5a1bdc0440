"""Who goes first: 0.6 · recency + 0.4 · frequency, both scaled to the cache, at constant cost per access.

`CacheEntry.eviction_score` fades within a fixed hour and counts to a fixed hundred, and ranking by it means looking at
every entry. Here each access is worth 1 when it happens and half as much after every half-life, and

    score = 0.6 · worth of the latest access + 0.4 · worth of all accesses.

A key that was stored before anyone asked for it counts as half an access at that moment.

All scores fade by the same factor, so their order only changes when a key is accessed, and the logarithm of a score,
counted in half-lives, can be stored: `rank`. The clock that half-lives are counted on advances by 1/n per access to a
cache of n entries, so that the memory of the policy fits the cache, whatever its size. `EvictionOrder` sorts ranks into
buckets 1/64 of a half-life wide: the victim's score is within 1.1 % of the lowest, first come first gone among those.

Pure and synchronous; nothing here knows about values, bytes or seconds.
"""

from __future__ import annotations

import math
from collections import deque
from heapq import heapify, heappop, heappush
from typing import Final

from attrs import Factory, define

from magnetar.cache.entry import FREQUENCY_SHARE, RECENCY_SHARE

BUCKETS_PER_HALF_LIFE: Final = 64

UNASKED: Final = 0.5
"""What a key is worth, in accesses, that was stored before anyone asked for it: on recorded sessions, what is loaded ahead
then lasts long enough to be of use. Less, and it goes before it is asked for; more, and it drives out what was."""

_SLACK: Final = 64
_STEPS: Final = 4
"""Once round a line, of which half has left when it is begun, this is fast enough that a quarter still stands there."""


def frequency(before: float, last: float, now: float, accesses: int = 1) -> float:
    """The worth of all accesses after some more of them at `now`, from what it was at `last`."""
    return before * math.pow(2.0, last - now) + accesses


def rank(worth: float, last: float) -> float:
    """The logarithm of the score of a key whose accesses were worth that much at its last one, in half-lives."""
    return last + math.log2(RECENCY_SHARE + FREQUENCY_SHARE * worth)


@define(eq=False, weakref_slot=False)
class Usage:
    """How a key was used and where it stands in the order of eviction: (key, 0, 0, None) for one that is new."""

    key: str
    worth: float
    """What its accesses were worth at the last one."""
    last: float
    """When that was."""
    bucket: int | None
    """The number of the bucket in whose line it stands; None where it is no victim."""


@define(eq=False, weakref_slot=False)
class _Line:
    """What stands in one bucket, first come first. What moved on or was withheld stays until it is passed over."""

    usages: deque[Usage] = Factory(deque)
    standing: int = 0
    """How many of them still stand here."""


class EvictionOrder:
    """The keys of one cache in the order in which they should go. Their usages are the caller's to keep.

    Every operation costs O(1), amortised, but for the O(log b) of a heap of b bucket numbers when a bucket appears or is used
    up. To take a usage out of the middle of a line would cost more than all the rest; so it is left there, and lines of which
    more than half has left are thinned out step by step.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._lines: dict[int, _Line] = {}  # in none of them stands nothing
        self._numbers: list[int] = []  # a heap of at least their numbers

    def access(self, usage: Usage, entries: int) -> None:
        """Counts an access to a key, which may be new, of a cache that now has so many entries."""
        self._now = now = self._now + 1 / (entries or 1)
        before, last = usage.worth, usage.last
        usage.last = now
        if before:
            usage.worth = worth = frequency(before, last, now)
            self._place(usage, rank(worth, now))
        else:
            usage.worth = 1.0
            self._place(usage, now)  # the rank of a single access now

    def add(self, usage: Usage) -> None:
        """Adds a key that nobody asked for yet (it was prefetched, say), or takes back one that was withheld."""
        if not usage.worth:
            usage.worth, usage.last = UNASKED, self._now
        self._place(usage, rank(usage.worth, usage.last))

    def withhold(self, usage: Usage) -> None:
        """Keeps a key from being the victim, for good or until it is accessed or added."""
        number, usage.bucket = usage.bucket, None
        if number is not None:
            self._leave(number)

    def pop_victim(self) -> str | None:
        """Withholds the key that should go first, and gives it; None when there is none."""
        while self._numbers:
            number = self._numbers[0]
            line = self._lines.get(number)
            if line is None:
                heappop(self._numbers)
                continue
            usage = line.usages.popleft()
            if usage.bucket == number:
                usage.bucket = None
                line.standing -= 1
                if not line.standing:
                    self._drop(number)
                return usage.key
        return None

    def _place(self, usage: Usage, rank: float) -> None:
        before, number = usage.bucket, math.floor(rank * BUCKETS_PER_HALF_LIFE)
        if before == number:
            return
        usage.bucket = number
        if before is not None:
            self._leave(before)
        line = self._lines.get(number)
        if line is None:
            line = self._lines[number] = _Line()
            heappush(self._numbers, number)
        line.usages.append(usage)
        line.standing += 1

    def _leave(self, number: int) -> None:
        """One that stood in this line does so no more."""
        line = self._lines[number]
        line.standing -= 1
        if not line.standing:
            self._drop(number)
            return
        usages = line.usages
        for _ in range(_STEPS):
            if usages[0].bucket != number:
                usages.popleft()
            elif len(usages) > 2 * line.standing:
                usages.rotate(-1)
            else:
                break

    def _drop(self, number: int) -> None:
        """Forgets a line where nothing stands."""
        del self._lines[number]
        if len(self._numbers) > 2 * len(self._lines) + _SLACK:
            self._numbers = list(self._lines)
            heapify(self._numbers)
