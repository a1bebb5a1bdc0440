"""One backend in front of another: what is found below is promoted, what is set is written through to both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import Factory, define

from magnetar.cache.backends.base import Backend, Record
from magnetar.cache.stats import CacheStats
from magnetar.model import TierStats


@define(eq=False)
class _Lookup:
    """What was written while the lower tier was asked: a value replaced or removed meanwhile must not come back."""

    written: set[str] = Factory(set)
    cleared: list[str] = Factory(list)

    def outdated(self, key: str) -> bool:
        return key in self.written or any(key.startswith(prefix) for prefix in self.cleared)


class TieredBackend:
    """Two tiers; either may itself be tiered. The upper one decides what is stored at all, and its statistics count.

    The lower one is expected to degrade rather than to fail.
    """

    def __init__(self, upper: Backend, lower: Backend) -> None:
        self._upper = upper
        self._lower = lower
        self._lookups: list[_Lookup] = []  # those under way below

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
        self._write(record.key for record in records)
        stored = await self._upper.set_many(records, access=access)
        await self._lower.set_many(records, access=access)
        return stored

    async def delete_many(self, keys: Sequence[str]) -> int:
        """Removes records from both tiers and says how many there were in the tier that had more."""
        self._write(keys)
        removed = await self._upper.delete_many(keys)
        return max(removed, await self._lower.delete_many(keys))

    async def clear(self, prefix: str = "") -> int:
        """Removes every record whose key starts so from both tiers, and says how many there were in the fuller one."""
        for lookup in self._lookups:
            lookup.cleared.append(prefix)
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

    def _write(self, keys: Iterable[str]) -> None:
        if self._lookups:
            keys = tuple(keys)
            for lookup in self._lookups:
                lookup.written.update(keys)
