"""Where magnetar keeps what it knows: the cache directory, its disk, the databases and the logs in it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

from attrs import frozen

from magnetar.app import SCHEMA
from magnetar.cli.doctor import Site, Verdict, fail, ok, outcomes_of, warn
from magnetar.logfile import log_directory
from magnetar.workspace.collection import bytes_kept

_ELSEWHERE = "Or choose another directory with --cache-dir, MAGNETAR_CACHE_DIR or the setting magnetar.cache.directory."
_UNREADABLE = f"Give yourself the right to look there. {_ELSEWHERE}"
_LITTLE_SPACE = 1024**3
_NO_SPACE = 64 * 1024**2
_FEW_FILES = 100
_LOCK_SECONDS = 5.0
"""How long another process may keep a database before that is worth telling; its own transactions take milliseconds."""


def nearest(path: Path) -> Path:
    """The path itself, or the closest of its parents that is known to exist; the path where none is."""
    return next((place for place in (path, *path.parents) if os.access(place, os.F_OK)), path)


def cache_directory(site: Site) -> Verdict:
    """The cache directory can be written, by its owner alone."""
    directory = site.cache_dir
    try:
        with tempfile.TemporaryDirectory(prefix=".magnetar-", dir=nearest(directory)) as probe:
            mode = _journal_mode(Path(probe) / "probe.db")
    except (OSError, sqlite3.Error) as error:
        remedy = f"Give yourself the right to write there, and room. {_ELSEWHERE}"
        return fail(f"{directory} cannot be written: {error}.", remedy)
    if mode != "wal":
        remedy = f"{_ELSEWHERE} Use a local disk."
        return warn(f"{directory} is on a file system without SQLite's write-ahead log.", remedy)
    if os.name != "nt" and directory.exists() and stat.S_IMODE(directory.stat().st_mode) & 0o077:
        return warn(f"Others can look into {directory}.", f"chmod 700 {directory}")
    return ok(f"{directory} can be written, with a write-ahead log.")


def _journal_mode(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        ((mode,),) = db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute("CREATE TABLE probe(value)")
        return str(mode)


def disk(site: Site) -> Verdict:
    """There is room for the cache, and it takes no more than it may."""
    place = nearest(site.cache_dir)
    try:
        free, files = shutil.disk_usage(place).free, _free_files(place)
        kept = bytes_kept(site.cache_dir / SCHEMA)
    except OSError as error:
        return fail(f"The cache directory's disk cannot be examined: {error.strerror}.", _UNREADABLE)
    if free < _NO_SPACE or files < _FEW_FILES:
        what = "is full" if free < _NO_SPACE else "has no room for more files, however small"
        return fail(f"The cache directory's disk {what}.", f"Free some space. {_ELSEWHERE}")
    most = site.settings.cache.disk_max_bytes
    if free < _LITTLE_SPACE:
        remedy = f"It may take up to {most / 1024**3:,.1f} GB: free some space."
        return warn(f"Only {free / 1024**2:,.0f} MB are free for the cache.", remedy)
    if kept > most:
        remedy = "Raise that limit, or open fewer folders at once: a server gives up the indexes of those that were closed some minutes ago."
        taken = f"The databases take {kept / 1024**2:,.1f} MB"
        return warn(f"{taken}, more than the {most / 1024**2:,.1f} MB of magnetar.cache.diskMaxBytes.", remedy)
    return ok(f"{free / 1024**3:,.0f} GB are free for the cache.")


def _free_files(place: Path) -> int:
    """How many more files a file system can hold; those that set no number hold any."""
    if not hasattr(os, "statvfs"):
        return _FEW_FILES
    found = os.statvfs(place)
    return found.f_favail if found.f_files else _FEW_FILES


# -- databases ---------------------------------------------------------------------------------------------------------


@frozen
class _Trouble:
    """What is wrong with a database, and what becomes of it."""

    text: str
    remedy: str
    serious: bool = True


_DAMAGED = "The next start moves what is damaged aside and builds it anew; or delete it."
_LOCKED = "End the process that has it: another server that hangs, a backup, or a database browser."
_UNWRITABLE = f"Make it writable for you, and its directory, too. {_ELSEWHERE}"
_FOREIGN = f"Move what does not belong to magnetar out of its cache directory. {_ELSEWHERE}"
_OUTDATED = "The next start builds it anew; end servers of another version that are still running."


def databases(site: Site) -> Verdict:
    """Every database is sound, of this version, and can be written."""
    try:
        paths = sorted(site.cache_dir.glob(f"{SCHEMA}/**/*.db"))
    except OSError as error:
        return fail(f"{site.cache_dir} cannot be read: {error.strerror}.", _UNREADABLE)
    outcomes = outcomes_of(partial(_trouble, path) for path in paths)
    found = {
        path: _Trouble(str(outcome), _DAMAGED) if isinstance(outcome, BaseException) else outcome
        for path, outcome in zip(paths, outcomes, strict=True)
    }
    troubles = {path: trouble for path, trouble in found.items() if trouble is not None}
    if troubles:
        told = ", ".join(f"{path} ({trouble.text})" for path, trouble in troubles.items())
        remedy = " ".join(dict.fromkeys(trouble.remedy for trouble in troubles.values()))
        judge = fail if any(trouble.serious for trouble in troubles.values()) else warn
        return judge(f"{told}.", remedy)
    size = sum(path.stat().st_size for path in paths)
    return ok(f"{len(paths)} databases are sound, {size / 1024**2:,.1f} MB." if paths else "Nothing is cached yet.")


def _trouble(path: Path) -> _Trouble | None:
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return _Trouble("it is read-only for you", _UNWRITABLE)
    uri = path.resolve().as_uri() + "?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=_LOCK_SECONDS, isolation_level=None)) as db:
        try:
            foreign_or_old = _identity_trouble(path, db)
            if foreign_or_old is not None:
                return foreign_or_old
            ((said, *_), *_) = db.execute("PRAGMA quick_check(1)").fetchall()
            if said != "ok":
                return _Trouble(str(said), _DAMAGED)
            db.execute("BEGIN IMMEDIATE")  # nothing is written; that it could be is what is asked
            db.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
            return _error_trouble(error)
    return None


def _error_trouble(error: sqlite3.DatabaseError) -> _Trouble:
    text = str(error)
    if "locked" in text:
        return _Trouble(text, _LOCKED, serious=False)
    if "readonly" in text or "unable to open" in text:
        return _Trouble(text, _UNWRITABLE)
    return _Trouble(text, _DAMAGED)


def _identity_trouble(path: Path, db: sqlite3.Connection) -> _Trouble | None:
    """What tells that a database is somebody else's, or of another version."""
    from magnetar.cache.backends.sqlite_file import APPLICATION_ID, VERSION
    from magnetar.search.database import SCHEMA_VERSION

    is_index = path.name == "workspace.db"
    ((owner,),) = db.execute("PRAGMA application_id").fetchall()
    ((version,),) = db.execute("PRAGMA user_version").fetchall()
    ((tables,),) = db.execute("SELECT count(*) FROM sqlite_master").fetchall()
    if not tables:
        return None  # it was just made
    if not is_index and owner != APPLICATION_ID:
        return _Trouble("it belongs to another program", _FOREIGN)
    right = SCHEMA_VERSION if is_index else VERSION
    if version != right:
        return _Trouble(f"it is of version {version}, not {right}", _OUTDATED, serious=False)
    return None


# -- logs --------------------------------------------------------------------------------------------------------------


def logs(site: Site) -> Verdict:
    """Logs can be written."""
    directory = log_directory(site.cache_dir)
    try:
        with tempfile.TemporaryFile(prefix=".magnetar-", dir=nearest(directory)):
            pass
    except OSError as error:
        remedy = f"Make it a directory that you can write. Until then, logs go to stderr alone. {_ELSEWHERE}"
        return warn(f"No log can be written in {directory}: {error.strerror}.", remedy)
    return ok(f"Logs are in {directory}.")
