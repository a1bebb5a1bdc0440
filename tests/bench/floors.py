"""What the smart cache is held against where no library does as much: the least code that does something like it."""

from __future__ import annotations

from collections import Counter, OrderedDict
from heapq import nlargest
from pathlib import Path
from time import monotonic
from typing import Any, Final

import aiosqlite
import orjson
from typing_extensions import Self

_GET: Final = "SELECT payload FROM entries WHERE key = ?"


class AwaitedDictionary:
    """The leanest awaited cache that keeps count of hits, recency, frequency and times to live."""

    def __init__(self, most: int, ttl: float) -> None:
        self.hits = self.misses = self.evictions = 0
        self._most = most
        self._ttl = ttl
        self._entries: OrderedDict[str, list[Any]] = OrderedDict()  # value, when it expires, how often it was accessed

    async def get(self, key: str) -> Any:
        """The value, or None; a hit is an access."""
        entry = self._entries.get(key)
        if entry is None or monotonic() >= entry[1]:
            self.misses += 1
            return None
        self.hits += 1
        entry[2] += 1
        self._entries.move_to_end(key)
        return entry[0]

    async def set(self, key: str, value: Any) -> bool:
        """Stores a value; the key used least recently goes."""
        entries = self._entries
        before = entries.get(key)
        entries[key] = [value, monotonic() + self._ttl, 1 if before is None else before[2] + 1]
        entries.move_to_end(key)
        if len(entries) > self._most:
            entries.popitem(last=False)
            self.evictions += 1
        return True


class MarkovCounter:
    """A dictionary that counts which key followed which, and predicts the most frequent ones."""

    def __init__(self) -> None:
        self._latest: str | None = None
        self._followers: dict[str, Counter[str]] = {}

    def record_access(self, key: str) -> None:
        """Counts one transition."""
        if self._latest is not None:
            self._followers.setdefault(self._latest, Counter())[key] += 1
        self._latest = key

    async def predict_next(self, key: str) -> list[str]:
        """The five keys that followed most often."""
        followers = self._followers.get(key, {})
        return nlargest(5, followers, key=followers.__getitem__)


class BareStatement:
    """One statement on the cache's own file by aiosqlite, and the JSON read: what a lookup on disk cannot do without."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Opens the file for reading."""
        return cls(await aiosqlite.connect(path, isolation_level=None))

    async def get(self, key: str) -> Any:
        """The value."""
        for (payload,) in await self._connection.execute_fetchall(_GET, (key.encode(),)):
            return orjson.loads(payload)
        return None

    async def close(self) -> None:
        """Closes the connection."""
        await self._connection.close()
