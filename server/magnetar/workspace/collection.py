"""Keeping the cache directory within its bounds: what is kept of folders that nobody opens any more is removed.

That is: what was not used for long, sooner where the folder itself is gone, and at once where room is needed. What was learned
of a folder that is still there is worth more than room; so is what a process has open, as its indexing lease tells. The values
in `content.db` are kept within limits by the cache.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from attrs import frozen
from filelock import FileLock, Timeout

from magnetar.cache.places import make_directory
from magnetar.workspace.lease import Lease

log = logging.getLogger(__name__)

_DAY = 86_400.0
_UNUSED_SECONDS = 90 * _DAY
_GONE_SECONDS = 30 * _DAY
"""A folder that is away may come back, with the disk that it is on."""
_OPENING_SECONDS = 600.0
"""What was used so lately may be about to be opened."""
_NOTE = "folder"
_IDENTITY = re.compile(r"[0-9a-f]{16}")


@frozen
class _Kept:
    """What is kept of one folder."""

    directory: Path
    size: int
    last_used: float
    is_gone: bool


def note_use(directory: Path, root: Path) -> None:
    """Notes which folder's database lies in a directory, and that it is in use now; before it is opened, so that it stays."""
    note = directory / _NOTE
    with suppress(OSError):
        make_directory(directory)
        note.touch(mode=0o600)
        note.write_bytes(os.fsencode(root))


def collect(cache: Path, most_bytes: int, now: float) -> int:
    """Removes what no folder uses; of how many folders.

    Args:
        cache: The directory that holds `content.db` and `workspaces`.
        most_bytes: What all of it together may take.
        now: Seconds since the epoch.
    """
    kept = list(_all_kept(cache / "workspaces"))
    total = sum(one.size for one in kept)
    content = sum(map(_size, cache.glob("content.db*")))  # journal and all, it may take more than its share for a while
    most = max(most_bytes // 4, most_bytes - content)
    removed = 0
    for one in sorted(kept, key=lambda one: one.last_used):
        unused = now - one.last_used
        outlived = unused > (_GONE_SECONDS if one.is_gone else _UNUSED_SECONDS)
        in_the_way = one.is_gone and total > most and unused > _OPENING_SECONDS
        if (outlived or in_the_way) and _remove(one):
            total -= one.size
            removed += 1
    return removed


def _all_kept(workspaces: Path) -> Iterator[_Kept]:
    for directory in workspaces.iterdir() if workspaces.is_dir() else ():
        files = _files(directory)
        if files and _IDENTITY.fullmatch(directory.name):
            yield _Kept(directory, sum(map(_size, files)), _last_used(directory), _is_gone(directory / _NOTE))


def _files(directory: Path) -> list[Path]:
    """What may be removed. Lock files stay, empty: whoever waits for one has to find the same one again."""
    return [path for pattern in ("workspace.db*", "model-*.json") for path in directory.glob(pattern)]


def _last_used(directory: Path) -> float:
    return max(map(_modified, (*_files(directory), directory / _NOTE)))


def _is_gone(note: Path) -> bool:
    try:
        return not Path(os.fsdecode(note.read_bytes())).is_dir()
    except (OSError, ValueError):
        return False


def _remove(one: _Kept) -> bool:
    """Whether it could be removed: nobody has it open, is opening it, or has used it since it was looked at."""
    lease = Lease(one.directory / "index.lock")
    if not lease.acquire():
        return False
    try:
        with FileLock(one.directory / "opening.lock", timeout=0, mode=0o600):
            if _last_used(one.directory) != one.last_used:
                return False
            for path in (*_files(one.directory), one.directory / _NOTE):
                path.unlink(missing_ok=True)
    except (OSError, Timeout) as error:
        log.warning("What is kept in %s cannot be removed: %s", one.directory, error)
        return False
    finally:
        lease.release()
    return True


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
