"""Opening the workspace database: permissions, pragmas, schema, and what to do when it is damaged, locked or unwritable.

A corrupt file is moved aside and rebuilt: files are found again on disk, and of what the user did, all that can still be
read is taken along. A locked one is waited for; where it stays locked or the directory can't be written, the same schema
lives in memory and the caller is told.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import aiosqlite
from attrs import define, field, frozen
from filelock import FileLock

log = logging.getLogger(__name__)

SCHEMA_VERSION = 1
SPOILT = ".damaged"
"""At the end of the name of a file that was moved aside."""
BUSY_SECONDS = 10.0
_OPENING_SECONDS = 3.0
"""A file that is locked for longer when it is opened is tried again later: memory answers meanwhile."""

_INDEX_SCHEMA = """
CREATE TABLE files(
  id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE,
  mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, size INTEGER NOT NULL, inode INTEGER NOT NULL,
  read_ns INTEGER NOT NULL, sha256 TEXT NOT NULL, language TEXT NOT NULL, lines INTEGER NOT NULL,
  symbols INTEGER NOT NULL, header_tokens INTEGER NOT NULL, refused TEXT);
CREATE TABLE names(name TEXT NOT NULL, role INTEGER NOT NULL, file INTEGER NOT NULL,
  PRIMARY KEY(role, name, file)) WITHOUT ROWID;
CREATE INDEX names_by_file ON names(file);
CREATE VIRTUAL TABLE lexicon USING fts5(path, body, tokenize = "unicode61 remove_diacritics 0 tokenchars '=_$'");
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(lexicon, row);
"""
"""What can be found again on disk."""
_INDEX_TABLES = ("vocabulary", "lexicon", "names", "files")
_TAUGHT_SCHEMA = """
CREATE TABLE accesses(id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, process TEXT NOT NULL,
  session TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE facts(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""
_TAUGHT_TABLES = ("accesses", "facts")
_PROBES = (
    "SELECT count(*) FROM lexicon WHERE lexicon MATCH 'schema'",
    "SELECT sum(length(sha256)), sum(length(language)) FROM files",
    "SELECT sum(length(name)) FROM names WHERE role = 0",
    "SELECT sum(length(path)) FROM accesses",
)
"""Read once at opening, so that damage shows then and not in the middle of a request: milliseconds for thousands of files."""


AccessRow = tuple[int, float, str, str, str, str]
"""(id, at, process, session, path, kind)."""


@define(eq=False)
class Connections:
    """One connection to write with and one to read with; the same one where the database lives in memory."""

    writer: aiosqlite.Connection
    reader: aiosqlite.Connection
    in_memory: str | None
    """Why the database lives in memory, or None where it is on disk."""
    inode: tuple[int, int] | None
    """Which file it is, for another process may put a new one in its place."""
    stack: AsyncExitStack
    closed: bool = field(default=False, init=False)

    async def close(self) -> None:
        """Closes both; the file is whole at any moment, so this loses nothing. Closing twice is fine."""
        self.closed = True
        await self.stack.aclose()


@frozen
class Taught:
    """What cannot be found again on disk: what the user did, and the facts about the workspace as a whole."""

    accesses: Sequence[AccessRow] = ()
    facts: Sequence[tuple[str, bytes]] = ()


async def open_database(path: Path) -> Connections:
    """Opens, and where needed makes or rebuilds, the database; in memory where that cannot be done."""
    try:
        return await open_on_disk(path)
    except (OSError, sqlite3.Error) as exc:
        log.warning("The index of %s cannot be kept on disk (%s); it lives in memory.", path.parent, exc)
        async with AsyncExitStack() as stack:
            memory = await stack.enter_async_context(aiosqlite.connect(":memory:", isolation_level=None))
            await _ensure_schema(memory)
            return Connections(memory, memory, str(exc), None, stack.pop_all())


async def open_on_disk(path: Path) -> Connections:
    """Opens the file, rebuilding it where it is damaged.

    Raises:
        OSError: The directory can't be used, or another process is busy with the file for too long.
        sqlite3.Error: The file is locked or can't be written.
    """
    async with _alone(path):
        try:
            return await _open(path)
        except sqlite3.DatabaseError as exc:
            if not is_damage(exc):
                raise
            log.warning("The index %s is damaged (%s).", path, exc)
        return await _rebuild(path)


async def rebuild(path: Path, damaged: Connections) -> Connections:
    """Puts a new file in the place of a damaged one, with what the user did, unless another process did that already.

    The damaged one is closed when the new one is made: Windows moves no file that is open.

    Raises:
        OSError: The directory can't be used, or another process is busy with the file for too long.
        sqlite3.Error: The new file is locked or can't be written.
    """
    async with _alone(path):
        return await (_rebuild(path, damaged) if inode_of(path) == damaged.inode else _open(path))


@asynccontextmanager
async def _alone(path: Path) -> AsyncIterator[None]:
    """One process at a time opens the file or moves it aside, so that a sound one is never taken for the damaged one."""
    for directory in (*reversed(path.parent.parents), path.parent):
        directory.mkdir(exist_ok=True, mode=0o700)
    lock = FileLock(path.with_name("opening.lock"), mode=0o600, thread_local=False)
    await asyncio.to_thread(lock.acquire, timeout=BUSY_SECONDS)
    try:
        _prepare(path)
        yield
    finally:
        lock.release()


async def _rebuild(path: Path, damaged: Connections | None = None) -> Connections:
    """Makes a new file beside a damaged one, with what can be read of that, and puts it in its place: if this fails, all stays.

    The damaged one is locked meanwhile, where it still can be: what another process commits is either read here, or
    refused there because the file is in its place no more (`Link`).
    """
    async with AsyncExitStack() as stack:
        await _make_beside(path, await _read_locked(path, stack))
        if damaged is not None:
            await damaged.close()
        if os.name == "nt":
            await stack.aclose()
        _replace(path)
    return await _open(path)


async def _read_locked(path: Path, stack: AsyncExitStack) -> Taught:
    with suppress(sqlite3.Error):
        db = await stack.enter_async_context(aiosqlite.connect(path, isolation_level=None, timeout=_OPENING_SECONDS))
        with suppress(sqlite3.Error):
            await db.execute("BEGIN IMMEDIATE")
        return await take_along(db)
    return Taught()


async def _make_beside(path: Path, taught: Taught) -> None:
    new = _beside(path)
    _create(new)
    try:  # without a log, so that what is committed is in the file
        async with aiosqlite.connect(new, isolation_level=None) as db:
            await _ensure_schema(db)
            await give_back(db, taught)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


async def take_along(db: aiosqlite.Connection) -> Taught:
    """What the user did, as far as it can be read."""
    accesses: list[AccessRow] = []
    facts: list[tuple[str, bytes]] = []
    with suppress(sqlite3.Error, ValueError):
        async for row in await db.execute("SELECT id, at, process, session, path, kind FROM accesses ORDER BY id"):
            accesses.append(tuple(row))  # noqa: PERF401 - of a damaged table, those before the damage are kept
    with suppress(sqlite3.Error, ValueError):
        facts = [(key, value) for key, value in await db.execute_fetchall("SELECT key, value FROM facts")]
    return Taught(accesses, facts)


async def give_back(db: aiosqlite.Connection, taught: Taught, *, renumber: bool = False) -> None:
    """Stores what was taken along; numbers stay as they were, for others remember how far they have read."""
    await db.execute("BEGIN IMMEDIATE")
    try:
        await _put_back(db, taught, renumber=renumber)
        await db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.OperationalError):
            await db.execute("ROLLBACK")
        raise


async def number_accesses_after(db: aiosqlite.Connection, last: int) -> None:
    """New accesses get higher numbers than `last`, which others may have read up to."""
    await db.execute("DELETE FROM sqlite_sequence WHERE name = 'accesses' AND seq < ?", (last,))
    await db.execute(
        "INSERT INTO sqlite_sequence(name, seq) SELECT 'accesses', ?"
        " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'accesses')",
        (last,),
    )


def inode_of(path: Path) -> tuple[int, int] | None:
    """Which file stands there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def statements_that_empty_the_index() -> Iterator[str]:
    """To be executed in one transaction. Deleting rows one by one takes longer, and leaves most of the full-text index in place."""
    yield from (f"DROP TABLE {table}" for table in _INDEX_TABLES)
    yield from _statements_of(_INDEX_SCHEMA)


def is_damage(exc: sqlite3.Error) -> bool:
    """Whether an error says that the file is corrupt or no database."""
    text = str(exc)
    return any(word in text for word in ("malformed", "not a database", "corrupt", "vtable constructor", "no such"))


async def _open(path: Path) -> Connections:
    async with AsyncExitStack() as stack:
        writer = await _connect(path, stack)
        await _ensure_schema(writer)
        reader = await _connect(path, stack)
        await reader.execute("PRAGMA query_only = ON")
        for connection in (writer, reader):
            await connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1e3:.0f}")
        return Connections(writer, reader, None, inode_of(path), stack.pop_all())
    raise AssertionError  # the stack suppresses nothing


def _statements_of(schema: str) -> Iterator[str]:
    """One by one, for a script of several commits by itself."""
    return filter(str.strip, schema.split(";\n"))


def _prepare(path: Path) -> None:
    if path.exists():
        _beside(path).unlink(missing_ok=True)
    elif _beside(path).exists():
        _put_in_place(path)  # whoever made it could not
    else:
        _create(path)


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


async def _connect(path: Path, stack: AsyncExitStack) -> aiosqlite.Connection:
    connection = await stack.enter_async_context(
        aiosqlite.connect(path, isolation_level=None, timeout=_OPENING_SECONDS, cached_statements=256)
    )
    await connection.execute("PRAGMA journal_mode = WAL")
    await connection.execute("PRAGMA synchronous = NORMAL")
    await connection.execute("PRAGMA cache_size = -16384")
    await connection.execute("PRAGMA temp_store = MEMORY")
    return connection


async def _ensure_schema(connection: aiosqlite.Connection) -> None:
    await connection.execute("BEGIN IMMEDIATE")
    try:
        ((version,),) = await connection.execute_fetchall("PRAGMA user_version")
        if version != SCHEMA_VERSION:
            if version:
                log.warning("The index has schema %s, not %s; it is built anew.", version, SCHEMA_VERSION)
            taught = await take_along(connection) if version else Taught()
            await _drop_everything(connection)
            for statement in _statements_of(_INDEX_SCHEMA + _TAUGHT_SCHEMA):
                await connection.execute(statement)
            await _put_back(connection, taught)
            await connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        for probe in _PROBES:
            await connection.execute_fetchall(probe)
    except BaseException:
        with suppress(sqlite3.OperationalError):
            await connection.execute("ROLLBACK")
        raise
    await connection.execute("COMMIT")


async def _put_back(db: aiosqlite.Connection, taught: Taught, *, renumber: bool = False) -> None:
    await db.executemany(
        "INSERT OR IGNORE INTO accesses(id, at, process, session, path, kind) VALUES(?,?,?,?,?,?)",
        [(None if renumber else number, *rest) for number, *rest in taught.accesses],
    )
    await db.executemany("INSERT OR IGNORE INTO facts(key, value) VALUES(?,?)", taught.facts)


async def _drop_everything(connection: aiosqlite.Connection) -> None:
    for table in (*_INDEX_TABLES, *_TAUGHT_TABLES):
        await connection.execute(f"DROP TABLE IF EXISTS {table}")


def _replace(path: Path) -> None:
    log.warning("The index %s is moved aside and built anew.", path)
    path.replace(path.with_name(path.name + SPOILT))
    _put_in_place(path)


def _put_in_place(path: Path) -> None:
    for suffix in ("-wal", "-shm"):  # of the one before
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    _beside(path).replace(path)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".new")
