"""When keys expire: a heap that is repaired lazily, so that each operation costs O(log n), amortised. Knows no clock."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from math import inf
from typing import Final

_SLACK: Final = 64


class ExpiryQueue:
    """Keys by the moment they expire at."""

    def __init__(self) -> None:
        self._moment_of: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []  # holds outdated pairs too, at most about as many as valid ones

    def place(self, key: str, moment: float) -> None:
        """Sets when a key expires."""
        self._moment_of[key] = moment
        heappush(self._heap, (moment, key))
        if len(self._heap) > 2 * len(self._moment_of) + _SLACK:
            self._heap = [(moment, key) for key, moment in self._moment_of.items()]
            heapify(self._heap)

    def discard(self, key: str) -> None:
        """Forgets a key, if it is known."""
        self._moment_of.pop(key, None)

    def soonest(self) -> float:
        """A moment before which no key expires: cheaper to ask than `due`, which is mostly nothing."""
        return self._heap[0][0] if self._heap else inf

    def due(self, now: float) -> Iterator[str]:
        """Takes out, one by one, the keys that have expired."""
        while self._heap and self._heap[0][0] <= now:
            moment, key = heappop(self._heap)
            if self._moment_of.get(key) == moment:
                del self._moment_of[key]
                yield key
