"""Loading ahead: what is missing of some keys, or as many of them as the cache can hold. Which keys is decided elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from magnetar.cache.backends.base import Backend, Limits
from magnetar.cache.loading import Loaded, Loader, Loads
from magnetar.cache.refresh import Refresher

_CHUNK: Final = 64


class Prefetcher:
    """Loads what a backend does not hold, and tells the refresher where it came from."""

    def __init__(self, backend: Backend, loads: Loads, refresher: Refresher, limits: Limits) -> None:
        self._backend = backend
        self._loads = loads
        self._refresher = refresher
        self._limits = limits

    async def load(self, keys: Iterable[str], loader: Loader, ttl: int) -> dict[str, int]:
        """Loads what is missing, all at once; the size in bytes of each value that this call stored."""
        wanted = tuple(dict.fromkeys(keys))
        with self._loads.landings() as landed:

            async def load(key: str) -> Loaded:
                return Loaded(joined=True) if key in landed else await self._loads.load(key, loader, ttl)

            present = await self._backend.get_many(wanted, access=False)
            missing = [key for key in wanted if key not in present]
            loads = await asyncio.gather(*[load(key) for key in missing])
        stored = {key: loaded.size_bytes for key, loaded in zip(missing, loads, strict=True) if loaded.stored}
        for key in stored:
            self._refresher.remember(key, loader, ttl)
        return stored

    async def fill(self, keys: Sequence[str], loader: Loader, ttl: int) -> int:
        """Loads what is missing of the first keys, in portions, until they fill the cache; how many values it stored."""
        fitting = keys[: self._limits.entries]
        stored = size_bytes = 0
        for start in range(0, len(fitting), _CHUNK):
            loaded = await self.load(fitting[start : start + _CHUNK], loader, ttl)
            stored += len(loaded)
            size_bytes += sum(loaded.values())
            if size_bytes >= self._limits.size_bytes:
                break
        return stored
