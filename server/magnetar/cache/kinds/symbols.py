"""What a parser found in a content: bytes whose form is the parser's affair, by a key that names content and parser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from magnetar.cache.kinds.blobs import BlobStore
from magnetar.config import TtlSettings


class Symbols:
    """The findings that a cache holds, by `magnetar.cache.keys.symbols_key`."""

    def __init__(self, blobs: BlobStore, ttl: int = TtlSettings().symbols) -> None:
        """Keeps findings for `ttl` seconds each."""
        self._blobs = blobs
        self._ttl = ttl

    async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Those that are there."""
        return await self._blobs.get_blobs(keys) if keys else {}

    async def set_many(self, findings: Mapping[str, bytes]) -> int:
        """Keeps findings; how many were stored."""
        return await self._blobs.set_blobs(findings, self._ttl) if findings else 0
