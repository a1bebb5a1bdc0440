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
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Final

from attrs import define

from magnetar.cache.entry import FREQUENCY_SHARE, RECENCY_SHARE

BUCKETS_PER_HALF_LIFE: Final = 64

UNASKED: Final = 0.5
"""What a key is worth, in accesses, that was stored before anyone asked for it: on recorded sessions, what is loaded ahead
then lasts long enough to be of use. Less, and it goes before it is asked for; more, and it drives out what was."""

_SLACK: Final = 64


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


class EvictionOrder:
    """The keys of one cache in the order in which they should go: lines of usages, which the caller keeps by key.

    A usage that moves to another line stays in the old one, too, and is passed over there: finding it would cost more than
    all the rest. Where half of all places are such, each call tidies up some. Every call costs O(1), amortised over the
    places passed over, but for the O(log b) of a heap of b bucket numbers when a bucket appears or is used up.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._lines: dict[int, deque[Usage]] = {}
        self._numbers: list[int] = []  # a heap of at least the numbers of the lines
        self._places = 0  # in all lines
        self._tidying = self._tidy()

    def access(self, usage: Usage, entries: int) -> None:
        """Counts an access to a key, which may be new, of a cache that now has so many entries."""
        self._now = now = self._now + 1 / (entries or 1)
        before, last = usage.worth, usage.last
        usage.last = now
        if before:
            usage.worth = worth = frequency(before, last, now)
            self._place(usage, rank(worth, now), entries)
        else:
            usage.worth = 1.0
            self._place(usage, now, entries)  # the rank of a single access now

    def add(self, usage: Usage, entries: int) -> None:
        """Adds a key that nobody asked for yet (it was prefetched, say), or takes back one that was withheld."""
        if not usage.worth:
            usage.worth, usage.last = UNASKED, self._now
        self._place(usage, rank(usage.worth, usage.last), entries)

    def withhold(self, usage: Usage, entries: int) -> None:
        """Keeps a key from being the victim, for good or until it is accessed or added."""
        usage.bucket = None
        if self._places > 2 * entries + _SLACK:
            self._tidy_some()

    def pop_victim(self) -> str | None:
        """Withholds the key that should go first, and gives it; None when there is none."""
        while self._numbers:
            number = self._numbers[0]
            line = self._lines.get(number)
            while line:
                usage = line.popleft()
                self._places -= 1
                if usage.bucket == number:
                    usage.bucket = None
                    return usage.key
            self._lines.pop(number, None)
            heappop(self._numbers)
        return None

    def _place(self, usage: Usage, rank: float, entries: int) -> None:
        number = math.floor(rank * BUCKETS_PER_HALF_LIFE)
        if usage.bucket != number:
            usage.bucket = number
            line = self._lines.get(number)
            if line is None:
                line = self._lines[number] = deque()
                heappush(self._numbers, number)
            line.append(usage)
            self._places += 1
            if self._places > 2 * entries + _SLACK:
                self._tidy_some()

    def _tidy_some(self) -> None:
        next(self._tidying)
        next(self._tidying)

    def _tidy(self) -> Iterator[None]:
        """Goes through all lines again and again, a place at each step, and drops the usages that stand elsewhere."""
        while True:
            for number in list(self._lines):
                line = self._lines.get(number)
                for _ in range(len(line or ())):
                    if not line:
                        break
                    usage = line.popleft()
                    if usage.bucket == number:
                        line.append(usage)
                    else:
                        self._places -= 1
                    yield
                if line is not None and not line and self._lines.get(number) is line:
                    self._drop(number)
            yield

    def _drop(self, number: int) -> None:
        """Forgets an empty line; its number goes with others."""
        del self._lines[number]
        if len(self._numbers) > 2 * len(self._lines) + _SLACK:
            self._numbers = list(self._lines)
            heapify(self._numbers)
