"""Reloading, in the background, what is about to expire, through the loader it came from.

A value that cannot be reloaded is served until its time to live ends, and the failure is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import define

from magnetar.cache.backends.base import Backend
from magnetar.cache.loading import Loader, Loads

_JITTER: Final = 0.1
_CHUNK: Final = 256


@define
class _Origin:
    loader: Loader
    ttl: int
    since: float
    """The value is not older than this."""


class Refresher:
    """Knows where values came from, and reloads those that are stale."""

    def __init__(
        self,
        backend: Backend,
        loads: Loads,
        loaders: Mapping[str, Loader],
        most: int,
        clock: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        """Makes a refresher that knows of nothing and does not run.

        Args:
            backend: where the values are.
            loads: loads and stores them.
            loaders: those of keys that somebody else stores, by prefix.
            most: how many loaders are remembered; the oldest are forgotten.
            clock: seconds since the epoch.
            random: from 0 to 1; spreads passes, so that processes don't run in step.
        """
        self.failures = 0
        self._backend = backend
        self._loads = loads
        self._loaders = loaders
        self._most = most
        self._clock = clock
        self._random = random
        self._origins: dict[str, _Origin] = {}
        self._passing = asyncio.Lock()
        self._closed = False
        self._runner: asyncio.Task[None] | None = None

    def remember(self, key: str, loader: Loader, ttl: int) -> None:
        """Notes where a value came from, just now."""
        self._origins.pop(key, None)
        self._origins[key] = _Origin(loader, ttl, self._clock())
        while len(self._origins) > self._most:
            del self._origins[next(iter(self._origins))]

    def adopt(self, key: str, ttl: int) -> None:
        """Notes that a value was stored just now that no loader brought; there may be one for its prefix."""
        origin = self._origins.get(key)
        if origin is not None:
            self.remember(key, origin.loader, ttl)
            return
        prefixes = [prefix for prefix in self._loaders if key.startswith(prefix)]
        if prefixes:
            self.remember(key, self._loaders[max(prefixes, key=len)], ttl)

    async def start(self, interval: float, threshold: float) -> None:
        """Reloads what is stale now, and from then on after each interval; a second call replaces the first."""
        await self._stop()
        await self.refresh(threshold)
        await self._stop()
        if not self._closed:
            self._runner = asyncio.create_task(self._run(interval, threshold), name="background refresh")

    async def close(self) -> None:
        """Ends the passes; none starts any more."""
        self._closed = True
        await self._stop()

    async def _stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.cancel()
            await asyncio.wait({runner})

    async def refresh(self, threshold: float) -> int:
        """Reloads what is older than that share of its time to live; how many values."""
        async with self._passing:
            now = self._clock()
            due = [key for key, origin in self._origins.items() if now - origin.since >= threshold * origin.ttl]
            refreshed = 0
            for start in range(0, len(due), _CHUNK):
                stale = await self._stale(due[start : start + _CHUNK], threshold)
                refreshed += sum(await asyncio.gather(*[self._reload(key) for key in stale]))
            return refreshed

    async def _stale(self, keys: Sequence[str], threshold: float) -> list[str]:
        """Those of the keys whose value is stale; a value that is gone is nothing to refresh, so its loader is forgotten."""
        records = await self._backend.get_many(keys, access=False)
        stale = []
        for key in keys:
            origin, record = self._origins.get(key), records.get(key)
            if origin is None:
                continue
            if record is None:
                del self._origins[key]
            elif self._clock() - record.created_at >= threshold * record.ttl:
                stale.append(key)
            else:
                origin.since = record.created_at
        return stale

    async def _reload(self, key: str) -> bool:
        origin = self._origins[key]
        loaded = await self._loads.load(key, origin.loader, origin.ttl)
        self.failures += loaded.failed and not loaded.joined
        if loaded.size_bytes:
            self.remember(key, origin.loader, origin.ttl)
        return bool(loaded.size_bytes)

    async def _run(self, interval: float, threshold: float) -> None:
        while True:
            await asyncio.sleep(interval * (1 + _JITTER * (2 * self._random() - 1)))
            await self.refresh(threshold)
