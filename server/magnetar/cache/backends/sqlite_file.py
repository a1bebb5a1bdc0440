"""The cache's SQLite file: opening it, its schema, and what to do with one that is damaged, foreign or of another version.

A damaged file is moved aside and made anew, one of another version is emptied, one that is not ours is refused, and a
locked one is waited for: never the same remedy for all. What is in the tables is `sqlite_writer`'s affair.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import aiosqlite
from attrs import frozen

from magnetar.cache.places import make_directory
from magnetar.errors import BackendUnavailable

BUSY_SECONDS: Final = 5.0

_LOCK_TRIES: Final = 250
APPLICATION_ID: Final = 0x6D61676E  # "magn"
VERSION: Final = 1
_GET_VERSION: Final = "PRAGMA user_version"
_TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_SCHEMA: Final = (
    """CREATE TABLE entries(
        id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, form INTEGER NOT NULL, size INTEGER NOT NULL,
        created_at REAL NOT NULL, ttl INTEGER NOT NULL, expires_at REAL NOT NULL, payload BLOB NOT NULL)""",
    "CREATE INDEX entries_by_expiry ON entries(expires_at)",
    # Usage stands apart, so that noting an access does not rewrite the payload's pages.
    "CREATE TABLE usage(id INTEGER PRIMARY KEY, worth REAL NOT NULL, last REAL NOT NULL, rank REAL NOT NULL)",
    "CREATE INDEX usage_by_rank ON usage(rank)",
    # Triggers keep the totals, so that they are right whoever writes.
    "CREATE TABLE totals(entries INTEGER NOT NULL, size INTEGER NOT NULL, now REAL NOT NULL)",
    "INSERT INTO totals VALUES (0, 0, 0)",
    """CREATE TRIGGER entry_added AFTER INSERT ON entries BEGIN
        UPDATE totals SET entries = entries + 1, size = size + NEW.size; END""",
    """CREATE TRIGGER entry_resized AFTER UPDATE OF size ON entries BEGIN
        UPDATE totals SET size = size - OLD.size + NEW.size; END""",
    """CREATE TRIGGER entry_removed AFTER DELETE ON entries BEGIN
        UPDATE totals SET entries = entries - 1, size = size - OLD.size; DELETE FROM usage WHERE id = OLD.id; END""",
)

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_log = logging.getLogger(__name__)


class Connection(aiosqlite.Connection):
    """aiosqlite's connection, on whose thread a whole function can run: one switch to it, however many its statements."""

    def __init__(self, path: Path) -> None:
        connect = partial(sqlite3.connect, path, isolation_level=None, timeout=BUSY_SECONDS)
        super().__init__(connect, iter_chunk_size=64)

    async def run(
        self,
        function: Callable[Concatenate[sqlite3.Connection, _Arguments], _Result],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> _Result:
        """Calls a function with the driver's connection; once it has begun, cancelling no longer stops it."""
        execute: Callable[..., Awaitable[_Result]] = self._execute
        return await execute(function, self._conn, *args, **kwargs)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commits what is done within, or undoes it all."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has already undone it
            db.execute("ROLLBACK")
        raise


@frozen
class Database:
    """Two connections to one file: lookups never wait for a writer."""

    path: Path
    inode: tuple[int, int]
    reader: Connection
    writer: Connection

    async def close(self) -> None:
        """Closes both; the file is whole at any moment, so this loses nothing."""
        await self.reader.close()
        await self.writer.close()


async def open_database(path: Path) -> Database:
    """Opens the file, making it and its directories (for the owner alone) where they are missing.

    Raises:
        BackendUnavailable: it cannot be opened, stays locked, or belongs to something else.
    """
    try:
        inode = await asyncio.to_thread(_create, path)
        try:
            return await _connect(path, inode)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
        return await _replace(path, inode)
    except (sqlite3.Error, OSError) as error:
        raise unavailable(path, error) from error


async def rebuild(damaged: Database) -> Database:
    """Puts a new file in the place of one that was found damaged and is closed.

    Raises:
        BackendUnavailable: that cannot be done.
    """
    try:
        return await _replace(damaged.path, damaged.inode)
    except (sqlite3.Error, OSError) as error:
        raise unavailable(damaged.path, error) from error


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is corrupt or no database, or lacks a table that its version has.

    Python maps those two codes to `DatabaseError` itself and all others to its subclasses; the code is not there in 3.10.
    """
    return type(error) is sqlite3.DatabaseError or str(error).startswith("no such ")


def unavailable(path: Path, error: Exception) -> BackendUnavailable:
    """The error for a caller, from a driver's or the system's."""
    return BackendUnavailable(
        f"The cache database {path} cannot be used: {error}. "
        "Check its directory's permissions and free space, or choose another directory."
    )


def _create(path: Path) -> tuple[int, int]:
    make_directory(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return _inode(path)


async def _replace(path: Path, inode: tuple[int, int]) -> Database:
    await asyncio.to_thread(_move_aside, path, inode)
    return await _connect(path, await asyncio.to_thread(_create, path))


def _move_aside(path: Path, inode: tuple[int, int]) -> None:
    """Renames a damaged file to `….corrupt`, unless another process already put a new one in its place."""
    if _inode(path) != inode:
        return
    aside = path.with_name(path.name + ".corrupt")
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    _log.warning("The cache database %s was damaged; it was moved to %s and is built anew.", path, aside.name)


def _inode(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


async def _connect(path: Path, inode: tuple[int, int]) -> Database:
    writer, reader = Connection(path), Connection(path)
    await writer
    try:
        await _prepare(writer, path)
        await reader
        try:
            await reader.execute_fetchall("PRAGMA query_only = ON")
        except BaseException:
            await reader.close()
            raise
    except BaseException:
        await writer.close()
        raise
    return Database(path, inode, reader, writer)


async def _prepare(db: Connection, path: Path) -> None:
    current = await db.run(is_current)
    if not current:  # has to come first of all, takes a lock, and is remembered by the file
        await db.execute_fetchall("PRAGMA auto_vacuum = INCREMENTAL")
    await _use_write_ahead_log(db)
    # A committed transaction survives the end of the process; one that the system had no time to write may be lost
    # with the power, which a cache can bear, and costs no wait for the disk.
    await db.execute_fetchall("PRAGMA synchronous = NORMAL")
    await db.execute_fetchall("PRAGMA journal_size_limit = 67108864")
    # A few pages are written by every transaction; the later they are copied from the log, the fewer copies there are.
    await db.execute_fetchall("PRAGMA wal_autocheckpoint = 4000")
    if not current:
        await db.run(_migrate, path)


async def _use_write_ahead_log(db: Connection) -> None:
    """Switches the journal; SQLite's own patience with locks does not cover this statement."""
    for attempt in range(_LOCK_TRIES):
        if await _switched(db, last_try=attempt + 1 == _LOCK_TRIES):
            return
        await asyncio.sleep(BUSY_SECONDS / _LOCK_TRIES)


async def _switched(db: Connection, *, last_try: bool) -> bool:
    try:
        await db.execute_fetchall("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if last_try or "locked" not in str(error):
            raise
        return False
    return True


def is_current(db: sqlite3.Connection) -> bool:
    """Whether a database says that it is ours, and of this version."""
    found = _one(db, "PRAGMA application_id"), _one(db, _GET_VERSION)
    return found == (APPLICATION_ID, VERSION)


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    with transaction(db):
        if is_current(db):  # another process was faster
            return
        owner = _one(db, "PRAGMA application_id")
        tables = [row[0] for row in db.execute(_TABLES)]
        if owner != APPLICATION_ID and (owner or tables):
            raise BackendUnavailable(f"{path} is a database of something else; choose another path for the cache.")
        if tables:
            version = _one(db, _GET_VERSION)
            _log.warning("The cache database %s has schema %s, not %s; it is emptied.", path, version, VERSION)
        for table in tables:
            db.execute(f'DROP TABLE "{table}"')
        for statement in (f"PRAGMA application_id = {APPLICATION_ID}", f"{_GET_VERSION} = {VERSION}", *_SCHEMA):
            db.execute(statement)


def _one(db: sqlite3.Connection, statement: str) -> Any:
    ((value,),) = db.execute(statement)
    return value
