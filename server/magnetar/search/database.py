"""Opening the workspace database: permissions, pragmas, schema, and what to do when it is damaged, locked or unwritable.

A corrupt file is moved aside and rebuilt, for all of it can be found again on disk; a locked one is waited for; where
the directory can't be written, the same schema lives in memory and the caller is told.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import aiosqlite
from attrs import frozen

log = logging.getLogger(__name__)

SCHEMA_VERSION = 1
BUSY_SECONDS = 10.0

_SCHEMA = """
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
CREATE TABLE accesses(id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, process TEXT NOT NULL,
  session TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE facts(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""
_PROBES = (
    "SELECT count(*) FROM lexicon WHERE lexicon MATCH 'schema'",
    "SELECT sum(length(sha256)), sum(length(language)) FROM files",
    "SELECT sum(length(name)) FROM names WHERE role = 0",
    "SELECT sum(length(path)) FROM accesses",
)
"""Read once at opening, so that damage shows then and not in the middle of a request: milliseconds for thousands of files."""


@frozen(eq=False)
class Connections:
    """One connection to write with and one to read with; the same one where the database lives in memory."""

    writer: aiosqlite.Connection
    reader: aiosqlite.Connection
    in_memory: str | None
    """Why the database lives in memory, or None where it is on disk."""


async def open_database(path: Path, stack: AsyncExitStack) -> Connections:
    """Opens, and where needed makes or rebuilds, the database; the stack closes it."""
    try:
        _prepare(path)
        try:
            writer = await _connect(path, stack)
            await _ensure_schema(writer)
        except sqlite3.DatabaseError as exc:
            if not _is_damage(exc):
                raise
            _move_aside(path, exc)
            writer = await _connect(path, stack)
            await _ensure_schema(writer)
        reader = await _connect(path, stack)
        await reader.execute("PRAGMA query_only = ON")
    except (OSError, sqlite3.Error) as exc:
        log.warning("The index of %s cannot be kept on disk (%s); it lives in memory.", path.parent, exc)
        memory = await stack.enter_async_context(aiosqlite.connect(":memory:", isolation_level=None))
        await _ensure_schema(memory)
        return Connections(memory, memory, str(exc))
    return Connections(writer, reader, None)


def _prepare(path: Path) -> None:
    for directory in (*reversed(path.parent.parents), path.parent):
        directory.mkdir(exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


async def _connect(path: Path, stack: AsyncExitStack) -> aiosqlite.Connection:
    connection = await stack.enter_async_context(
        aiosqlite.connect(path, isolation_level=None, timeout=BUSY_SECONDS, cached_statements=256)
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
            await _drop_everything(connection)
            for statement in filter(str.strip, _SCHEMA.split(";\n")):
                await connection.execute(statement)
            await connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        for probe in _PROBES:
            await connection.execute_fetchall(probe)
    except BaseException:
        with suppress(sqlite3.OperationalError):
            await connection.execute("ROLLBACK")
        raise
    await connection.execute("COMMIT")


async def _drop_everything(connection: aiosqlite.Connection) -> None:
    for kind in ("vocabulary", "lexicon", "accesses", "names", "files", "facts"):
        await connection.execute(f"DROP TABLE IF EXISTS {kind}")


def _is_damage(exc: sqlite3.DatabaseError) -> bool:
    text = str(exc)
    return "malformed" in text or "not a database" in text or "corrupt" in text or "vtable constructor" in text


def _move_aside(path: Path, reason: Exception) -> None:
    log.warning("The index %s is damaged (%s); it is moved aside and built anew.", path, reason)
    path.replace(path.with_name(path.name + ".damaged"))
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()
    _prepare(path)
