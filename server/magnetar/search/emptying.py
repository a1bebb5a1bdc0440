"""Giving up the index of a folder that nobody has open: what can be found again on disk goes, what was learned stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from magnetar.errors import BackendUnavailable
from magnetar.search.database import SCHEMA_VERSION, statements_that_empty_the_index


def give_up_index(path: Path) -> None:
    """Empties the index and gives its room back to the disk, and that of an emptied one which still holds some.

    The index goes in place and in one transaction: whoever is killed meanwhile leaves either all of it or none, and what was learned stays in
    both. A process that has the file open reads no rows from then on, and loads them anew before it writes (`Disk`).

    Raises:
        BackendUnavailable: It is locked, damaged, another version's, or cannot be written.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as db:
            ((version,),) = db.execute("PRAGMA user_version")
            if version != SCHEMA_VERSION:
                raise sqlite3.DatabaseError(f"it has schema {version}, not {SCHEMA_VERSION}")
            _empty(db)
            _give_back_room(db)
    except sqlite3.Error as error:
        raise BackendUnavailable(f"The room that {path} takes cannot be given back: {error}") from error


def _empty(db: sqlite3.Connection) -> None:
    ((holds_files,),) = db.execute("SELECT EXISTS(SELECT 1 FROM files)")
    if holds_files:
        # Overwriting what is dropped would write as much to the log as the index takes; all of it is written anew below.
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("BEGIN IMMEDIATE")
        for statement in statements_that_empty_the_index():
            db.execute(statement)
        db.execute("COMMIT")


def _give_back_room(db: sqlite3.Connection) -> None:
    ((free_pages,),) = db.execute("PRAGMA freelist_count")
    if free_pages:
        db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
