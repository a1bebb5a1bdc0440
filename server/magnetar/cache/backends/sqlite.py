"""Values in an SQLite file that survives restarts and crashes, shared by the processes of one machine.

One task owns the file. Lookups use a connection of their own and write nothing. What is to be written is queued and
committed together, as much as has gathered while the transaction before was running; a `set` returns when it is
committed. Accesses are counted in memory and written along with the next transaction, or after a while.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from magnetar.cache.backends.base import MOST_APART, Limits, Record, tier_stats
from magnetar.cache.backends.sqlite_file import BUSY_SECONDS, Database, is_damage, open_database, rebuild, unavailable
from magnetar.cache.backends.sqlite_writer import (
    Operation,
    Totals,
    chunks,
    holds_too_much,
    key_bytes,
    placeholders,
    read_totals,
    shrink,
    write,
)
from magnetar.cache.codec import Encoded, Form, decode
from magnetar.cache.stats import CacheStats
from magnetar.errors import BackendUnavailable
from magnetar.model import TierStats

_SELECT: Final = "SELECT key, form, created_at, ttl, expires_at, size, payload FROM entries WHERE key IN ({})"
_WORTH_WRITING: Final = 4_096
_MOST_ACCESSES: Final = 65_536
_CLOSE_SECONDS: Final = BUSY_SECONDS + 2

_log = logging.getLogger(__name__)


class SqliteBackend:
    """A cache file with limits, times to live and statistics."""

    def __init__(self, path: Path, limits: Limits, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._limits = limits
        self._clock = clock
        self._database: Database | None = None
        self._owner: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._closing = False
        self._damaged = False
        self._queue: list[Operation] = []
        self._unwritten: dict[str, tuple[Operation, Record | None]] = {}  # what queued operations make of a key
        self._clearing: list[Operation] = []
        self._accesses: deque[str] = deque(maxlen=_MOST_ACCESSES)
        self._expired: dict[str, int] = {}  # seen to have expired since the last transaction, with their sizes
        self._totals = Totals(0, 0, 0.0)
        self._hits = self._misses = self._evictions = 0

    async def open(self) -> None:
        """Opens the file, waiting a while where it is locked."""
        if self._owner is not None and not self._owner.done():
            return
        self._closing = False
        self._wake = asyncio.Event()
        ready = asyncio.get_running_loop().create_future()
        self._owner = asyncio.create_task(self._own(ready), name="owner of the cache database")
        try:
            await ready
        except BaseException:
            await self._dismiss_owner()
            raise

    async def close(self) -> None:
        """Writes what is queued and closes the file; gives up on a writer that has been stuck for some seconds."""
        if self._owner is None:
            return
        self._closing = True
        self._wake.set()
        await asyncio.wait({self._owner}, timeout=_CLOSE_SECONDS)
        await self._dismiss_owner()

    async def get_many(self, keys: Sequence[str], *, access: bool = True) -> Mapping[str, Record]:
        """The records there are, with one statement for a few hundred of them."""
        found, unknown = self._look_in_queue(keys)
        if unknown:
            for row in await self._select([key_bytes(key) for key in unknown]):
                record = self._record(row)
                if record is not None:
                    found[record.key] = record
        if access:
            self._hits += len(found)
            self._misses += len(keys) - len(found)
            self.touch(found)
            if len(self._accesses) > _WORTH_WRITING:
                self._wake.set()
        return found

    async def set_many(self, records: Sequence[Record], *, access: bool = True) -> int:
        """Stores records in one transaction and says how many, once they are committed."""
        fitting = [record for record in records if record.size_bytes() <= self._limits.size_bytes]
        too_large = [record.key for record in records if record.size_bytes() > self._limits.size_bytes]
        operation = Operation(self._future(), records=fitting, access=access, deleted=too_large)
        for record in fitting:
            self._unwritten[record.key] = operation, record
        for key in too_large:
            self._unwritten[key] = operation, None
        await self._enqueue(operation)
        return len(fitting)

    async def delete_many(self, keys: Sequence[str]) -> int:
        """Removes records and says how many there were."""
        if not keys:
            return 0
        operation = Operation(self._future(), deleted=keys)
        for key in keys:
            self._unwritten[key] = operation, None
        return await self._enqueue(operation)

    async def clear(self, prefix: str = "") -> int:
        """Removes every record whose key starts so, and says how many there were."""
        operation = Operation(self._future(), cleared=prefix)
        for key in self._unwritten:
            if key.startswith(prefix):
                self._unwritten[key] = operation, None
        self._clearing.append(operation)
        return await self._enqueue(operation)

    def touch(self, keys: Iterable[str]) -> None:
        """Notes accesses, to be written along with the next transaction; may be called from any thread."""
        self._accesses.extend(keys)

    def stats(self) -> CacheStats:
        """Counters and limits; what other processes store is seen with this one's next transaction."""
        return CacheStats(
            hits=self._hits,
            misses=self._misses,
            evictions=self._evictions,
            size=self._totals.entries - len(self._expired),
            size_bytes=self._totals.size_bytes - sum(self._expired.values()),
            max_size=self._limits.entries,
            max_size_bytes=self._limits.size_bytes,
        )

    def tiers(self) -> tuple[TierStats, ...]:
        """This one."""
        return (tier_stats("sqlite", self.stats()),)

    # -- lookups ---------------------------------------------------------------------------------------------------

    def _look_in_queue(self, keys: Sequence[str]) -> tuple[dict[str, Record], Sequence[str]]:
        """What queued operations say about keys, and the keys they say nothing about."""
        if not self._unwritten and not self._clearing:
            return {}, keys
        found: dict[str, Record] = {}
        unknown = []
        now = self._clock()
        for key in keys:
            if key in self._unwritten:
                record = self._unwritten[key][1]
                if record is not None and record.lives_at(now):
                    found[key] = record
            elif not any(key.startswith(operation.cleared or "") for operation in self._clearing):
                unknown.append(key)
        return found, unknown

    async def _select(self, keys: Sequence[bytes]) -> list[Any]:
        database = self._opened()
        rows: list[Any] = []
        try:
            for part in chunks(keys):
                rows += await database.reader.execute_fetchall(_SELECT.format(placeholders(part)), part)
        except (sqlite3.Error, ValueError) as error:  # ValueError: closed meanwhile
            raise self._failed(error) from error
        return rows

    def _record(self, row: Any) -> Record | None:
        """The record in a row of `_SELECT`, or None where it has expired or cannot be read."""
        stored_key, form, created_at, ttl, expires_at, size, payload = row
        key = stored_key.decode("utf-8", "surrogatepass")
        try:
            now = self._clock()
            if created_at - MOST_APART <= now < expires_at:
                encoded = Encoded(Form(form), payload)
                return Record(key, decode(encoded), encoded, created_at, ttl)
            self._expired[key] = size
            self._wake.set()
        except ValueError as error:
            _log.warning("The cached value of %s cannot be read and counts as missing: %s", key, error)
        return None

    # -- writing ---------------------------------------------------------------------------------------------------

    def _future(self) -> asyncio.Future[int]:
        if self._owner is None or self._owner.done() or self._closing:
            raise self._closed()
        return asyncio.get_running_loop().create_future()

    async def _enqueue(self, operation: Operation) -> int:
        self._queue.append(operation)
        self._wake.set()
        return await operation.done

    async def _own(self, ready: asyncio.Future[None]) -> None:
        """The task that owns the file: opens it, writes until it is told to close or is cancelled, and closes it."""
        try:
            self._database = await open_database(self._path)
            await self._take_stock(self._database)
            if not ready.done():
                ready.set_result(None)
            while not self._closing:
                await self._wake.wait()
                self._wake.clear()
                if self._damaged:
                    self._database = await self._rebuilt(self._database)
                    await self._take_stock(self._database)
                await self._write(self._database)
            await self._write(self._database)
        except BackendUnavailable as error:
            if ready.done():
                _log.warning("%s", error)
            else:
                ready.set_exception(error)
        finally:
            database, self._database = self._database, None
            if database is not None:
                await database.close()
            self._resolve(self._queue, self._closed())
            self._queue = []

    async def _dismiss_owner(self) -> None:
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.cancel()
            await asyncio.wait({owner})

    async def _take_stock(self, database: Database) -> None:
        """Learns what the file holds, which takes no lock unless it is too much."""
        try:
            self._totals = await database.reader.run(read_totals)
            too_much = await database.reader.run(holds_too_much, self._limits, self._clock())
        except sqlite3.Error as error:
            self._failed(error)
            return
        if too_much:
            await self._write(database)
            await database.writer.run(shrink)

    async def _write(self, database: Database) -> None:
        """Commits everything that is queued."""
        operations, self._queue = self._queue, []
        accesses: Counter[str] = Counter()
        while self._accesses:
            accesses[self._accesses.popleft()] += 1
        try:
            outcome = await database.writer.run(
                write, operations, accesses, tuple(self._expired), self._limits, self._clock()
            )
        except sqlite3.Error as error:
            self._resolve(operations, self._failed(error))
            return
        except BaseException:  # cancelled: the owner, on its way out, tells the callers
            self._queue = [*operations, *self._queue]
            raise
        self._totals = outcome.totals
        self._evictions += outcome.evictions
        self._expired.clear()
        self._resolve(operations, outcome.counts)
        if any(operation.cleared is not None for operation in operations):
            await database.writer.run(shrink)

    def _resolve(self, operations: Sequence[Operation], outcome: Sequence[int] | BackendUnavailable) -> None:
        """Tells the callers, and forgets what queued operations made of keys unless a later one makes something else."""
        for number, operation in enumerate(operations):
            for key in (*(record.key for record in operation.records), *operation.deleted):
                if key in self._unwritten and self._unwritten[key][0] is operation:
                    del self._unwritten[key]
            if operation.cleared is not None:
                self._clearing.remove(operation)
                self._unwritten = {key: last for key, last in self._unwritten.items() if last[0] is not operation}
            if operation.done.done():
                continue  # its caller was cancelled
            if isinstance(outcome, BackendUnavailable):
                operation.done.set_exception(outcome)
            else:
                operation.done.set_result(outcome[number])

    # -- failures --------------------------------------------------------------------------------------------------

    def _opened(self) -> Database:
        if self._database is None or self._closing:
            raise self._closed()
        return self._database

    def _closed(self) -> BackendUnavailable:
        return unavailable(self._path, ValueError("it is closed"))

    def _failed(self, error: Exception) -> BackendUnavailable:
        if isinstance(error, sqlite3.Error) and is_damage(error):
            self._damaged = True
            self._wake.set()
        return unavailable(self._path, error)

    async def _rebuilt(self, damaged: Database) -> Database:
        """A new file in place of a damaged one."""
        self._damaged = False
        self._database = None
        await damaged.close()
        return await rebuild(damaged)
