"""What a parser found in a content: bytes whose form is the parser's affair, by a key that names content and parser.

What this machine keeps is its own; what machines tell one another may be another form of it, by the same key, and is taken
in only once the caller has checked it.
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
        """What other machines tell, as it is: to be checked, and then kept by `set_many`."""
        return await self._blobs.get_shared_blobs(keys) if keys else {}

    async def set_many(self, findings: Mapping[str, bytes]) -> int:
        """Keeps findings on this machine; how many were stored."""
        return await self._blobs.set_blobs(findings, self._ttl, shared=False) if findings else 0

    async def share(self, told: Mapping[str, bytes]) -> int:
        """Tells other machines, who may be anyone's: names and places alone; how much of it they will hear."""
        return await self._blobs.share_blobs(told, self._ttl) if told else 0
