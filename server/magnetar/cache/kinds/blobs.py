"""What the kinds need of a cache: raw bytes by key, many at a time. `SmartCache` is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson


class BlobStore(Protocol):
    """Bytes by key, never counted as accesses."""

    async def get_blobs(self, keys: Sequence[str], *, hot: bool = False) -> dict[str, bytes]:
        """The values that are there."""

    async def set_blobs(self, items: Mapping[str, bytes], ttl: int | None = None, *, hot: bool = False) -> int:
        """Stores values for so many seconds, the hot ones in memory too; how many."""

    async def delete_prefix(self, prefix: str) -> int:
        """Removes every value whose key starts so; how many there were."""


def read_json(blob: bytes | None) -> Any:
    """The value in a blob; None where there is none, or where it is not what was stored."""
    try:
        return None if blob is None else orjson.loads(blob)
    except ValueError:
        return None
