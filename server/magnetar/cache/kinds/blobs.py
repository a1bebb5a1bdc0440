"""What the kinds need of a cache: raw bytes by key, many at a time. `SmartCache` is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson


class BlobStore(Protocol):
    """Bytes by key, never counted as accesses."""

    async def get_blobs(self, keys: Sequence[str], *, hot: bool = False, shared: bool = True) -> dict[str, bytes]:
        """The values that are there, on this machine or, where `shared`, on others."""

    async def get_shared_blobs(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The values that are there on others, kept nowhere here."""

    async def set_blobs(
        self, items: Mapping[str, bytes], ttl: int | None = None, *, hot: bool = False, shared: bool = True
    ) -> int:
        """Stores values for so many seconds, the hot ones in memory too, those not shared on this machine only; how many."""

    async def share_blobs(self, items: Mapping[str, bytes], ttl: int) -> int:
        """Offers values that follow from their keys to others for so many seconds, keeping none here; how many they took."""

    async def delete(self, key: str) -> bool:
        """Removes a value; whether there was one."""


def write_json(value: Any) -> bytes:
    """A value as a blob: a copy, for the bytes that orjson returns hold on to all the room it made for them, up to eight times as much."""
    return bytes(memoryview(orjson.dumps(value)))


def read_json(blob: bytes | None) -> Any:
    """The value in a blob; None where there is none, or where it is not what was stored."""
    try:
        return None if blob is None else orjson.loads(blob)
    except ValueError:
        return None
