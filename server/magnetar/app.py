"""The composition root: the one place that knows how the parts are put together.

The cache directory holds one folder per schema; a newer schema gets a new one, so versions never fight over a file.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from magnetar.cache.entry import CacheBackend
from magnetar.cache.keys import sharing
from magnetar.cache.smart import SmartCache
from magnetar.cache.stores import DEFAULT_REDIS_URL
from magnetar.config import Backend, Settings, cache_directory
from magnetar.context.service import Service

SCHEMA = "v1"
NAMESPACE = "content"
"""What sets a server's entries in a shared Redis apart from a library's."""
_SHARE_OF_VALUES = 5 / 8
"""Of what may be kept on disk; with keys and pages half full they take three quarters, and the rest is for the folders."""

_BACKENDS = {
    Backend.TIERED: CacheBackend.TIERED,
    Backend.MEMORY: CacheBackend.MEMORY,
    Backend.SQLITE: CacheBackend.SQLITE,
    Backend.REDIS: CacheBackend.TIERED,
}


def directory_override(flag: Path | None) -> Path | None:
    """The cache directory that was asked for: by the flag, else by the environment."""
    if flag is not None:
        return flag
    named = os.environ.get("MAGNETAR_CACHE_DIR")
    return Path(named) if named else None


def build_service(settings: Settings, override: Path | None = None, session: str = "") -> Service:
    """A service that is ready to be opened.

    Args:
        settings: What applies until it is told otherwise.
        override: A cache directory that was asked for.
        session: A word for whoever is at work, where that is no editor's user.
    """
    directory = cache_directory(settings, directory_override(override)) / SCHEMA
    backend, redis_url = settings.cache.backend, settings.cache.redis_url
    cache = SmartCache(
        backend=_BACKENDS[backend],
        max_size=settings.cache.max_entries,
        max_size_bytes=settings.cache.max_bytes,
        db_path=directory / "content.db",
        redis_url=redis_url or (DEFAULT_REDIS_URL if backend is Backend.REDIS else None),
        default_ttl=settings.cache.ttl.file,
        disk_max_bytes=int(settings.cache.disk_max_bytes * _SHARE_OF_VALUES),
        namespace=NAMESPACE,
        may_share=sharing(contents=settings.cache.share.contents, own_keys=False),
    )
    return Service(settings, cache, directory, session=session)


@asynccontextmanager
async def opened_service(
    path: Path,
    settings: Settings,
    override: Path | None = None,
    on_message: Callable[[str], None] = lambda _message: None,
) -> AsyncIterator[Service]:
    """A service with one folder open, for commands that ask and leave."""
    service = build_service(settings, override)
    service.on_message = on_message
    root = _absolute(path)
    try:
        await service.open()
        service.add_folder(root)
        yield service
    finally:
        await service.close()


def _absolute(path: Path) -> Path:
    """A path from the root on, `..` taken out but links kept: it is what answers name files by."""
    return Path(os.path.abspath(path))  # noqa: PTH100
