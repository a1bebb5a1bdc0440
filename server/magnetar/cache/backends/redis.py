"""Values in a Redis or Valkey server, shared by all who name it: one namespace with limits, times to live and statistics.

A lookup is one command for a few dozens of keys; every change is one run of a script that keeps the books right, so
that limits hold whoever writes. What was accessed is counted here and told with the next change, or after a while. Needs
Redis 6.2 or Valkey. When the connection breaks, every call fails at once until `open` is called again.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from redis.exceptions import OutOfMemoryError, ResponseError

from magnetar.cache.backends.base import MOST_APART, Limits, Record, tier_stats
from magnetar.cache.backends.redis_change import KEYS_AT_ONCE, Change, portions
from magnetar.cache.backends.redis_layout import BOOKS, HEADER_BYTES, Layout, member, unpack
from magnetar.cache.backends.redis_link import Argument, RedisLink, Script
from magnetar.cache.stats import CacheStats
from magnetar.errors import BackendUnavailable
from magnetar.model import TierStats

_SCRIPT: Final = Path(__file__).with_name("redis_scripts") / "transaction.lua"
_LOOKED_UP_AT_ONCE: Final = 64
"""Keys in one command: its whole answer has to come within the time for one."""
_MOST_ACCESSES: Final = 65_536
_TOLD_AT_ONCE: Final = 1_024
_SETTLE_SECONDS: Final = 1.0
_SHORTEST_WAIT: Final = 0.05
_REST_SECONDS: Final = 60.0
"""After the books could not be completed."""

_log = logging.getLogger(__name__)


@frozen
class _Totals:
    """What the namespace held after the last change that this process made."""

    entries: int = 0
    size_bytes: int = 0
    soonest: float = math.inf
    """When the next entry expires, in seconds since the epoch."""


@frozen
class _Done:
    """What one run of the script did."""

    removed: int
    run: int
    cursor: bytes
    """Where to go on clearing; 0 where there is nothing left to clear."""


class RedisBackend:
    """One namespace of a server."""

    def __init__(self, url: str, namespace: str, limits: Limits, clock: Callable[[], float] = time.time) -> None:
        """Makes a backend that is still to be opened.

        Args:
            url: as for `RedisLink`.
            namespace: what sets these entries apart from all others on the server.
            limits: what all processes together may store in the namespace.
            clock: seconds since the epoch. Where it is the system's, the server's clock alone decides what has expired, so that
                machines whose clocks differ don't expire one another's entries.
        """
        self._layout = Layout(namespace)
        self._limits = limits
        self._clock = clock
        self._by_server = clock is time.time
        self._slack = MOST_APART if self._by_server else 0.0
        self._link = RedisLink(url)
        self._script = Script(_SCRIPT.read_text("utf-8"))
        self._opening = asyncio.Lock()
        self._settler: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._accesses: deque[str] = deque(maxlen=_MOST_ACCESSES)
        self._expired: dict[str, int] = {}  # seen to have expired since the last change, with their sizes
        self._totals = _Totals()
        self._lacking = 0  # the beginning of the books that lacks entries from before it; 0 where they are whole
        self._asked = False  # for statistics, since the last change
        self._hits = self._misses = self._evictions = 0

    async def open(self) -> None:
        """Connects, or connects again where the connection is broken."""
        async with self._opening:
            if self._link.connected and self._settler is not None:
                return
            await self._stop_settling()
            await self._link.connect(self._layout.books[0])
            try:
                await self._change(Change())
            except BaseException:
                await self._link.close()
                raise
            self._wake = asyncio.Event()
            self._settler = asyncio.create_task(self._settle_now_and_then(), name="redis accounting")

    async def close(self) -> None:
        """Tells what was accessed and disconnects."""
        await self._stop_settling()
        if self._link.connected and self._accesses:
            with suppress(BackendUnavailable):
                await self._change(Change())
        await self._link.close()

    async def get_many(self, keys: Sequence[str], *, access: bool = True) -> Mapping[str, Record]:
        """The records there are, with one command for each few dozens of them, all on their way together."""
        found: dict[str, Record] = {}
        for key, stored in zip(keys, await self._get(keys), strict=True):
            record = None if stored is None else self._record(key, stored)
            if record is not None:
                found[key] = record
        if access:
            self._hits += len(found)
            self._misses += len(keys) - len(found)
            self.touch(found)
            if len(self._accesses) > _TOLD_AT_ONCE:
                self._wake.set()
        return found

    async def set_many(self, records: Sequence[Record], *, access: bool = True) -> int:
        """Stores records, some at a time, and says how many, once the server has them."""
        fitting = [record for record in records if record.size_bytes() <= self._limits.size_bytes]
        too_large = [record.key for record in records if record.size_bytes() > self._limits.size_bytes]
        parts = list(portions(fitting)) or [()]
        for portion in parts:
            await self._change(Change(portion, access=access, deleted=too_large))
            too_large = []
        return len(fitting)

    async def delete_many(self, keys: Sequence[str]) -> int:
        """Removes records and says how many there were."""
        removed = 0
        for start in range(0, len(keys), KEYS_AT_ONCE):
            removed += (await self._change(Change(deleted=keys[start : start + KEYS_AT_ONCE]))).removed
        return removed

    async def clear(self, prefix: str = "") -> int:
        """Removes every record of the namespace whose key starts so, and says how many there were."""
        first, removed = await self._clear(prefix)
        if self._lacking:
            await self._complete_books()
            removed += (await self._clear(prefix, first))[1]
        return removed

    def touch(self, keys: Iterable[str]) -> None:
        """Notes accesses, to be told with the next change; may be called from any thread."""
        self._accesses.extend(keys)

    def stats(self) -> CacheStats:
        """Counters and limits; what others store is seen a second after this was asked, or with this process's next change."""
        self._asked = True
        return CacheStats(
            hits=self._hits,
            misses=self._misses,
            evictions=self._evictions,
            size=max(0, self._totals.entries - len(self._expired)),
            size_bytes=max(0, self._totals.size_bytes - sum(self._expired.values())),
            max_size=self._limits.entries,
            max_size_bytes=self._limits.size_bytes,
        )

    def tiers(self) -> tuple[TierStats, ...]:
        """This one."""
        return (tier_stats("redis", self.stats()),)

    # -- lookups ---------------------------------------------------------------------------------------------------

    async def _get(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is stored under keys; what is no string, because somebody else put it there, counts as missing."""
        entries = [self._layout.entry(member(key)) for key in keys]
        parts = [entries[start : start + _LOOKED_UP_AT_ONCE] for start in range(0, len(entries), _LOOKED_UP_AT_ONCE)]
        try:
            if len(parts) == 1:
                answers = [await self._link.call("MGET", *entries)]
            else:
                answers = await asyncio.gather(*[self._link.call("MGET", *part) for part in parts])
        except ResponseError as error:
            raise self._link.refused(error) from error
        return [stored for answer in answers for stored in answer]

    def _record(self, key: str, stored: bytes) -> Record | None:
        """A record as it was stored, or None where it has expired or cannot be read."""
        try:
            record = unpack(key, stored)
        except ValueError as error:
            _log.warning("The value of %s in Redis cannot be read and counts as missing: %s", key, error)
            return None
        now = self._clock()
        if record.created_at - MOST_APART <= now < record.expires_at() + self._slack:
            return record
        self._expired[key] = len(stored) - HEADER_BYTES
        self._wake.set()
        return None

    # -- changes ---------------------------------------------------------------------------------------------------

    async def _change(self, change: Change) -> _Done:
        """Runs the script."""
        accesses = Counter[str]()
        while self._accesses and len(accesses) < _TOLD_AT_ONCE:
            accesses[self._accesses.popleft()] += 1
        arguments = change.arguments(self._limits, self._clock(), accesses, by_server=self._by_server)
        try:
            try:
                answer = await self._run(arguments)
            except ResponseError as error:
                if "WRONGTYPE" not in str(error):
                    raise
                await self._mend_books()
                answer = await self._run(arguments)
        except OutOfMemoryError as error:
            if change.records:  # what they were to replace is outdated all the same
                await self._change(Change(deleted=[record.key for record in change.records]))
            raise self._link.refused(error) from error
        except ResponseError as error:
            raise self._link.refused(error) from error
        removed, evicted, entries, size_bytes, soonest, lacking, run, cursor = answer
        self._evictions += evicted
        self._expired.clear()
        self._asked = False
        self._totals = _Totals(entries, size_bytes, self._clock() + float(soonest) if soonest else math.inf)
        self._lacking = int(lacking)
        return _Done(removed, run, cursor)

    async def _clear(self, prefix: str, first: int = 0) -> tuple[int, int]:
        """Removes some entries at a time, so that no server is long busy with it.

        Returns:
            The run before which they were written, the first of these where none is given; and how many they were.
        """
        done = await self._change(Change(cleared=prefix, written_by=first))
        first, removed = first or done.run, done.removed
        while done.cursor != b"0":
            done = await self._change(Change(cleared=prefix, cursor=done.cursor, written_by=first))
            removed += done.removed
        return first, removed

    async def _run(self, arguments: Sequence[Argument]) -> Any:
        return await self._link.run(self._script, (*self._layout.books, self._layout.prefix), arguments)

    async def _complete_books(self) -> None:
        """Finds the entries that books begun anew don't know: they were lost, to a server short of memory, say."""
        beginning, prefix = self._lacking, self._layout.prefix
        try:
            async for entries in self._link.scan(prefix):
                await self._change(Change(found=[entry.removeprefix(prefix.encode()) for entry in entries]))
        except ResponseError as error:
            raise self._link.refused(error) from error
        await self._change(Change(whole=beginning))

    async def _mend_books(self) -> None:
        """Begins new books where somebody put something else in the place of one; entries get into them as they are used."""
        types = [await self._link.call("TYPE", book) for book in self._layout.books]
        wrong = [
            book
            for book, found, (_, right) in zip(self._layout.books, types, BOOKS, strict=True)
            if found not in (right, b"none")
        ]
        if wrong:
            _log.warning("Redis holds something else at %s; the cache's books there are begun anew.", ", ".join(wrong))
            await self._link.call("UNLINK", *self._layout.books)

    # -- in the background -----------------------------------------------------------------------------------------

    async def _settle_now_and_then(self) -> None:
        """Tells what was accessed and sweeps what has expired, now and then and not before there is something to do."""
        wait = _SETTLE_SECONDS
        rested = 0.0
        now = asyncio.get_running_loop().time
        while self._link.connected:
            timer = asyncio.get_running_loop().call_later(wait, self._wake.set)
            await self._wake.wait()
            timer.cancel()
            self._wake.clear()
            wait = _SETTLE_SECONDS
            lacking = self._lacking and now() >= rested
            try:
                if lacking:
                    await self._complete_books()
                elif self._asked or self._accesses or self._expired or self._totals.soonest <= self._clock():
                    await self._change(Change())
            except BackendUnavailable as error:
                _log.debug("The accounting in Redis waits: %s", error)
                rested = now() + _REST_SECONDS if lacking else rested
                continue
            wait = min(wait, max(_SHORTEST_WAIT, self._totals.soonest - self._clock()))

    async def _stop_settling(self) -> None:
        settler, self._settler = self._settler, None
        if settler is not None:
            settler.cancel()
            await asyncio.wait({settler})
