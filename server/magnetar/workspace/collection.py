"""Keeping the cache directory within its bounds: what is kept of folders that nobody has open is removed.

That is: what was not used for long, sooner where the folder itself is gone, and where room is needed, used least recently first:
of all such folders what can be found again on disk, and only then what was learned. What a process has open is never touched,
as its locks tell. The values in `content.db` are kept within limits by the cache.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import frozen

from magnetar.cache.places import make_directory
from magnetar.errors import BackendUnavailable
from magnetar.search.database import SPOILT
from magnetar.search.reduction import reduce, remove
from magnetar.workspace.lease import Lease

log = logging.getLogger(__name__)

_DAY = 86_400.0
_UNUSED_SECONDS = 90 * _DAY
_GONE_SECONDS = 30 * _DAY
"""A folder that is away may come back, with the disk that it is on."""
_OPENING_SECONDS = 60.0
"""What was used so lately may be about to be opened."""
_NOTE = "folder"
_DATABASE = "workspace.db"
_LEARNED = ("model-*.json", ".model-*")
_IDENTITY = re.compile(r"[0-9a-f]{16}")


@frozen
class _Kept:
    """What is kept of one folder."""

    directory: Path
    size: int
    last_used: float

    @property
    def is_gone(self) -> bool:
        """Whether the folder itself is not there any more; asks the disk."""
        try:
            return not Path(os.fsdecode((self.directory / _NOTE).read_bytes())).is_dir()
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


def bytes_kept(cache: Path) -> int:
    """What the databases in a cache directory take on disk, with their logs and what was learned."""
    return _size(cache.glob("content.*")) + sum(one.size for one in _all_kept(cache))


class Collection:
    """One process's; several may be at work on one directory at once."""

    def __init__(self, cache: Path) -> None:
        """Takes the directory that holds `content.db` and `workspaces`."""
        self.cache = cache
        self._told = False

    async def collect(self, most_bytes: int, now: float) -> None:
        """Removes what no folder uses; where what is in use is too much by itself, says so in the log, once.

        Args:
            most_bytes: What all databases together may take.
            now: Seconds since the epoch.
        """
        surplus = await self._collected(most_bytes, now)
        if surplus > 0 and not self._told:
            log.warning(
                "The databases in %s take %.1f MB more than the %.1f MB of magnetar.cache.diskMaxBytes: "
                "what is in use is never removed. Raise that limit, or open fewer folders at once.",
                self.cache,
                surplus / 1024**2,
                most_bytes / 1024**2,
            )
        self._told = surplus > 0

    async def _collected(self, most_bytes: int, now: float) -> int:
        """By how many bytes what is left is too much."""
        for one in await asyncio.to_thread(self._outlived, now):
            await _remove(one)
        surplus = await asyncio.to_thread(bytes_kept, self.cache) - most_bytes
        if surplus > 0:
            surplus -= await asyncio.to_thread(self._remove_spoilt)
            for one in await asyncio.to_thread(self._least_recent):
                surplus -= await _reduce(one) if surplus > 0 else 0
            for one in await asyncio.to_thread(self._least_recent) if surplus > 0 else ():
                if surplus > 0 and now - one.last_used > _OPENING_SECONDS:
                    surplus -= await _remove(one)
        return surplus

    def _outlived(self, now: float) -> list[_Kept]:
        return [one for one in _all_kept(self.cache) if one.outlived(now)]

    def _least_recent(self) -> list[_Kept]:
        return sorted(_all_kept(self.cache), key=lambda one: one.last_used)

    def _remove_spoilt(self) -> int:
        """Removes databases that were moved aside because they were damaged; how many bytes that were."""
        spoilt = [*self.cache.glob("content.db.corrupt"), *self.cache.glob(f"workspaces/*/{_DATABASE}{SPOILT}")]
        size = _size(spoilt)
        for path in spoilt:
            with suppress(OSError):
                path.unlink()
        return size - _size(spoilt)


def _all_kept(cache: Path) -> Iterator[_Kept]:
    workspaces = cache / "workspaces"
    for directory in workspaces.iterdir() if workspaces.is_dir() else ():
        files = _files(directory)
        if files and _IDENTITY.fullmatch(directory.name):
            yield _Kept(directory, _size(files), _last_used(directory))


def _files(directory: Path) -> list[Path]:
    """What may be removed. Lock files stay, empty: whoever waits for one has to find the same one again."""
    return [path for pattern in (f"{_DATABASE}*", *_LEARNED) for path in directory.glob(pattern)]


def _last_used(directory: Path) -> float:
    return max(map(_modified, (*_files(directory), directory / _NOTE)))


async def _reduce(one: _Kept) -> int:
    """Gives up what can be found again, if no process has the folder open; how many bytes that were."""
    database = one.directory / _DATABASE
    with _unused(one) as is_unused:
        if is_unused:
            await reduce(database)
            os.utime(database, (one.last_used, one.last_used))
    return one.size - _size(_files(one.directory))


async def _remove(one: _Kept) -> int:
    """Removes everything, if no process has the folder open; how many bytes that were."""
    with _unused(one) as is_unused:
        if is_unused:
            await remove(one.directory / _DATABASE)
            for path in (*_files(one.directory), one.directory / _NOTE):
                path.unlink(missing_ok=True)
    return one.size - _size(_files(one.directory))


@contextmanager
def _unused(one: _Kept) -> Iterator[bool]:
    """Whether nobody writes its index, or has used it since it was looked at; what fails within is left for the next time."""
    lease = Lease(one.directory / "index.lock")
    if not lease.acquire():
        yield False
        return
    try:
        yield _last_used(one.directory) == one.last_used
    except (OSError, BackendUnavailable) as error:
        log.info("What is kept in %s stays: %s", one.directory, error)
    finally:
        lease.release()


def _size(paths: Iterable[Path]) -> int:
    return sum(map(_bytes, paths))


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
