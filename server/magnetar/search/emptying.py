"""Giving up the index of a folder that nobody has open: what can be found again on disk goes, what was learned stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from magnetar.errors import BackendUnavailable
from magnetar.search.database import INDEX_SCHEMA, INDEX_TABLES, SCHEMA_VERSION, statements_of


def give_up_index(path: Path) -> None:
    """Empties the index and gives its room back to the disk; an empty one is left as it is.

    That is done in place, in one transaction: whoever is killed meanwhile leaves the whole of it or nothing. A process that has the
    file open reads nothing from then on, and must load its rows again before it writes.

    Raises:
        BackendUnavailable: It is locked, damaged, another version's, or cannot be written.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=0)) as db:
            _give_up_index(db)
    except sqlite3.Error as error:
        raise BackendUnavailable(f"The index {path} keeps what it holds: {error}") from error


def _give_up_index(db: sqlite3.Connection) -> None:
    ((version,),) = db.execute("PRAGMA user_version")
    if version != SCHEMA_VERSION:
        raise sqlite3.DatabaseError(f"it has schema {version}, not {SCHEMA_VERSION}")
    ((holds_files,),) = db.execute("SELECT EXISTS(SELECT 1 FROM files)")
    if not holds_files:
        return
    db.execute("BEGIN IMMEDIATE")
    for table in INDEX_TABLES:
        db.execute(f"DROP TABLE {table}")
    for statement in statements_of(INDEX_SCHEMA):
        db.execute(statement)
    db.execute("COMMIT")
    db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
