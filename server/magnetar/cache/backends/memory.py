"""Values in this process: a synchronous, thread-safe core that a lookup can use without a task switch, and its backend.

A hit takes no lock: it reads one dictionary and bumps counters, and each of these steps is whole under the interpreter's
lock. Values have a dictionary of their own: in a large cache each further object that a hit reads is fetched from main memory,
so a hit does not look at the value's entry: what has expired is removed before the value is read. What a hit means for the
order of eviction is noted on a queue and worked off before anything is evicted.
Left out: encoding, and anything that outlives the process.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import define

from magnetar.cache.backends.base import MOST_APART, Limits, Record, tier_stats
from magnetar.cache.eviction import EvictionOrder, Usage
from magnetar.cache.expiry import ExpiryQueue
from magnetar.cache.stats import CacheStats
from magnetar.model import TierStats

MISSING: Final = object()
"""What a lookup gives that finds nothing; None is a value."""

_MOST_NOTED: Final = 256


@define(eq=False, weakref_slot=False)
class _Entry(Usage):
    """What is known of a value."""

    created_at: float
    ttl: int
    expires_at: float
    size_bytes: int


class MemoryStore:
    """The core: a dictionary with limits, times to live and statistics."""

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], float] = time.time,
        on_accesses: Callable[[Iterable[str]], None] | None = None,
    ) -> None:
        """Makes an empty store.

        Args:
            limits: what it may hold.
            clock: seconds since the epoch.
            on_accesses: told now and then which keys were hit.
        """
        self._limits = limits
        self._clock = clock
        self._on_accesses = on_accesses
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {}
        self._entries: dict[str, _Entry] = {}
        self._size_bytes = 0
        self._hits = self._misses = self._evictions = 0
        self._noted: deque[str] = deque()
        self._order = EvictionOrder()
        self._expiry = ExpiryQueue()
        self._newest = -math.inf
        """A moment after which no value was stored."""

    def get(self, key: str) -> Any:
        """The value, counted as a hit, or `MISSING`, which the caller counts by `miss`."""
        now = self._clock()
        if now >= self._expiry.soonest or now < self._newest - MOST_APART:
            self.sweep()
        value = self._values.get(key, MISSING)  # after the sweep: another thread may replace what had expired
        if value is MISSING:
            return MISSING
        self._hits += 1
        self._noted.append(key)
        if len(self._noted) >= _MOST_NOTED:
            self.settle()
        return value

    def miss(self) -> None:
        """Counts a miss."""
        self._misses += 1

    def peek(self, key: str) -> Record | None:
        """The live record; this is no access."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            record = Record(key, self._values[key], None, entry.created_at, entry.ttl)
            return record if record.lives_at(self._clock()) else None

    def set(self, record: Record, *, access: bool) -> bool:
        """Stores a value and evicts what no longer fits; of a value larger than the store nothing is left, and False."""
        return self.put(record.key, record.value, record.size_bytes(), record.created_at, record.ttl, access=access)

    def put(self, key: str, value: Any, size_bytes: int, created_at: float, ttl: int, *, access: bool) -> bool:
        """As `set`, without a record to be made for it."""
        limits = self._limits
        if size_bytes > limits.size_bytes:
            self.delete(key)
            return False
        expires_at = created_at + ttl
        with self._lock:
            if self._noted:
                self._settle()
            if self._clock() >= self._expiry.soonest:
                self._sweep()
            entries, before = self._entries, self._entries.get(key)
            if before is None:
                entry = _Entry(key, 0.0, 0.0, None, created_at, ttl, expires_at, size_bytes)
                left, growth = limits.entries - 1, size_bytes
            else:
                entry = _Entry(key, before.worth, before.last, None, created_at, ttl, expires_at, size_bytes)
                left, growth = limits.entries, size_bytes - before.size_bytes
                self._expiry.discard(key, before.expires_at)
                self._order.withhold(before)
            if len(entries) > left or self._size_bytes > limits.size_bytes - growth:
                self._make_room(left, limits.size_bytes - growth)
            if access:
                self._order.access(entry, len(entries))
            else:
                self._order.add(entry)
            self._size_bytes += growth
            self._expiry.place(key, expires_at)
            if created_at > self._newest:  # noqa: PLR1730 - `max` would cost more
                self._newest = created_at
            entries[key] = entry
            self._values[key] = value
        return True

    def delete(self, key: str) -> bool:
        """Removes a value; whether there was one."""
        with self._lock:
            self._sweep()
            return self._remove(key)

    def clear(self, prefix: str = "") -> int:
        """Removes every value whose key starts so; how many there were."""
        with self._lock:
            self._sweep()
            keys = [key for key in self._entries if key.startswith(prefix)]
            for key in keys:
                self._remove(key)
            return len(keys)

    def settle(self) -> None:
        """Works off what hits have noted."""
        with self._lock:
            self._settle()

    def sweep(self) -> None:
        """Removes what has expired."""
        with self._lock:
            self._sweep()

    def touch(self, keys: Iterable[str]) -> None:
        """Counts accesses that were made elsewhere."""
        self._noted.extend(keys)

    def stats(self) -> CacheStats:
        """The counters and limits."""
        self.sweep()
        return CacheStats(
            hits=self._hits,
            misses=self._misses,
            evictions=self._evictions,
            size=len(self._entries),
            size_bytes=self._size_bytes,
            max_size=self._limits.entries,
            max_size_bytes=self._limits.size_bytes,
        )

    def _settle(self) -> None:
        accessed: list[str] = []
        while self._noted:
            key = self._noted.popleft()
            entry = self._entries.get(key)
            if entry is not None:
                self._order.access(entry, len(self._entries))
            accessed.append(key)
        if accessed and self._on_accesses is not None:
            self._on_accesses(accessed)

    def _sweep(self) -> None:
        now = self._clock()
        if now >= self._expiry.soonest:
            for key, moment in self._expiry.due(now):
                entry = self._entries.get(key)
                if entry is not None and entry.expires_at == moment:
                    self._remove(key)
        if now < self._newest - MOST_APART:  # the clock was ahead
            for key in [key for key, entry in self._entries.items() if entry.created_at - MOST_APART > now]:
                self._remove(key)
            self._newest = max((entry.created_at for entry in self._entries.values()), default=-math.inf)

    def _make_room(self, entries: int, size_bytes: int) -> None:
        """Evicts until no more entries and bytes are left than these."""
        while len(self._entries) > entries or self._size_bytes > size_bytes:
            victim = self._order.pop_victim()
            if victim is None:
                return
            self._forget(victim, self._entries.pop(victim))
            self._evictions += 1

    def _remove(self, key: str) -> bool:
        entry = self._entries.pop(key, None)
        if entry is None:
            return False
        self._order.withhold(entry)
        self._forget(key, entry)
        return True

    def _forget(self, key: str, entry: _Entry) -> None:
        """Removes what else there is of an entry that neither the dictionary of entries nor the order of eviction has any more."""
        del self._values[key]
        self._expiry.discard(key, entry.expires_at)
        self._size_bytes -= entry.size_bytes


class MemoryBackend:
    """A `MemoryStore` behind the Protocol of all backends."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def open(self) -> None:
        """Nothing is to be done."""

    async def close(self) -> None:
        """Forgets everything."""
        self._store.settle()
        self._store.clear()

    async def get_many(self, keys: Sequence[str], *, access: bool = True) -> Mapping[str, Record]:
        """The records there are."""
        found = {}
        for key in keys:
            record = self._store.peek(key)
            if record is not None:
                found[key] = record
                if access:
                    self._store.get(key)
            elif access:
                self._store.miss()
        return found

    async def set_many(self, records: Sequence[Record], *, access: bool = True) -> int:
        """Stores records and says how many."""
        return sum([self._store.set(record, access=access) for record in records])

    async def delete_many(self, keys: Sequence[str]) -> int:
        """Removes records and says how many there were."""
        return sum([self._store.delete(key) for key in keys])

    async def clear(self, prefix: str = "") -> int:
        """Removes every record whose key starts so, and says how many there were."""
        return self._store.clear(prefix)

    def touch(self, keys: Iterable[str]) -> None:
        """Counts accesses that were made elsewhere."""
        self._store.touch(keys)

    def stats(self) -> CacheStats:
        """Counters and limits."""
        return self._store.stats()

    def tiers(self) -> tuple[TierStats, ...]:
        """This one."""
        return (tier_stats("memory", self.stats()),)
