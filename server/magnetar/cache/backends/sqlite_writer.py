"""One write transaction on the cache's SQLite file: what was asked for, what was accessed, what expired, what must go.

Every function that takes the database is plain and belongs on its connection's thread (`Connection.run`): a transaction has
some ten statements, and a switch to the thread and back costs more than most of them.

Ranks are those of `magnetar.cache.eviction`, exact but for this: all accesses of one transaction count as simultaneous.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Container, Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from typing import Final

from attrs import define, frozen

from magnetar.cache.backends.base import MOST_APART, Limits, Record
from magnetar.cache.backends.sqlite_file import transaction
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
_BY_RANK: Final = """
    SELECT usage.id, size FROM usage INDEXED BY usage_by_rank CROSS JOIN entries ON entries.id = usage.id ORDER BY rank"""

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


def write(
    db: sqlite3.Connection,
    operations: Sequence[Operation],
    accesses: Mapping[str, int],
    expired: Sequence[str],
    limits: Limits,
    time: float,
) -> Outcome:
    """Does everything or nothing.

    Args:
        db: the writing connection.
        operations: in the order in which they were asked for.
        accesses: how often keys were accessed since the last time.
        expired: keys that were seen not to be served any more, some of them stored by a clock that was ahead.
        limits: what the file may hold.
        time: seconds since the epoch; what expired by then is removed.
    """
    with transaction(db):
        db.execute("DELETE FROM entries WHERE expires_at <= ?", (time,))
        ahead = [(key_bytes(key), time + MOST_APART) for key in expired]
        db.executemany("DELETE FROM entries WHERE key = ? AND created_at > ?", ahead)
        counts = tuple([_apply(db, operation) for operation in operations])
        used = {key_bytes(key): count for key, count in accesses.items()}
        for operation in operations:
            for record in operation.records:
                key = key_bytes(record.key)
                used[key] = used.get(key, 0) + operation.access
        totals = read_totals(db)
        now = totals.now + sum(used.values()) / (totals.entries or 1)
        identifiers = _use(db, used, now)
        evictions, size_bytes = _make_room(db, limits, totals, identifiers)
        db.execute("UPDATE totals SET now = ?", (now,))
    return Outcome(counts, evictions, Totals(totals.entries - evictions, totals.size_bytes - size_bytes, now))


def read_totals(db: sqlite3.Connection) -> Totals:
    """What the file holds now."""
    (row,) = db.execute("SELECT entries, size, now FROM totals")
    return Totals(*row)


def holds_too_much(db: sqlite3.Connection, limits: Limits, time: float) -> bool:
    """Whether a transaction would have something to remove by itself."""
    ((too_much,),) = db.execute(_HOLDS_TOO_MUCH, (limits.entries, limits.size_bytes, time))
    return bool(too_much)


def shrink(db: sqlite3.Connection) -> None:
    """Gives free pages back to the system; where the file is locked, the next time will do."""
    with suppress(sqlite3.OperationalError):
        db.executescript("PRAGMA incremental_vacuum").close()  # executed singly, it would free a single page


def _apply(db: sqlite3.Connection, operation: Operation) -> int:
    if operation.cleared is not None:
        low = key_bytes(operation.cleared)
        # 0xFF is in no key's bytes, so that everything that starts with the prefix sorts below.
        return db.execute("DELETE FROM entries WHERE key >= ? AND key < ?", (low, low + b"\xff")).rowcount
    removed = 0
    if operation.deleted:
        keys = [(key_bytes(key),) for key in operation.deleted]
        removed = db.executemany("DELETE FROM entries WHERE key = ?", keys).rowcount
    if operation.records:
        db.executemany(_PUT, map(_row, operation.records))
    return removed


def _row(record: Record) -> tuple[object, ...]:
    form = record.stored_form()
    size = len(form.payload)
    expiry = record.expires_at()
    return key_bytes(record.key), int(form.form), size, record.created_at, record.ttl, expiry, form.payload


def _use(db: sqlite3.Connection, used: Mapping[bytes, int], now: float) -> set[int]:
    """Ranks keys after so many accesses to each; one that is new and was not accessed is ranked for being new.

    Returns:
        The numbers of their rows.
    """
    identifiers = set()
    for keys in chunks(tuple(used)):
        rows = []
        for key, identifier, before, last in db.execute(_USAGE.format(placeholders(keys)), keys):
            identifiers.add(identifier)
            if before is None or used[key]:
                worth = used[key] or UNASKED if before is None else frequency(before, last, now, used[key])
                rows.append((identifier, worth, now, rank(worth, now)))
        db.executemany(_USE, rows)
    return identifiers


def _make_room(db: sqlite3.Connection, limits: Limits, totals: Totals, used: Container[int]) -> tuple[int, int]:
    """Removes the lowest ranks while the file holds too much; what this transaction used goes only if that is not enough.

    Returns:
        How many records that were, and how many bytes.
    """
    surplus, surplus_bytes = totals.entries - limits.entries, totals.size_bytes - limits.size_bytes
    victims: list[tuple[int]] = []
    size_bytes = 0
    if surplus > 0 or surplus_bytes > 0:
        with closing(_least_worth(db, used)) as rows:
            for identifier, size in rows:
                victims.append((identifier,))
                size_bytes += size
                if len(victims) >= surplus and size_bytes >= surplus_bytes:
                    break
        db.executemany("DELETE FROM entries WHERE id = ?", victims)
    return len(victims), size_bytes


def _least_worth(db: sqlite3.Connection, used: Container[int]) -> Generator[tuple[int, int], None, None]:
    """The numbers and sizes of all records, the lowest rank first, but what was just used last."""
    spared = []
    with closing(db.execute(_BY_RANK)) as rows:
        for row in rows:
            if row[0] in used:
                spared.append(row)
            else:
                yield row
    yield from spared
