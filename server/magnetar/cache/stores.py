"""Which stores a cache is made of, by the name of its backend."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from magnetar.cache.backends.base import Backend, Limits
from magnetar.cache.backends.guarded import GuardedBackend
from magnetar.cache.backends.memory import MemoryBackend, MemoryStore
from magnetar.cache.backends.tiered import TieredBackend
from magnetar.cache.entry import CacheBackend
from magnetar.errors import BackendUnavailable

_log = logging.getLogger(__name__)


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
    clock: Callable[[], float] = time.time


@frozen
class Stores:
    """The stores of one cache."""

    memory: MemoryStore | None
    """Asked directly, without a task switch, before `backend` is."""
    backend: Backend
    content: Backend
    """Where content-addressed blobs live: below memory, which the caller's values have for themselves."""
    guarded: GuardedBackend | None
    """The one that may fail."""


def make_stores(settings: StoreSettings, on_degraded: Callable[[str | None], None]) -> Stores:
    """Makes stores that are still to be opened.

    Raises:
        BackendUnavailable: there is no such store in this version.
    """
    if settings.backend is CacheBackend.REDIS:
        raise BackendUnavailable("Redis support is not part of this version; use CacheBackend.TIERED or SQLITE.")
    if settings.backend is CacheBackend.MEMORY:
        memory = MemoryStore(settings.limits, settings.clock)
        backend = MemoryBackend(memory)
        return Stores(memory, backend, backend, None)
    from magnetar.cache.backends.sqlite import SqliteBackend

    if settings.backend is CacheBackend.SQLITE:
        file = GuardedBackend(SqliteBackend(settings.db_path, settings.limits, settings.clock), on_degraded)
        return Stores(None, file, file, file)
    if settings.redis_url:
        _log.warning("Redis support is not part of this version; the cache is memory over SQLite.")
    file = GuardedBackend(SqliteBackend(settings.db_path, settings.disk_limits, settings.clock), on_degraded)
    memory = MemoryStore(settings.limits, settings.clock, on_accesses=file.touch)
    return Stores(memory, TieredBackend(MemoryBackend(memory), file), file, file)
