"""What a store of cached values must do, and what is handed to it and back. Loading, learning and refreshing lie above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from attrs import frozen

from magnetar.cache.codec import Encoded, encode
from magnetar.cache.stats import CacheStats
from magnetar.model import TierStats

FOREVER: Final = 100 * 365 * 86_400
"""The time to live, in seconds, of what is keyed by its own content."""

MOST_APART: Final = 86_400.0
"""Seconds by which two clocks may differ: a value from further ahead was stored by one that has been put right since."""


class Record(NamedTuple):
    """A value on its way into a store or out of it."""

    key: str
    value: Any
    encoded: Encoded | None
    """The value's stored form; None in what memory gives back, which keeps the value alone."""
    created_at: float
    """Seconds since the epoch."""
    ttl: int
    """Seconds."""

    def stored_form(self) -> Encoded:
        """The value's stored form, also where memory did not keep it."""
        return self.encoded or encode(self.key, self.value)[0]

    def size_bytes(self) -> int:
        """What counts against every limit."""
        return len(self.stored_form().payload)

    def expires_at(self) -> float:
        """When the value stops being served, in seconds since the epoch."""
        return self.created_at + self.ttl

    def lives_at(self, now: float) -> bool:
        """Whether the value may be served: it has not expired, nor was it stored by a clock that was ahead."""
        return self.created_at - MOST_APART <= now < self.expires_at()


@frozen
class Limits:
    """How much a store may hold; what is over is evicted before a call returns."""

    entries: int
    size_bytes: int


class Backend(Protocol):
    """A store of records.

    Every method but `open` raises `BackendUnavailable` where the store cannot be reached, and none raises anything else.
    A call takes effect in the order in which it was made: what was set is found, also by a lookup that starts before the
    set has returned. Records that have expired are neither found nor counted.
    """

    async def open(self) -> None:
        """Makes the store ready.

        Raises:
            BackendUnavailable: it cannot be opened or reached.
        """

    async def close(self) -> None:
        """Writes what is still to be written and lets go of everything; closing twice is fine."""

    async def get_many(self, keys: Sequence[str], *, access: bool = True) -> Mapping[str, Record]:
        """The records there are; `access` says whether this counts as a hit or miss of each key and moves its recency."""

    async def set_many(self, records: Sequence[Record], *, access: bool = True) -> int:
        """Stores records, durably where the store is durable, and says how many; of one too large nothing is left."""

    async def delete_many(self, keys: Sequence[str]) -> int:
        """Removes records and says how many there were."""

    async def clear(self, prefix: str = "") -> int:
        """Removes every record whose key starts so, and says how many there were."""

    def touch(self, keys: Iterable[str]) -> None:
        """Notes that these were accessed in a store above; it takes effect in time."""

    def stats(self) -> CacheStats:
        """Counters and limits, without those of predictions."""

    def tiers(self) -> tuple[TierStats, ...]:
        """Every store behind this one, the fastest first."""


def tier_stats(name: str, stats: CacheStats) -> TierStats:
    """One backend's share in `Backend.tiers`."""
    return TierStats(name, stats.hits, stats.misses, stats.size, stats.size_bytes)
