"""The workspace database: which files there are, which terms and names they hold, and what the user opened.

A lookup that fails finds nothing, and is counted, for a question is answered by whatever else is known; all else that fails
says so. Text, symbols and prices of a file are not here: they are values keyed by content in the cache.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from enum import IntEnum
from pathlib import Path
from typing import Any

import aiosqlite
from attrs import frozen

from magnetar.files.fingerprint import Fingerprint
from magnetar.model import DropReason
from magnetar.search.database import number_accesses_after, statements_that_empty_the_index
from magnetar.search.link import Link

log = logging.getLogger(__name__)

MOST_ACCESSES = 50_000
"""Accesses the log keeps; older ones live on in the model's snapshot alone."""


_NAMED = (
    "SELECT name, path FROM names JOIN files ON files.id = names.file"
    " WHERE role = ?1 AND name IN (SELECT value FROM json_each(?2)) ORDER BY name, path"
)
_NAMED_RARELY = (
    "SELECT name, path FROM (SELECT DISTINCT value AS wanted FROM json_each(?2) WHERE"
    " (SELECT count(*) FROM (SELECT 1 FROM names WHERE role = ?1 AND name = value LIMIT ?3)) < ?3)"
    " CROSS JOIN names ON role = ?1 AND name = wanted JOIN files ON files.id = names.file ORDER BY name, path"
)
"""A name like `main` plays its role in thousands of files: of such, no more rows are looked at than tell that there are many."""


class Role(IntEnum):
    """What a name is to a file."""

    DEFINES = 0
    """The name of a symbol it defines."""
    IMPORTS = 1
    """A key of what it imports."""
    MODULE = 2
    """A key it can be imported by."""
    CALLED = 3
    """The stem of its file name."""


@frozen
class FileRow:
    """What is stored of one file."""

    path: str
    fingerprint: Fingerprint
    read_ns: int
    """When it was read, to tell whether its fingerprint can be trusted."""
    sha256: str
    language: str
    lines: int
    symbols: int
    header_tokens: int
    refused: DropReason | None
    """Why its contents are not indexed, or None where they are."""


@frozen
class Entry:
    """One file to store: its row and, where it is indexed, its words and names."""

    row: FileRow
    path_terms: str = ""
    lexicon: str = ""
    names: frozenset[tuple[Role, str]] = frozenset()


@frozen
class Access:
    """One row of the access log."""

    id: int
    at: float
    process: str
    session: str
    path: str
    kind: str
    """`open`, `edit`, or `rename`, whose path is old and new name with a newline between."""


class Store:
    """Open it with `open`; it closes with the stack given there."""

    def __init__(self, link: Link) -> None:
        self.link = link

    @classmethod
    async def open(cls, path: Path, stack: AsyncExitStack) -> Store:
        """Opens the database at `path`, making or rebuilding it where needed."""
        return cls(await Link.open(path, stack))

    @property
    def in_memory(self) -> str | None:
        """Why the database lives in memory, or None where it is on disk."""
        return self.link.in_memory

    # -- files -----------------------------------------------------------------------------------------------------

    async def files(self) -> list[FileRow]:
        """Every stored file, in path order."""
        rows = await self.link.read(
            "SELECT path, mtime_ns, ctime_ns, size, inode, read_ns, sha256, language, lines, symbols, header_tokens,"
            " refused FROM files ORDER BY path"
        )
        return await asyncio.to_thread(_file_rows, rows)  # a hundred thousand would hold the loop up

    async def replace(self, entries: Sequence[Entry]) -> None:
        """Stores files, over what was stored of them; one transaction."""
        if not entries:
            return
        async with self.link.transaction() as db:
            await self._remove(db, [entry.row.path for entry in entries])
            ((last,),) = await db.execute_fetchall("SELECT coalesce(max(id), 0) FROM files")
            numbered = list(enumerate(entries, int(last) + 1))
            await db.executemany(
                "INSERT INTO files(id, path, mtime_ns, ctime_ns, size, inode, read_ns, sha256, language, lines, symbols,"
                " header_tokens, refused) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
                [(file, *_columns(entry.row)) for file, entry in numbered],
            )
            indexed = [(file, entry) for file, entry in numbered if entry.row.refused is None]
            await db.executemany(
                "INSERT INTO lexicon(rowid, path, body) VALUES(?,?,?)",
                [(file, entry.path_terms, entry.lexicon) for file, entry in indexed],
            )
            await db.executemany(
                "INSERT INTO names(name, role, file) VALUES(?,?,?)",
                [(name, int(role), file) for file, entry in indexed for role, name in entry.names],
            )

    async def touch(self, rows: Iterable[FileRow]) -> None:
        """Stores new fingerprints of files whose content did not change."""
        async with self.link.transaction() as db:
            await db.executemany(
                "UPDATE files SET mtime_ns=?, ctime_ns=?, size=?, inode=?, read_ns=? WHERE path=?",
                [
                    (f.mtime_ns, f.ctime_ns, f.size, f.inode, row.read_ns, row.path)
                    for row in rows
                    for f in (row.fingerprint,)
                ],
            )

    async def remove(self, paths: Sequence[str]) -> None:
        """Forgets files."""
        if paths:
            async with self.link.transaction() as db:
                await self._remove(db, paths)

    async def clear_files(self) -> int:
        """Forgets every file; the number forgotten."""
        async with self.link.transaction() as db:
            ((count,),) = await db.execute_fetchall("SELECT count(*) FROM files")
            for statement in statements_that_empty_the_index():
                await db.execute(statement)
        return int(count)

    @staticmethod
    async def _remove(db: aiosqlite.Connection, paths: Sequence[str]) -> None:
        rows = await db.execute_fetchall(
            "SELECT id FROM files WHERE path IN (SELECT value FROM json_each(?))", (json.dumps(paths),)
        )
        ids = [(row[0],) for row in rows]
        if ids:
            await db.executemany("DELETE FROM lexicon WHERE rowid=?", ids)
            await db.executemany("DELETE FROM names WHERE file=?", ids)
            await db.executemany("DELETE FROM files WHERE id=?", ids)

    # -- terms and names -------------------------------------------------------------------------------------------

    async def lexical(self, terms: Sequence[str], limit: int) -> list[tuple[str, float]]:
        """Files that hold any of the terms, by BM25 with the path counting double; scores are positive."""
        rows = await self.link.look_up(
            "SELECT path, score FROM (SELECT rowid AS id, -bm25(lexicon, 2.0, 1.0) AS score FROM lexicon"
            " WHERE lexicon MATCH ? ORDER BY rank LIMIT ?) JOIN files USING(id) ORDER BY score DESC, path",
            (" OR ".join(_quoted(term) for term in terms), limit),
        )
        return [(path, score) for path, score in rows]

    async def document_frequency(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many files each term stands; terms that stand in none are left out."""
        rows = await self.link.look_up(
            "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))",
            (json.dumps(list(terms)),),
        )
        return {str(term): int(count) for term, count in rows}

    async def containing(self, terms: Sequence[str], limit: int) -> dict[str, list[str]]:
        """Term to the files that hold it, in path order, at most `limit` of each."""
        found: dict[str, list[str]] = {}
        for term in terms:
            rows = await self.link.look_up(
                "SELECT path FROM lexicon JOIN files ON files.id = lexicon.rowid WHERE lexicon MATCH ? LIMIT ?",
                (_quoted(term), limit),
            )
            found[term] = sorted(row[0] for row in rows)
        return found

    async def named(self, role: Role, names: Iterable[str], most: int | None = None) -> dict[str, tuple[str, ...]]:
        """Name to the files it plays this role in, in path order; names that play it in more than `most` are left out."""
        rows = await self.link.look_up(
            _NAMED if most is None else _NAMED_RARELY,
            (int(role), json.dumps(list(names)), *([] if most is None else [most + 1])),
        )
        found: dict[str, list[str]] = {}
        for name, path in rows:
            found.setdefault(name, []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    async def definitions_like(self, text: str, limit: int) -> list[tuple[str, str]]:
        """(name, path) of definitions whose name contains the text in any case; exact, then prefix matches first."""
        pattern = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        rows = await self.link.look_up(
            "SELECT name, path FROM names JOIN files ON files.id = names.file"
            " WHERE role = 0 AND name LIKE ? ESCAPE '\\'"
            " ORDER BY name <> ?, lower(name) <> lower(?), name NOT LIKE ? ESCAPE '\\', length(name), name, path LIMIT ?",
            (f"%{pattern}%", text, text, f"{pattern}%", limit),
        )
        return [(name, path) for name, path in rows]

    async def size_bytes(self) -> int:
        """The database's size."""
        ((pages, size),) = await self.link.read(
            "SELECT page_count, page_size FROM pragma_page_count(), pragma_page_size()"
        )
        return int(pages * size)

    # -- what the user did -----------------------------------------------------------------------------------------

    async def log_accesses(self, accesses: Sequence[tuple[float, str, str, str, str]]) -> None:
        """Appends (at, process, session, path, kind) rows; what is too old falls off the end."""
        async with self.link.transaction() as db:
            await db.executemany("INSERT INTO accesses(at, process, session, path, kind) VALUES(?,?,?,?,?)", accesses)
            await db.execute("DELETE FROM accesses WHERE id <= (SELECT max(id) FROM accesses) - ?", (MOST_ACCESSES,))

    async def accesses_after(self, last: int) -> list[Access]:
        """The rows after one, oldest first."""
        rows = await self.link.read(
            "SELECT id, at, process, session, path, kind FROM accesses WHERE id > ? ORDER BY id", (last,)
        )
        return [Access(*row) for row in rows]

    async def number_accesses_after(self, last: int) -> None:
        """New accesses get higher numbers than `last`, also in a log that was damaged and has lost its own."""
        ((is_behind,),) = await self.link.read(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'accesses'), 0) < ?", (last,)
        )
        if is_behind:
            async with self.link.transaction() as db:
                await number_accesses_after(db, last)

    async def clear_accesses(self) -> int:
        """Forgets what the user did; the number of rows forgotten."""
        async with self.link.transaction() as db:
            ((count,),) = await db.execute_fetchall("SELECT count(*) FROM accesses")
            await db.execute("DELETE FROM accesses")
            await db.execute("DELETE FROM facts WHERE key LIKE 'model%'")
        return int(count)

    async def get_fact(self, key: str) -> bytes | None:
        """A small value about the workspace as a whole."""
        rows = list(await self.link.read("SELECT value FROM facts WHERE key = ?", (key,)))
        return bytes(rows[0][0]) if rows else None

    async def set_facts(self, values: Mapping[str, bytes]) -> None:
        """Stores small values about the workspace as a whole; one transaction."""
        async with self.link.transaction() as db:
            await db.executemany("INSERT OR REPLACE INTO facts(key, value) VALUES(?,?)", list(values.items()))

    async def change_count(self) -> int:
        """A number that another process's commit changes."""
        await self.link.check_place()
        ((version,),) = await self.link.read("PRAGMA data_version")
        return int(version)


def _file_rows(rows: Sequence[Any]) -> list[FileRow]:
    return [
        FileRow(
            path,
            Fingerprint(*stamp),
            read,
            sha,
            sys.intern(language),
            lines,
            symbols,
            header,
            refused and DropReason(refused),
        )
        for path, *stamp, read, sha, language, lines, symbols, header, refused in rows
    ]


def _columns(row: FileRow) -> tuple[object, ...]:
    stamp = row.fingerprint
    return (
        row.path,
        stamp.mtime_ns,
        stamp.ctime_ns,
        stamp.size,
        stamp.inode,
        row.read_ns,
        row.sha256,
        row.language,
        row.lines,
        row.symbols,
        row.header_tokens,
        row.refused and row.refused.value,
    )


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
