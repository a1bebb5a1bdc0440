"""The workspace database as long as it is open: lookups, transactions, and going on in a new file where the old one is lost.

Lookups go over one connection and writes over another, in short transactions, so that a request never waits for the
indexer. What is in the tables is not known here.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiosqlite

from magnetar.errors import BackendUnavailable
from magnetar.search.database import (
    Connections,
    give_back,
    inode_of,
    is_damage,
    number_accesses_after,
    open_database,
    open_on_disk,
    rebuild,
    take_along,
)

_REPLACED = "another file stands in its place"
_CLOSED = "it was closed for a new one that could not be put in its place"

log = logging.getLogger(__name__)


class Link:
    """Open it with `open`; it closes with the stack given there."""

    def __init__(self, path: Path, connections: Connections) -> None:
        self._path = path
        self._connections = connections
        self._writing = asyncio.Lock()
        self._damaged = False
        self.failed_lookups = 0
        """How many lookups found nothing because they could not be made."""
        self.on_damage: Callable[[], None] = lambda: None
        """Called when the file is found damaged, or replaced by another process: it wants `renew`. Once, unless that fails."""

    @classmethod
    async def open(cls, path: Path, stack: AsyncExitStack) -> Link:
        """Opens the database at `path`, making or rebuilding it where needed."""
        link = cls(path, await open_database(path))
        stack.push_async_callback(link.close)
        return link

    async def close(self) -> None:
        """Closes the connections; who asks for something later is told, and no renewal is asked for."""
        self._damaged = True
        await self._connections.close()

    @property
    def in_memory(self) -> str | None:
        """Why the database lives in memory, or None where it is on disk."""
        return self._connections.in_memory

    @property
    def is_damaged(self) -> bool:
        """Whether the file was found damaged, or replaced, and no sound one has taken its place yet."""
        return self._damaged

    async def renew(self, last_access: int) -> bool:
        """Puts a sound file in the place of a damaged one, or goes from memory to the disk; what the user did comes along.

        Args:
            last_access: New accesses get higher numbers than this.

        Returns:
            Whether accesses that were kept in memory have new numbers now, and stand among others.

        Raises:
            BackendUnavailable: That cannot be done yet; what was learned stays on disk, or in memory.
        """
        async with self._writing:
            before = self._connections
            self._damaged = True  # what fails meanwhile need not ask for it
            try:
                after = await self._open_anew(before, last_access)
            except (OSError, sqlite3.Error) as error:
                raise self._unavailable(error) from error
            finally:
                self._damaged = False  # whoever meets damage next asks for it again
            self._connections = after
            await before.close()
        return before.in_memory is not None

    async def check_place(self) -> None:
        """Asks for `renew` where another process has put a new file in the place of the one that is open."""
        if not await asyncio.to_thread(self._is_in_place, self._connections):
            self._found_damaged(_REPLACED)

    async def _open_anew(self, before: Connections, last_access: int) -> Connections:
        on_disk = before.in_memory is None
        after = await (rebuild(self._path, before) if on_disk else open_on_disk(self._path))
        try:
            if on_disk:
                await number_accesses_after(after.writer, last_access)
            else:
                await give_back(after.writer, await take_along(before.writer), renumber=True)
        except BaseException:
            await after.close()
            raise
        return after

    def _is_in_place(self, connections: Connections) -> bool:
        return connections.in_memory is not None or inode_of(self._path) == connections.inode

    async def look_up(self, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Rows of an index, none where it cannot be read: the rest of what is known answers then."""
        try:
            return await self.read(statement, parameters)
        except BackendUnavailable:
            self.failed_lookups += 1
            return []

    async def read(self, statement: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Rows.

        Raises:
            BackendUnavailable: They cannot be read.
        """
        connections = self._connections
        try:
            return list(await connections.reader.execute_fetchall(statement, parameters))
        except (sqlite3.Error, ValueError) as error:  # ValueError: closed, for it is being renewed
            raise self._failed(connections, error) from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Commits what is done within, or undoes it all.

        Raises:
            BackendUnavailable: It cannot be stored, or the file is in its place no more.
        """
        async with self._writing:
            connections = self._connections
            writer = connections.writer
            if connections.closed:
                raise self._failed(connections, sqlite3.ProgrammingError(_CLOSED))
            try:
                await self._begin(connections)
                yield writer
                await writer.execute("COMMIT")
            except BaseException as error:
                # Whoever is cancelled while a statement runs does not stop it: it may have begun, or be done already.
                with suppress(sqlite3.Error):
                    await writer.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise self._failed(connections, error) from error
                raise

    async def shrink(self) -> None:
        """Frees the pages that writing has left in memory.

        Raises:
            BackendUnavailable: The database is not open.
        """
        async with self._writing:
            try:
                await self._connections.writer.execute("PRAGMA shrink_memory")
            except (sqlite3.Error, ValueError) as error:
                raise self._unavailable(error) from error

    async def _begin(self, connections: Connections) -> None:
        await connections.writer.execute("BEGIN IMMEDIATE")
        if not self._is_in_place(connections):  # what is stored in a file that was moved aside is lost
            raise sqlite3.OperationalError(_REPLACED)

    def _failed(self, connections: Connections, error: Exception) -> BackendUnavailable:
        lost = isinstance(error, sqlite3.Error) and (is_damage(error) or str(error) == _REPLACED)
        wanted = lost or connections.closed
        if wanted and connections is self._connections:  # else it is of a file that was given up meanwhile
            self._found_damaged(error)
        return self._unavailable(error)

    def _found_damaged(self, reason: object) -> None:
        if not self._damaged and self.in_memory is None:
            self._damaged = True
            log.warning("The index %s has to be opened anew: %s", self._path, reason)
            self.on_damage()

    def _unavailable(self, error: Exception) -> BackendUnavailable:
        return BackendUnavailable(
            f"The index {self._path} cannot be used: {error}. Check its directory's permissions and free space."
        )
