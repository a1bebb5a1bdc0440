"""Results of searches, which are current as long as no file with a hit has changed.

A file that had no hit may have one by now. Whoever searches something that changes says so with the scope, or with the
time to live: the server's scope names the state of its index.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from magnetar.cache.keys import search_key
from magnetar.cache.kinds.blobs import BlobStore, read_json, write_json
from magnetar.config import TtlSettings
from magnetar.files.fingerprint import Fingerprint

Versions: TypeAlias = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]
"""Gives each file's version: a text that is another one once the file has changed. Files that are gone are left out."""


async def file_versions(paths: Sequence[str]) -> dict[str, str]:
    """The versions of files on disk, by their paths."""

    def look() -> dict[str, str]:
        stamps = {path: Fingerprint.at(Path(path)) for path in paths}
        return {path: repr(stamp) for path, stamp in stamps.items() if stamp is not None}

    return await asyncio.to_thread(look)


class SearchResults:
    """The results that a cache holds."""

    def __init__(self, blobs: BlobStore, ttl: int = TtlSettings().search, versions: Versions = file_versions) -> None:
        """Keeps results for `ttl` seconds each; `versions` tells whether they are still current."""
        self._blobs = blobs
        self._ttl = ttl
        self._versions = versions

    async def get(self, scope: str, query: str) -> Any | None:
        """What `set` was given, or None where there is nothing, or a file with a hit has changed."""
        key = search_key(scope, query)
        stored = read_json((await self._blobs.get_blobs([key], hot=True)).get(key))
        if not (isinstance(stored, list) and len(stored) == 2 and isinstance(stored[0], dict)):
            return None
        versions, hits = stored
        if versions and await self._versions(list(versions)) != versions:
            await self._blobs.delete(key)
            return None
        return hits

    async def set(self, scope: str, query: str, hits: Any, paths: Sequence[str]) -> bool:
        """Keeps what a search found; whether it was stored. Not where one of the files with a hit is gone already.

        Args:
            scope: what was searched.
            query: what was asked; its hash is kept, not its words.
            hits: JSON.
            paths: the files with a hit, as `versions` knows them.
        """
        versions = await self._versions(paths) if paths else {}
        if len(versions) < len(set(paths)):
            return False
        blob = write_json([dict(versions), hits])
        return await self._blobs.set_blobs({search_key(scope, query): blob}, self._ttl, hot=True) > 0
