"""What a parser found in a content: bytes whose form is the parser's affair, by a key that names content and parser.

What this machine found is shared with others; what they found is taken in only once the caller has checked it.
"""

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
        """Those that this machine holds."""
        return await self._blobs.get_blobs(keys, shared=False) if keys else {}

    async def get_foreign(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Those that other machines share, as they are: to be checked, and then kept by `set_many`."""
        return await self._blobs.get_shared_blobs(keys) if keys else {}

    async def set_many(self, findings: Mapping[str, bytes], *, foreign: bool = False) -> int:
        """Keeps findings, and shares them unless they came from others; how many were stored."""
        return await self._blobs.set_blobs(findings, self._ttl, shared=not foreign) if findings else 0
