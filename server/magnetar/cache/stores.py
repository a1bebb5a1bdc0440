"""Which stores a cache is made of, by the name of its backend: the one place that puts backends together.

Memory, a file and a server stand alone, or behind one another: `TIERED` is memory over a file, over a server where a URL
is given.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

from attrs import frozen

from magnetar.cache.backends.base import Backend, Limits
from magnetar.cache.backends.guarded import GuardedBackend
from magnetar.cache.backends.memory import MemoryBackend, MemoryStore
from magnetar.cache.backends.shared import SharedBackend
from magnetar.cache.backends.tiered import TieredBackend
from magnetar.cache.entry import CacheBackend
from magnetar.cache.keys import sharing

DEFAULT_REDIS_URL: Final = "redis://127.0.0.1:6379/0"

_NO_LIMITS: Final = Limits(sys.maxsize, sys.maxsize)
"""Of a server below other tiers: how much it may hold is for whoever runs it to say."""


@frozen
class StoreSettings:
    """What stores are made from."""

    backend: CacheBackend
    limits: Limits
    """Of the store that answers first."""
    disk_limits: Limits
    """Of the file below memory."""
    db_path: Path
    redis_url: str | None
    namespace: str = "library"
    """What sets this cache's entries apart from others on a server."""
    may_share: Callable[[str], bool] = sharing(contents=False, own_keys=True)
    """Which keys of TIERED may live on a server."""
    clock: Callable[[], float] = time.time


@frozen
class Stores:
    """The stores of one cache."""

    memory: MemoryStore | None
    """Asked directly, without a coroutine, before `backend` is."""
    alone: MemoryStore | None
    """The same where there is no other store: it is then written to directly, too."""
    backend: Backend
    """All of them, behind one another."""
    content: Backend
    """Those below memory, which the caller's values have for themselves."""
    local: Backend
    """Those on this machine."""
    disk: Backend
    """The one on this machine below memory."""
    shared: SharedBackend | None
    """The one below that machines share."""
    guards: tuple[GuardedBackend, ...]
    """Those that may fail."""

    @property
    def degraded(self) -> str | None:
        """Why a store does not work at the moment, or None."""
        return next((guard.degraded for guard in self.guards if guard.degraded is not None), None)

    @property
    def without_disk(self) -> bool:
        """Whether the store on this machine does not work at the moment, so that memory has to stand in for it."""
        return bool(self.guards) and self.guards[0].degraded is not None


def make_stores(settings: StoreSettings, on_degraded: Callable[[str | None], None]) -> Stores:
    """Makes stores that are still to be opened."""
    kind = settings.backend
    if kind is CacheBackend.MEMORY:
        memory = MemoryStore(settings.limits, settings.clock)
        backend = MemoryBackend(memory)
        return Stores(memory, memory, backend, backend, backend, backend, None, ())
    if kind is CacheBackend.SQLITE:
        file = GuardedBackend(_file(settings, settings.limits), on_degraded)
        return Stores(None, None, file, file, file, file, None, (file,))
    if kind is CacheBackend.REDIS:
        server = GuardedBackend(_server(settings, settings.limits), on_degraded)
        return Stores(None, None, server, server, server, server, None, (server,))
    return _make_tiers(settings, on_degraded)


def _make_tiers(settings: StoreSettings, on_degraded: Callable[[str | None], None]) -> Stores:
    """Memory over a file, over a server where a URL is given."""
    file = GuardedBackend(_file(settings, settings.disk_limits), on_degraded)
    content: Backend = file
    shared = None
    guards = [file]
    if settings.redis_url:
        from magnetar.cache.backends.outdated_file import OutdatedFile

        missed = OutdatedFile(_missed_by(settings.redis_url, settings))
        server = GuardedBackend(_server(settings, _NO_LIMITS), on_degraded, required=False, file=missed)
        guards.append(server)
        shared = SharedBackend(server, settings.may_share)
        content = TieredBackend(file, shared, settings.clock)
    memory = MemoryStore(settings.limits, settings.clock, on_accesses=content.touch)
    upper = MemoryBackend(memory)
    backend, local = (TieredBackend(upper, lower, settings.clock) for lower in (content, file))
    return Stores(memory, None, backend, content, local, file, shared, tuple(guards))


def _file(settings: StoreSettings, limits: Limits) -> Backend:
    from magnetar.cache.backends.sqlite import SqliteBackend

    return SqliteBackend(settings.db_path, limits, settings.clock)


def _server(settings: StoreSettings, limits: Limits) -> Backend:
    from magnetar.cache.backends.redis import RedisBackend

    return RedisBackend(settings.redis_url or DEFAULT_REDIS_URL, settings.namespace, limits, settings.clock)


def _missed_by(url: str, settings: StoreSettings) -> Path:
    """Where it is remembered what a server's database has missed of a namespace; user and password do not say which it is."""
    place, _, options = url.partition("?")
    database = [option for option in options.split("&") if option.startswith("db=")]
    server = "?".join([place.rpartition("://")[2].rpartition("@")[2], *database])
    number = sha256(f"{server}\n{settings.namespace}".encode()).hexdigest()[:8]
    return settings.db_path.with_suffix(f".missed-{number}.db")
