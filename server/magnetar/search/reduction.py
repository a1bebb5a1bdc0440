"""Giving up a workspace database that no process has open: all of it, or what can be found again on disk.

A process that has it open is told by SQLite's own locks, which die with their holder; none can open it meanwhile. If this is
killed at any moment, either the old file is found at the next opening, or the new one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiosqlite

from magnetar.errors import BackendUnavailable
from magnetar.search.database import Taught, alone, is_damage, make_beside, replace, take_along


async def reduce(path: Path) -> None:
    """Puts a database with what the user did, and nothing else, in the place of one that holds an index, too.

    Raises:
        BackendUnavailable: A process has it open or is opening it, or the new one can't be written.
    """
    async with _alone(path):
        taught = await _read_unused(path)
        if taught is not None:
            await make_beside(path, taught)
            replace(path).unlink(missing_ok=True)


async def remove(path: Path) -> None:
    """Removes a database, with all that stands beside it under its name.

    Raises:
        BackendUnavailable: A process has it open or is opening it, or it can't be removed.
    """
    async with _alone(path):
        await _read_unused(path)
        for each in path.parent.glob(path.name + "*"):
            each.unlink(missing_ok=True)


@asynccontextmanager
async def _alone(path: Path) -> AsyncIterator[None]:
    try:
        async with alone(path, patience=0):
            yield
    except (OSError, sqlite3.Error) as error:
        raise BackendUnavailable(f"The index {path} stays as it is: {error}") from error


async def _read_unused(path: Path) -> Taught | None:
    """What the user did, or None where there is nothing else in the file."""
    async with aiosqlite.connect(path, isolation_level=None, timeout=0) as db:
        try:
            await db.execute("PRAGMA locking_mode = EXCLUSIVE")
            await db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
        with suppress(sqlite3.Error):
            ((has_index,),) = await db.execute_fetchall("SELECT EXISTS(SELECT 1 FROM files)")
            if not has_index:
                return None
        return await take_along(db)
