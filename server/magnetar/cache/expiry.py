"""When keys expire, at constant cost per key, amortised, and never all at once. Knows no clock.

Keys lie in buckets of an eighth of a second, unordered: most are stored anew or removed long before they expire, and then
leave nothing behind. Only a bucket whose time has come is put in order. When a key expires is for the caller to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from math import floor, inf
from typing import Final

_BUCKETS_PER_SECOND: Final = 8
_SLACK: Final = 64


class ExpiryQueue:
    """Keys by the moment they expire at."""

    def __init__(self) -> None:
        self.soonest = inf
        """A moment before which no key expires."""
        self._buckets: dict[int, dict[str, float]] = {}  # none of them empty
        self._numbers: list[int] = []  # a heap of at least their numbers
        self._at_hand: list[tuple[float, str]] = []  # a heap of what was in buckets whose time has come

    def place(self, key: str, moment: float) -> None:
        """Adds a key, which is not there or was discarded."""
        if moment < self.soonest:  # noqa: PLR1730 - `min` would cost as much as all the rest
            self.soonest = moment
        number = floor(moment * _BUCKETS_PER_SECOND)
        bucket = self._buckets.get(number)
        if bucket is None:
            self._buckets[number] = {key: moment}
            heappush(self._numbers, number)
        else:
            bucket[key] = moment

    def discard(self, key: str, moment: float) -> None:
        """Forgets that a key expires at a moment; where that is very near, `due` may still name both."""
        number = floor(moment * _BUCKETS_PER_SECOND)
        bucket = self._buckets.get(number)
        if bucket is not None and bucket.pop(key, None) is not None and not bucket:
            del self._buckets[number]
            if len(self._numbers) > 2 * len(self._buckets) + _SLACK:
                self._numbers = list(self._buckets)
                heapify(self._numbers)

    def due(self, now: float) -> Iterator[tuple[str, float]]:
        """Takes out, one by one, the keys that have expired, each with the moment it was placed at; to be run to the end."""
        self._open_buckets(floor(now * _BUCKETS_PER_SECOND))
        while self._at_hand and self._at_hand[0][0] <= now:
            moment, key = heappop(self._at_hand)
            yield key, moment
        self.soonest = self._numbers[0] / _BUCKETS_PER_SECOND if self._numbers else inf
        if self._at_hand:
            self.soonest = min(self.soonest, self._at_hand[0][0])

    def _open_buckets(self, last: int) -> None:
        """Puts in order what is in the buckets up to this number."""
        opened: list[tuple[float, str]] = []
        while self._numbers and self._numbers[0] <= last:
            bucket = self._buckets.pop(heappop(self._numbers), {})
            opened += [(moment, key) for key, moment in bucket.items()]
        if opened:
            self._at_hand += opened
            heapify(self._at_hand)
