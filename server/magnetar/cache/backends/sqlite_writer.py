"""One write transaction on the cache's SQLite file: what was asked for, what was accessed, what expired, what must go.

Ranks are those of `magnetar.cache.eviction`, exact but for this: all accesses of one transaction count as simultaneous.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

import aiosqlite
from attrs import define, frozen

from magnetar.cache.backends.base import Limits, Record
from magnetar.cache.eviction import UNASKED, frequency, rank

CHUNK: Final = 256
"""Most keys in one statement."""

_PUT: Final = """
    INSERT INTO entries(key, form, size, created_at, ttl, expires_at, payload) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT(key) DO UPDATE SET form = excluded.form, size = excluded.size, created_at = excluded.created_at,
        ttl = excluded.ttl, expires_at = excluded.expires_at, payload = excluded.payload"""
_USAGE: Final = """
    SELECT key, entries.id, worth, last FROM entries LEFT JOIN usage ON usage.id = entries.id WHERE key IN ({})"""
_USE: Final = """
    INSERT INTO usage(id, worth, last, rank) VALUES (?, ?, ?, ?)
    ON CONFLICT(id) DO UPDATE SET worth = excluded.worth, last = excluded.last, rank = excluded.rank"""
_VICTIMS: Final = """
    SELECT usage.id, size FROM usage JOIN entries ON entries.id = usage.id ORDER BY rank LIMIT 64 OFFSET ?"""

_HOLDS_TOO_MUCH: Final = """
    SELECT entries > ? OR size > ? OR EXISTS (SELECT 1 FROM entries WHERE expires_at <= ?) FROM totals"""


@frozen
class Totals:
    """What the file holds, and how far its clock of accesses is."""

    entries: int
    size_bytes: int
    now: float


@define(eq=False)
class Operation:
    """Something to be written: first what is removed, then what is stored."""

    done: asyncio.Future[int]
    """Gets how many records were removed, once that is committed."""
    records: Sequence[Record] = ()
    access: bool = False
    """Whether storing `records` is an access to them."""
    deleted: Sequence[str] = ()
    cleared: str | None = None


@frozen
class Outcome:
    """What a transaction did."""

    counts: tuple[int, ...]
    """For each operation, how many records it removed."""
    evictions: int
    totals: Totals


def key_bytes(key: str) -> bytes:
    """A key as it is stored; file names may hold what UTF-8 has no bytes for."""
    return key.encode("utf-8", "surrogatepass")


def chunks(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The keys in runs short enough for one statement."""
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def placeholders(values: Sequence[object]) -> str:
    """As many question marks."""
    return ",".join("?" * len(values))


async def write(
    db: aiosqlite.Connection, operations: Sequence[Operation], accesses: Mapping[str, int], limits: Limits, time: float
) -> Outcome:
    """Does everything or nothing.

    Args:
        db: the writing connection.
        operations: in the order in which they were asked for.
        accesses: how often keys were accessed since the last time.
        limits: what the file may hold.
        time: seconds since the epoch; what expired by then is removed.
    """
    await db.execute_fetchall("BEGIN IMMEDIATE")
    try:
        await db.execute_fetchall("DELETE FROM entries WHERE expires_at <= ?", (time,))
        counts = tuple([await _apply(db, operation) for operation in operations])
        used = {key_bytes(key): count for key, count in accesses.items()}
        for operation in operations:
            for record in operation.records:
                key = key_bytes(record.key)
                used[key] = used.get(key, 0) + operation.access
        totals = await read_totals(db)
        now = totals.now + sum(used.values()) / (totals.entries or 1)
        identifiers = await _use(db, used, now)
        evictions = await _make_room(db, limits, totals, identifiers)
        await db.execute_fetchall("UPDATE totals SET now = ?", (now,))
        totals = await read_totals(db)
        await db.execute_fetchall("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has already undone it
            await db.execute_fetchall("ROLLBACK")
        raise
    return Outcome(counts, evictions, totals)


async def read_totals(db: aiosqlite.Connection) -> Totals:
    """What the file holds now."""
    (row,) = await db.execute_fetchall("SELECT entries, size, now FROM totals")
    return Totals(*row)


async def holds_too_much(db: aiosqlite.Connection, limits: Limits, time: float) -> bool:
    """Whether a transaction would have something to remove by itself."""
    ((too_much,),) = await db.execute_fetchall(_HOLDS_TOO_MUCH, (limits.entries, limits.size_bytes, time))
    return bool(too_much)


async def shrink(db: aiosqlite.Connection) -> None:
    """Gives free pages back to the system; where the file is locked, the next time will do."""
    with suppress(sqlite3.OperationalError):
        # As a script: executed singly, it would free a single page.
        await (await db.executescript("PRAGMA incremental_vacuum")).close()


async def _apply(db: aiosqlite.Connection, operation: Operation) -> int:
    if operation.cleared is not None:
        low = key_bytes(operation.cleared)
        # 0xFF is in no key's bytes, so that everything that starts with the prefix sorts below.
        return await _change(db, "DELETE FROM entries WHERE key >= ? AND key < ?", [(low, low + b"\xff")])
    removed = 0
    if operation.deleted:
        keys = [(key_bytes(key),) for key in operation.deleted]
        removed = await _change(db, "DELETE FROM entries WHERE key = ?", keys)
    rows = [_row(record) for record in operation.records]
    for start in range(0, len(rows), CHUNK):
        await _change(db, _PUT, rows[start : start + CHUNK])
    return removed


def _row(record: Record) -> tuple[object, ...]:
    form = record.stored_form()
    size = len(form.payload)
    expiry = record.expires_at()
    return key_bytes(record.key), int(form.form), size, record.created_at, record.ttl, expiry, form.payload


async def _change(db: aiosqlite.Connection, statement: str, rows: Iterable[Sequence[object]]) -> int:
    async with db.executemany(statement, rows) as cursor:
        return cursor.rowcount


async def _use(db: aiosqlite.Connection, used: Mapping[bytes, int], now: float) -> set[int]:
    """Ranks keys after so many accesses to each; one that is new and was not accessed is ranked for being new.

    Returns:
        The numbers of their rows.
    """
    identifiers = set()
    for keys in chunks(tuple(used)):
        rows = []
        for key, identifier, before, last in await db.execute_fetchall(_USAGE.format(placeholders(keys)), keys):
            identifiers.add(identifier)
            if before is None or used[key]:
                worth = used[key] or UNASKED if before is None else frequency(before, last, now, used[key])
                rows.append((identifier, worth, now, rank(worth, now)))
        await _change(db, _USE, rows)
    return identifiers


async def _make_room(db: aiosqlite.Connection, limits: Limits, totals: Totals, used: Container[int]) -> int:
    """Removes the lowest ranks while the file holds too much; what this transaction used goes only if that is not enough."""
    entries = totals.entries - limits.entries
    size_bytes = totals.size_bytes - limits.size_bytes
    evictions = spared = 0
    sparing = True
    while entries > 0 or size_bytes > 0:
        candidates = list(await db.execute_fetchall(_VICTIMS, (spared,)))
        if not candidates:
            if not sparing:
                break
            spared, sparing = 0, False
        victims = []
        for identifier, size in candidates:
            if entries <= 0 and size_bytes <= 0:
                break
            if sparing and identifier in used:
                spared += 1
                continue
            victims.append((identifier,))
            entries -= 1
            size_bytes -= size
        await _change(db, "DELETE FROM entries WHERE id = ?", victims)
        evictions += len(victims)
    return evictions
