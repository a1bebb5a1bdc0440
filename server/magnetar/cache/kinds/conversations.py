"""What was sent in conversations, so that it need not be sent again: bookkeeping of their owners, as JSON."""

from __future__ import annotations

from typing import Any

from magnetar.cache.keys import conversation_key
from magnetar.cache.kinds.blobs import BlobStore, read_json, write_json
from magnetar.config import TtlSettings


class Conversations:
    """The conversations that a cache holds."""

    def __init__(self, blobs: BlobStore, ttl: int = TtlSettings().context) -> None:
        """Keeps a conversation for `ttl` seconds after it was last set."""
        self._blobs = blobs
        self._ttl = ttl

    async def get(self, owner: str, name: str) -> Any | None:
        """What the owner keeps of a conversation, or None."""
        key = conversation_key(owner, name)
        return read_json((await self._blobs.get_blobs([key], hot=True)).get(key))

    async def set(self, owner: str, name: str, value: Any) -> bool:
        """Keeps JSON in place of what was kept of a conversation; whether it was stored."""
        return await self._blobs.set_blobs({conversation_key(owner, name): write_json(value)}, self._ttl, hot=True) > 0

    async def forget(self, owner: str, name: str) -> None:
        """Forgets a conversation."""
        await self._blobs.delete(conversation_key(owner, name))
