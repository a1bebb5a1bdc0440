"""Which keys of a store on the network were left outdated, in a small file, for whoever uses that store next on this machine.

A process may end before it could make up for what it could not write. The file is a safeguard: where it cannot be used,
that is logged, and what the process itself remembers has to do.
"""

from __future__ import annotations

import logging
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from magnetar.cache.backends.outdated import Outdated
from magnetar.cache.backends.sqlite_file import APPLICATION_ID, VERSION, is_current
from magnetar.cache.places import make_directory

_PATIENCE_SECONDS: Final = 1.0
_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS outdated(
        id INTEGER PRIMARY KEY AUTOINCREMENT, process TEXT NOT NULL, name BLOB NOT NULL, is_prefix INTEGER NOT NULL)"""

_log = logging.getLogger(__name__)


class OutdatedFile:
    """One store's; every method but the constructor reads or writes the disk."""

    def __init__(self, path: Path) -> None:
        """Names the file, which is there only once something was to be remembered."""
        self._path = path
        self._process = uuid.uuid4().hex
        self._loaded = 0  # the last row that was read
        self._added = 0  # the last row that this process wrote

    @property
    def used(self) -> bool:
        """Whether it holds something that this process knows of."""
        return bool(self._loaded or self._added)

    def load(self) -> Outdated:
        """What processes have left behind; everything where that cannot be read."""
        outdated = Outdated()
        if not self._path.exists():
            return outdated
        try:
            with self._open() as database:
                rows = database.execute("SELECT id, name, is_prefix FROM outdated ORDER BY id").fetchall()
            for number, name, is_prefix in rows:
                add = outdated.add_prefix if is_prefix else outdated.add_key
                add(name.decode("utf-8", "surrogatepass"))
                self._loaded = number
        except (sqlite3.Error, OSError, ValueError) as error:
            _log.warning("%s cannot be read, so all it may be about counts as outdated: %s", self._path, error)
            outdated.add_prefix("")
            with suppress(OSError):
                self._path.unlink()
        return outdated

    def add(self, keys: Iterable[str] = (), prefixes: Iterable[str] = ()) -> None:
        """Remembers keys, and prefixes of keys."""
        rows = [(self._process, name.encode("utf-8", "surrogatepass"), False) for name in keys]
        rows += [(self._process, name.encode("utf-8", "surrogatepass"), True) for name in prefixes]
        with self._safeguard(), self._open() as database:
            database.executemany("INSERT INTO outdated(process, name, is_prefix) VALUES (?, ?, ?)", rows)
            ((self._added,),) = database.execute("SELECT max(id) FROM outdated")

    def forget(self) -> None:
        """Whatever was loaded or added here was made up for; what other processes have added since was not."""
        with self._safeguard(), self._open() as database:
            database.execute(
                "DELETE FROM outdated WHERE id <= ? OR (process = ? AND id <= ?)",
                (self._loaded, self._process, self._added),
            )
            self._loaded = self._added = 0

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        make_directory(self._path.parent)
        with closing(sqlite3.connect(self._path, timeout=_PATIENCE_SECONDS)) as database:
            self._path.chmod(0o600)
            # No wait for the disk: a write survives the end of the process, and a file that a power cut tears is noticed.
            database.execute("PRAGMA synchronous = OFF")
            if not is_current(database):  # by these, the doctor knows the file as ours
                database.execute(f"PRAGMA user_version = {VERSION}")
                database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            with database:
                database.execute(_SCHEMA)
                yield database

    @contextmanager
    def _safeguard(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            _log.warning("What an outage leaves outdated cannot be kept in %s: %s", self._path, error)
