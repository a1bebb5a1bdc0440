"""The part of a store that others share: only what may leave this machine gets there, or is looked for there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from magnetar.cache.backends.base import Record
from magnetar.cache.backends.guarded import GuardedBackend
from magnetar.cache.stats import CacheStats
from magnetar.model import TierStats


class SharedBackend:
    """A backend that knows nothing of the keys that `may_share` denies it."""

    def __init__(self, backend: GuardedBackend, may_share: Callable[[str], bool]) -> None:
        self._backend = backend
        self._may_share = may_share

    async def open(self) -> None:
        """Opens the backend."""
        await self._backend.open()

    async def close(self) -> None:
        """Closes the backend."""
        await self._backend.close()

    async def get_many(self, keys: Sequence[str], *, access: bool = True) -> Mapping[str, Record]:
        """The records there are."""
        shared = [key for key in keys if self._may_share(key)]
        return await self._backend.get_many(shared, access=access) if shared else {}

    async def set_many(self, records: Sequence[Record], *, access: bool = True) -> int:
        """Stores records and says how many."""
        shared = [record for record in records if self._may_share(record.key)]
        return await self._backend.set_many(shared, access=access) if shared else 0

    async def offer_many(self, records: Sequence[Record]) -> int:
        """Stores records that follow from their keys and says how many; nothing is made up for where that fails."""
        shared = [record for record in records if self._may_share(record.key)]
        return await self._backend.offer_many(shared) if shared else 0

    async def delete_many(self, keys: Sequence[str]) -> int:
        """Removes records and says how many there were."""
        shared = [key for key in keys if self._may_share(key)]
        return await self._backend.delete_many(shared) if shared else 0

    async def clear(self, prefix: str = "") -> int:
        """Removes every record whose key starts so, and says how many there were; none where such keys are not shared."""
        return await self._backend.clear(prefix) if self._may_share(prefix) else 0

    def touch(self, keys: Iterable[str]) -> None:
        """Notes accesses."""
        shared = [key for key in keys if self._may_share(key)]
        if shared:
            self._backend.touch(shared)

    def stats(self) -> CacheStats:
        """Counters and limits."""
        return self._backend.stats()

    def tiers(self) -> tuple[TierStats, ...]:
        """The backend's own."""
        return self._backend.tiers()
