"""Who goes first: 0.6 · recency + 0.4 · frequency, both scaled to the cache, at constant cost per access.

`CacheEntry.eviction_score` fades within a fixed hour and counts to a fixed hundred, and ranking by it means looking at
every entry. Here each access is worth 1 when it happens and half as much after every half-life, and

    score = 0.6 · worth of the latest access + 0.4 · worth of all accesses.

All scores fade by the same factor, so their order only changes when a key is accessed, and the logarithm of a score,
counted in half-lives, can be stored: `rank`. The clock that half-lives are counted on advances by 1/n per access to a
cache of n entries, so that the memory of the policy fits the cache, whatever its size. `EvictionOrder` sorts ranks into
buckets 1/64 of a half-life wide: the victim's score is within 1.1 % of the lowest, first come first gone among those.

Pure and synchronous; nothing here knows about values, bytes or seconds.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from heapq import heapify, heappop, heappush
from typing import Final

from magnetar.cache.entry import FREQUENCY_SHARE, RECENCY_SHARE

BUCKETS_PER_HALF_LIFE: Final = 64

_SLACK: Final = 64


def frequency(before: float, last: float, now: float, accesses: int = 1) -> float:
    """The worth of all accesses after some more of them at `now`, from what it was at `last`."""
    return before * math.pow(2.0, last - now) + accesses


def rank(worth: float, last: float) -> float:
    """The logarithm of the score of a key whose accesses were worth that much at its last one, in half-lives."""
    return last + math.log2(RECENCY_SHARE + FREQUENCY_SHARE * worth)


class BucketQueue:
    """A priority queue of keys with whole-number priorities; first come, first served among equals.

    Every operation costs O(1), but for the O(log b) of a heap of b bucket numbers when a bucket appears or is used up.
    """

    def __init__(self) -> None:
        self._bucket_of: dict[str, int] = {}
        self._buckets: dict[int, OrderedDict[str, None]] = {}  # none of them empty
        self._numbers: list[int] = []  # a heap of at least their numbers

    def place(self, key: str, number: int) -> None:
        """Puts a key last into a bucket, taking it out of the one it was in."""
        before = self._bucket_of.get(key)
        if before == number:
            self._buckets[number].move_to_end(key)
            return
        if before is not None:
            self._take(key, before)
        self._bucket_of[key] = number
        bucket = self._buckets.get(number)
        if bucket is None:
            bucket = self._buckets[number] = OrderedDict()
            heappush(self._numbers, number)
        bucket[key] = None

    def discard(self, key: str) -> None:
        """Takes a key out, if it is in."""
        number = self._bucket_of.pop(key, None)
        if number is not None:
            self._take(key, number)

    def _take(self, key: str, number: int) -> None:
        bucket = self._buckets[number]
        del bucket[key]
        if not bucket:
            del self._buckets[number]
            if len(self._numbers) > 2 * len(self._buckets) + _SLACK:
                self._numbers = list(self._buckets)
                heapify(self._numbers)

    def first(self) -> str | None:
        """The first key of the lowest bucket, or None when empty."""
        while self._numbers:
            bucket = self._buckets.get(self._numbers[0])
            if bucket is not None:
                return next(iter(bucket))
            heappop(self._numbers)
        return None


class EvictionOrder:
    """The keys of one cache in the order in which they should go."""

    def __init__(self) -> None:
        self._now = 0.0
        self._usage: dict[str, tuple[float, float]] = {}  # key → (worth of its accesses at the last one, when that was)
        self._queue = BucketQueue()

    def access(self, key: str) -> None:
        """Counts an access, adding the key if it is new."""
        usage = self._usage
        self._now = now = self._now + 1 / (len(usage) or 1)
        before = usage.get(key)
        self._place(key, 1.0 if before is None else frequency(before[0], before[1], now), now)

    def add(self, key: str) -> None:
        """Adds a key that nobody asked for yet (it was prefetched, say), or takes one back that was withheld."""
        worth, last = self._usage.get(key, (0.0, self._now))
        self._place(key, worth, last)

    def withhold(self, key: str) -> None:
        """Keeps a key from being the victim until it is accessed or added; what is known of it stays."""
        self._queue.discard(key)

    def discard(self, key: str) -> None:
        """Forgets a key."""
        if self._usage.pop(key, None) is not None:
            self._queue.discard(key)

    def victim(self) -> str | None:
        """The key that should go first, or None when there is none."""
        return self._queue.first()

    def _place(self, key: str, worth: float, last: float) -> None:
        self._usage[key] = worth, last
        self._queue.place(key, math.floor(rank(worth, last) * BUCKETS_PER_HALF_LIFE))
