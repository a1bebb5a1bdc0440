"""What directories hold, each listing with the fingerprint that its directory had: it changes when an entry comes or goes."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from pathlib import Path
from typing import Any

from attrs import frozen

from magnetar.cache.keys import directory_key
from magnetar.cache.kinds.blobs import BlobStore, read_json, write_json
from magnetar.config import TtlSettings
from magnetar.files.fingerprint import Fingerprint
from magnetar.files.kinds import is_unicode


@frozen
class DirectoryEntry:
    """One name in a directory."""

    name: str
    is_directory: bool
    """Whether it is one itself; a link to one is none."""


class DirectoryListings:
    """The listings that a cache holds."""

    def __init__(self, blobs: BlobStore, ttl: int = TtlSettings().file) -> None:
        """Keeps listings for `ttl` seconds each."""
        self._blobs = blobs
        self._ttl = ttl

    async def list(self, directory: Path) -> tuple[DirectoryEntry, ...]:
        """What a directory holds at this moment, by name: from the cache while that is current, else from the disk.

        Raises:
            OSError: it cannot be listed.
        """
        key = directory_key(directory)
        stamp = await asyncio.to_thread(_fingerprint, directory)
        stored = read_json((await self._blobs.get_blobs([key], hot=True)).get(key))
        entries = _entries(stored, stamp)
        if entries is None:
            read_ns = time.time_ns()
            entries = await asyncio.to_thread(_listed, directory)
            if all(is_unicode(one.name) for one in entries):  # JSON has no place for other names
                rows = [[one.name, one.is_directory] for one in entries]
                await self._blobs.set_blobs({key: write_json([_numbers(stamp), read_ns, rows])}, self._ttl, hot=True)
        return entries


def _fingerprint(directory: Path) -> Fingerprint:
    status = directory.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(f"{directory} is no directory")
    return Fingerprint.of(status)


def _listed(directory: Path) -> tuple[DirectoryEntry, ...]:
    with os.scandir(directory) as entries:
        found = [DirectoryEntry(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    return tuple(sorted(found, key=lambda entry: entry.name))


def _numbers(stamp: Fingerprint) -> list[int]:
    return [stamp.mtime_ns, stamp.ctime_ns, stamp.size, stamp.inode]


def _entries(stored: Any, stamp: Fingerprint) -> tuple[DirectoryEntry, ...] | None:
    """The entries of a stored listing, if they were read while the directory had this fingerprint."""
    try:
        numbers, read_ns, rows = stored
        if numbers != _numbers(stamp) or stamp.racy(int(read_ns)):
            return None
        return tuple(DirectoryEntry(str(name), bool(is_directory)) for name, is_directory in rows)
    except (ValueError, TypeError):
        return None
