"""An entry of the cache as the public API shows it, and the names of the places it may live in.

Who goes first is decided elsewhere.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

RECENCY_SHARE: Final = 0.6
FREQUENCY_SHARE: Final = 0.4

_RECENCY_SECONDS: Final = 3_600
_FULL_FREQUENCY: Final = 100


class CacheBackend(Enum):
    """Where values live."""

    MEMORY = "memory"
    SQLITE = "sqlite"
    REDIS = "redis"
    TIERED = "tiered"
    """Memory over SQLite (over Redis where a URL is given)."""


@dataclass(slots=True)
class CacheEntry:
    """A value with its times, in seconds since the epoch, and how often it was accessed."""

    key: str
    value: Any
    access_count: int = 0
    last_accessed: float = field(default_factory=time.time)
    created_at: float = field(default_factory=time.time)
    ttl: int = 300
    size_bytes: int = 0

    def is_expired(self) -> bool:
        """Whether its time to live is over."""
        return self.is_stale(1.0)

    def is_stale(self, stale_threshold: float = 0.8) -> bool:
        """Whether that share of its time to live is over."""
        return time.time() - self.created_at >= self.ttl * stale_threshold

    def access(self) -> None:
        """Counts one access, now."""
        self.access_count += 1
        self.last_accessed = time.time()

    def eviction_score(self) -> float:
        """0.6 · recency, which fades within an hour, + 0.4 · frequency, full at 100 accesses; the lowest goes first.

        The backends rank by the same two shares scaled to the size of the cache: see `magnetar.cache.eviction`.
        """
        recency = max(0.0, 1 - (time.time() - self.last_accessed) / _RECENCY_SECONDS)
        frequency = min(self.access_count / _FULL_FREQUENCY, 1.0)
        return RECENCY_SHARE * recency + FREQUENCY_SHARE * frequency
