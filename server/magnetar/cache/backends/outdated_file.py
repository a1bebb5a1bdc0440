"""Which keys of a store on the network were left outdated, in a small file, for whoever uses that store next on this machine.

A process may end before it could make up for what it could not write. The file is a safeguard: where it cannot be written,
that is logged, and what the process itself remembers has to do. Only a file that is damaged makes everything outdated; one
that cannot be read for another reason is no reason to empty a store that others use, too.
"""

from __future__ import annotations

import logging
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from magnetar.cache.backends.outdated import Outdated
from magnetar.cache.backends.sqlite_file import APPLICATION_ID, VERSION, is_current, is_damage
from magnetar.cache.places import make_directory
from magnetar.errors import ConnectionLost

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
        """What processes have left behind; everything where the file is damaged, which is replaced then.

        Raises:
            ConnectionLost: it cannot be read now, and may be another time: it is locked, or the system does not allow it.
        """
        try:
            try:
                return self._read()
            except (sqlite3.Error, ValueError) as error:
                if isinstance(error, sqlite3.Error) and not is_damage(error):
                    raise
                _log.warning("%s is damaged, so all it may be about counts as outdated: %s", self._path, error)
                return self._replace()
        except (sqlite3.Error, OSError) as error:
            raise ConnectionLost(
                f"The store on the network is not used while {self._path}, which says what is outdated there, cannot be "
                f"read: {error}. End the process that keeps it locked, or give yourself the right to write it."
            ) from error

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

    def _read(self) -> Outdated:
        outdated = Outdated()
        if not self._path.exists():
            return outdated
        with self._open() as database:
            rows = database.execute("SELECT id, name, is_prefix FROM outdated ORDER BY id").fetchall()
        for number, name, is_prefix in rows:
            add = outdated.add_prefix if is_prefix else outdated.add_key
            add(name.decode("utf-8", "surrogatepass"))
            self._loaded = number
        return outdated

    def _replace(self) -> Outdated:
        self._path.unlink()
        self._loaded = 0
        self.add(prefixes=("",))
        everything = Outdated()
        everything.add_prefix("")
        return everything

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
