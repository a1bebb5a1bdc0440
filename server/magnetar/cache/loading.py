"""Loading values through a caller's functions: so many at once, each key once at a time, each failure by itself.

What becomes of a value is the owner's affair: `store` is told. A key that is written or removed while it is being loaded
is superseded: what the loader brings is then out of date and not stored.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any, Final

from attrs import define, frozen

Loader = Callable[[str], Any]
"""Gives a key's value, or None where there is none: a plain function, run in a thread, or a coroutine function."""

Store = Callable[[str, Any, int], Awaitable[int]]
"""Stores a loaded value by key, with its time to live; gives its size in bytes, 0 where it was not stored."""

CONCURRENT_LOADS: Final = 8

_log = logging.getLogger(__name__)


@define(eq=False)
class _Flight:
    task: asyncio.Task[int]
    waiting: int = 0
    superseded: bool = False


@frozen
class Loaded:
    """What became of a load."""

    size_bytes: int = 0
    """The stored value's size; 0 where nothing was stored."""
    joined: bool = False
    """Whether another caller's load was waited for."""
    failed: bool = False
    """Whether the loader raised, or gave what cannot be stored."""

    @property
    def stored(self) -> bool:
        """Whether this caller's load, and not another's, stored a value."""
        return self.size_bytes > 0 and not self.joined


class Loads:
    """The loads under way."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._flights: dict[str, _Flight] = {}
        self._landings: list[set[str]] = []
        self._slots = asyncio.Semaphore(CONCURRENT_LOADS)

    async def load(self, key: str, loader: Loader, ttl: int) -> Loaded:
        """Loads and stores one value, or waits for whoever is at it; a cancelled load ends when nobody waits any more."""
        flight = self._flights.get(key)
        joined = flight is not None
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(self._fetch(key, loader, ttl)))
        flight.waiting += 1
        try:
            await asyncio.wait({flight.task})
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()
                if self._flights.get(key) is flight:
                    del self._flights[key]
        if flight.task.cancelled():
            return Loaded(joined=joined, failed=True)
        error = flight.task.exception()
        if error is None:
            return Loaded(flight.task.result(), joined=joined)
        if not joined:
            _log.warning("Loading %s failed: %s: %s", key, type(error).__name__, error)
        return Loaded(joined=joined, failed=True)

    @contextmanager
    def landings(self) -> Iterator[AbstractSet[str]]:
        """The keys whose loads stored a value since it was entered, for who looks at the backend meanwhile and may look too early."""
        landed: set[str] = set()
        self._landings.append(landed)
        try:
            yield landed
        finally:
            self._landings = [others for others in self._landings if others is not landed]

    def supersede(self, key: str) -> None:
        """The key was written or removed."""
        if key in self._flights:
            self._flights[key].superseded = True

    def supersede_all(self, prefix: str) -> None:
        """Every key that starts so was removed."""
        for key, flight in self._flights.items():
            flight.superseded = flight.superseded or key.startswith(prefix)

    async def close(self) -> None:
        """Cancels all loads."""
        tasks = {flight.task for flight in self._flights.values()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _fetch(self, key: str, loader: Loader, ttl: int) -> int:
        flight = self._flights[key]
        async with self._slots:
            value = await _call(loader, key)
        if value is None or flight.superseded:
            return 0
        size_bytes = await self._store(key, value, ttl)
        if size_bytes:
            for landed in self._landings:
                landed.add(key)
        return size_bytes


async def _call(loader: Loader, key: str) -> Any:
    if inspect.iscoroutinefunction(loader):
        return await loader(key)
    value = await asyncio.to_thread(loader, key)
    return await value if inspect.isawaitable(value) else value
