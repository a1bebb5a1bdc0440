"""Keeping the cache directory within its bounds: what is kept of folders that nobody has open is given up.

That is all of it, where it was not used for long, sooner where the folder itself is gone, and at once where room is needed; of a
folder that is still there, room takes the index, which is found again on disk, and never what was learned. What a process has
open is left alone, as its indexing lease tells. The values in `content.db` are kept within limits by the cache.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR

from attrs import frozen
from filelock import FileLock, Timeout

from magnetar.cache.places import make_directory
from magnetar.errors import BackendUnavailable
from magnetar.search.database import SPOILT
from magnetar.search.emptying import give_up_index
from magnetar.workspace.lease import Lease

log = logging.getLogger(__name__)

_DAY = 86_400.0
_UNUSED_SECONDS = 90 * _DAY
_GONE_SECONDS = 30 * _DAY
"""A folder that is away may come back, with the disk that it is on."""
_OPENING_SECONDS = 600.0
"""What was used so lately may be about to be opened."""
_NOTE = "folder"
_DATABASE = "workspace.db"
_SPOILT_CONTENTS = "content.db.corrupt"
_IDENTITY = re.compile(r"[0-9a-f]{16}")


@frozen
class _Kept:
    """What is kept of one folder."""

    directory: Path
    size: int
    last_used: float

    @property
    def is_gone(self) -> bool:
        """Whether the folder itself is not there, as also where its drive was taken out; asks the disk that it is on."""
        try:
            root = Path(os.fsdecode((self.directory / _NOTE).read_bytes()))
        except OSError:
            return False
        try:
            return not S_ISDIR(root.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return True
        except (OSError, ValueError):
            return False

    def outlived(self, now: float) -> bool:
        """Whether it was not used for so long that nobody will miss it."""
        unused = now - self.last_used
        return unused > _UNUSED_SECONDS or (unused > _GONE_SECONDS and self.is_gone)


def note_use(directory: Path, root: Path) -> None:
    """Notes which folder's database lies in a directory, and that it is in use now; before it is opened, so that it stays."""
    note = directory / _NOTE
    with suppress(OSError):
        make_directory(directory)
        note.touch(mode=0o600)
        note.write_bytes(os.fsencode(root))


def note_end(directory: Path) -> None:
    """Notes that a folder was in use until now."""
    with suppress(OSError):
        os.utime(directory / _NOTE)


def collect(cache: Path, most_bytes: int, now: float) -> int:
    """Gives up what no process uses; of how many folders. Nothing where another process or folder is just about it.

    Args:
        cache: The directory that holds `content.db` and `workspaces`.
        most_bytes: What all of it together may take.
        now: Seconds since the epoch.
    """
    turn = Lease(cache / "collecting.lock")
    if not turn.acquire():
        return 0
    try:
        return _collect(cache, most_bytes, now)
    finally:
        turn.release()


def _collect(cache: Path, most_bytes: int, now: float) -> int:
    kept = sorted(_all_kept(cache), key=lambda one: one.last_used)
    outlived = [one for one in kept if one.outlived(now)]
    freed = [_freed(one, _remove) for one in outlived]
    surplus = _surplus(cache, most_bytes)
    if surplus > 0:
        with suppress(OSError):
            (cache / _SPOILT_CONTENTS).unlink()
        surplus = _surplus(cache, most_bytes)
    unused = [one for one in kept if one not in outlived and now - one.last_used > _OPENING_SECONDS]
    for one in sorted(unused, key=lambda one: not one.is_gone) if surplus > 0 else ():
        if surplus > 0:
            freed.append(_freed(one, _remove if one.is_gone else _give_up_index))
            surplus -= freed[-1]
    return sum(map(bool, freed))


def _surplus(cache: Path, most_bytes: int) -> int:
    """By how much the folders' share is too small for them; contents, journal and all, may take more than theirs for a while."""
    share = max(most_bytes // 4, most_bytes - _content_bytes(cache))
    return sum(one.size for one in _all_kept(cache)) - share


def bytes_kept(cache: Path) -> int:
    """What the databases in a cache directory take, with their logs and what was learned."""
    return _content_bytes(cache) + sum(one.size for one in _all_kept(cache))


def _content_bytes(cache: Path) -> int:
    return sum(map(_size, cache.glob("content.db*")))


def _all_kept(cache: Path) -> Iterator[_Kept]:
    workspaces = cache / "workspaces"
    for directory in workspaces.iterdir() if workspaces.is_dir() else ():
        files = _files(directory)
        if files and _IDENTITY.fullmatch(directory.name):
            yield _Kept(directory, _bytes_of(directory), _last_used(directory))


def _files(directory: Path) -> list[Path]:
    """What may be removed. Lock files stay, empty: whoever waits for one has to find the same one again."""
    return [path for pattern in (f"{_DATABASE}*", "model-*.json") for path in directory.glob(pattern)]


def _last_used(directory: Path) -> float:
    return max(map(_modified, (*_files(directory), directory / _NOTE)))


def _freed(one: _Kept, give_up: Callable[[_Kept], None]) -> int:
    """How many bytes were given up: none where somebody has it open, is opening it, or has used it since it was looked at."""
    lease = Lease(one.directory / "index.lock")
    if not lease.acquire():
        return 0
    try:
        with FileLock(one.directory / "opening.lock", timeout=0, mode=0o600):
            if _last_used(one.directory) == one.last_used:
                give_up(one)
    except (OSError, Timeout, BackendUnavailable) as error:
        log.info("What is kept in %s stays: %s", one.directory, error)
    finally:
        lease.release()
    return max(0, one.size - _bytes_of(one.directory))


def _remove(one: _Kept) -> None:
    for path in (*_files(one.directory), one.directory / _NOTE):
        path.unlink(missing_ok=True)


def _give_up_index(one: _Kept) -> None:
    database = one.directory / _DATABASE
    database.with_name(_DATABASE + SPOILT).unlink(missing_ok=True)
    if database.exists():
        try:
            give_up_index(database)
        finally:
            os.utime(database, (one.last_used, one.last_used))  # nobody used it


def _bytes_of(directory: Path) -> int:
    return sum(map(_size, _files(directory)))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
