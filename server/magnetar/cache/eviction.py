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
from collections import OrderedDict
from heapq import heapify, heappop, heappush
from typing import Final

from magnetar.cache.entry import FREQUENCY_SHARE, RECENCY_SHARE

BUCKETS_PER_HALF_LIFE: Final = 64

UNASKED: Final = 0.5
"""What a key is worth, in accesses, that was stored before anyone asked for it: on recorded sessions, what is loaded ahead
then lasts long enough to be of use. Less, and it goes before it is asked for; more, and it drives out what was."""

_SLACK: Final = 64
_NEW: Final = (0.0, 0.0, None)
"""What an access finds of a key that it adds."""


def frequency(before: float, last: float, now: float, accesses: int = 1) -> float:
    """The worth of all accesses after some more of them at `now`, from what it was at `last`."""
    return before * math.pow(2.0, last - now) + accesses


def rank(worth: float, last: float) -> float:
    """The logarithm of the score of a key whose accesses were worth that much at its last one, in half-lives."""
    return last + math.log2(RECENCY_SHARE + FREQUENCY_SHARE * worth)


class BucketQueue:
    """A priority queue of keys with whole-number priorities; first come, first served among equals.

    Which bucket a key is in is for the caller to know. Every operation costs O(1), but for the O(log b) of a heap of b
    bucket numbers when a bucket appears or is used up.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, OrderedDict[str, None]] = {}  # none of them empty
        self._numbers: list[int] = []  # a heap of at least their numbers

    def place(self, key: str, number: int) -> None:
        """Puts a key last into a bucket."""
        bucket = self._buckets.get(number)
        if bucket is None:
            bucket = self._buckets[number] = OrderedDict()
            heappush(self._numbers, number)
        bucket[key] = None

    def take(self, key: str, number: int) -> None:
        """Takes a key out of the bucket it is in."""
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
        # For each key what its accesses were worth at the last one, when that was, and its bucket unless it is withheld.
        self._usage: dict[str, tuple[float, float, int | None]] = {}
        self._queue = BucketQueue()

    def access(self, key: str) -> None:
        """Counts an access, adding the key if it is new."""
        self._now = now = self._now + 1 / (len(self._usage) or 1)
        worth, last, bucket = self._usage.get(key, _NEW)
        self._place(key, frequency(worth, last, now), now, bucket)

    def add(self, key: str) -> None:
        """Adds a key that nobody asked for yet (it was prefetched, say), or takes one back that was withheld."""
        self._place(key, *self._usage.get(key, (UNASKED, self._now, None)))

    def withhold(self, key: str) -> None:
        """Keeps a key from being the victim until it is accessed or added; what is known of it stays."""
        worth, last, bucket = self._usage.get(key, (0.0, self._now, None))
        if bucket is not None:
            self._queue.take(key, bucket)
            self._usage[key] = worth, last, None

    def discard(self, key: str) -> None:
        """Forgets a key."""
        _, _, bucket = self._usage.pop(key, (0.0, self._now, None))
        if bucket is not None:
            self._queue.take(key, bucket)

    def victim(self) -> str | None:
        """The key that should go first, or None when there is none."""
        return self._queue.first()

    def _place(self, key: str, worth: float, last: float, before: int | None) -> None:
        bucket = math.floor(rank(worth, last) * BUCKETS_PER_HALF_LIFE)
        self._usage[key] = worth, last, bucket
        if before is not None:
            self._queue.take(key, before)
        self._queue.place(key, bucket)
