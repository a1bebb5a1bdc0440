"""One backend in front of another: what is found below is promoted, what is set is written through to both.

A write reaches the lower tier after the upper one. Lookups that come meanwhile must not find what it is about to replace,
and one that was already asking below must not bring it back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from attrs import Factory, define

from magnetar.cache.backends.base import Backend, Record
from magnetar.cache.stats import CacheStats
from magnetar.model import TierStats


@define(eq=False)
class _Write:
    """A write that has not reached the lower tier yet: what it makes of each key, and what it clears."""

    records: Mapping[str, Record | None]
    cleared: str | None = None

    def concerns(self, key: str) -> bool:
        return key in self.records or (self.cleared is not None and key.startswith(self.cleared))


@define(eq=False)
class _Lookup:
    """The writes that came while the lower tier was asked."""

    writes: list[_Write] = Factory(list)

    def outdated(self, key: str) -> bool:
        return any(write.concerns(key) for write in self.writes)


class TieredBackend:
    """Two tiers; either may itself be tiered. The upper one decides what is stored at all, and its statistics count.

    The lower one is expected to degrade rather than to fail.
    """

    def __init__(self, upper: Backend, lower: Backend, clock: Callable[[], float] = time.time) -> None:
        self._upper = upper
        self._lower = lower
        self._clock = clock
        self._lookups: list[_Lookup] = []  # those under way below
        self._writes: list[_Write] = []  # the same, the latest last

    async def open(self) -> None:
        """Opens both.

        Raises:
            BackendUnavailable: one cannot be opened; the other one answers nevertheless.
        """
        try:
            await self._upper.open()
        finally:
            await self._lower.open()

    async def close(self) -> None:
        """Closes both, the upper one first: it may still have accesses to tell."""
        try:
            await self._upper.close()
        finally:
            await self._lower.close()

    async def get_many(self, keys: Sequence[str], *, access: bool = True) -> Mapping[str, Record]:
        """The records there are in either tier; those of the lower one are in the upper one from now on."""
        found = dict(await self._upper.get_many(keys, access=access))
        missing = [key for key in keys if key not in found]
        if missing and self._writes:
            missing = self._look_in_writes(missing, found)
        if not missing:
            return found
        lookup = _Lookup()
        self._lookups.append(lookup)
        try:
            below = await self._lower.get_many(missing, access=access)
        finally:
            self._lookups.remove(lookup)
        await self._upper.set_many([below[key] for key in below if not lookup.outdated(key)], access=access)
        found.update(below)
        return found

    async def set_many(self, records: Sequence[Record], *, access: bool = True) -> int:
        """Stores records in both tiers and says how many the upper one took."""
        with self._writing(_Write({record.key: record for record in records})):
            stored = await self._upper.set_many(records, access=access)
            await self._lower.set_many(records, access=access)
        return stored

    async def delete_many(self, keys: Sequence[str]) -> int:
        """Removes records from both tiers and says how many there were in the tier that had more."""
        with self._writing(_Write(dict.fromkeys(keys))):
            removed = await self._upper.delete_many(keys)
            return max(removed, await self._lower.delete_many(keys))

    async def clear(self, prefix: str = "") -> int:
        """Removes every record whose key starts so from both tiers, and says how many there were in the fuller one."""
        with self._writing(_Write({}, cleared=prefix)):
            removed = await self._upper.clear(prefix)
            return max(removed, await self._lower.clear(prefix))

    def touch(self, keys: Iterable[str]) -> None:
        """Notes accesses in both."""
        keys = tuple(keys)
        self._upper.touch(keys)
        self._lower.touch(keys)

    def stats(self) -> CacheStats:
        """The upper tier's."""
        return self._upper.stats()

    def tiers(self) -> tuple[TierStats, ...]:
        """Those of both."""
        return *self._upper.tiers(), *self._lower.tiers()

    @contextmanager
    def _writing(self, write: _Write) -> Iterator[None]:
        for lookup in self._lookups:
            lookup.writes.append(write)
        self._writes.append(write)
        try:
            yield
        finally:
            self._writes.remove(write)

    def _look_in_writes(self, keys: Sequence[str], found: dict[str, Record]) -> list[str]:
        """Adds to `found` what writes under way make of keys; gives the keys that none of them concerns."""
        unknown = []
        now = self._clock()
        for key in keys:
            write = next((write for write in reversed(self._writes) if write.concerns(key)), None)
            record = None if write is None else write.records.get(key)
            if record is not None and record.lives_at(now):
                found[key] = record
            if write is None:
                unknown.append(key)
        return unknown
