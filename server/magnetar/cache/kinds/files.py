"""Texts of files, each with what tells that the file has not changed since it was read.

A text is given only for the fingerprint that the file has now, so what was written to it since is never hidden; and only
from this machine, for others could say anything. Which files may be read, and what of them may be shown, is decided before
a text is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from magnetar.cache.keys import file_key
from magnetar.cache.kinds.blobs import BlobStore, read_json, write_json
from magnetar.config import TtlSettings
from magnetar.files.fingerprint import Fingerprint

_MOST_READY: Final = 512


@frozen(eq=False)
class CachedFile:
    """A file's text as it was read; the same object as long as the cache holds the same bytes."""

    text: str
    sha256: str
    """Of the file's bytes, which may hold more than the text shows."""
    fingerprint: Fingerprint
    read_ns: int
    """When reading began, in nanoseconds since the epoch."""


class FileContents:
    """The texts that a cache holds."""

    def __init__(self, blobs: BlobStore, ttl: int = TtlSettings().file) -> None:
        """Keeps texts for `ttl` seconds each."""
        self._blobs = blobs
        self._ttl = ttl
        self._ready: OrderedDict[str, tuple[bytes, CachedFile | None]] = (
            OrderedDict()
        )  # texts by the bytes they came from

    async def current(self, stamps: Mapping[Path, Fingerprint]) -> dict[Path, CachedFile]:
        """The texts of the files that still have the fingerprint they were read with, given those they have now."""
        keys = {path: file_key(path) for path in stamps}
        blobs = await self._blobs.get_blobs(list(keys.values()), hot=True, shared=False) if keys else {}
        found = {}
        for path, stamp in stamps.items():
            file = self._decoded(keys[path], blobs.get(keys[path]))
            if file is not None and file.fingerprint == stamp and not stamp.racy(file.read_ns):
                found[path] = file
        return found

    async def get(self, path: Path) -> CachedFile | None:
        """The text of one file, if it is there and the file has not changed since."""
        stamp = await asyncio.to_thread(Fingerprint.at, path)
        return None if stamp is None else (await self.current({path: stamp})).get(path)

    async def read(self, path: Path) -> CachedFile:
        """One UTF-8 file as it is at this moment: from the cache while that is current, else from the disk, and kept.

        Raises:
            OSError: it cannot be read.
            UnicodeDecodeError: it is no UTF-8 text.
        """
        file = await self.get(path)
        if file is None:
            file = await asyncio.to_thread(_read, path)
            await self.set_many({path: file})
        return file

    async def set_many(self, files: Mapping[Path, CachedFile]) -> int:
        """Keeps texts; how many were stored."""
        blobs = {file_key(path): _encoded(file) for path, file in files.items()}
        return await self._blobs.set_blobs(blobs, self._ttl, hot=True) if blobs else 0

    def _decoded(self, key: str, blob: bytes | None) -> CachedFile | None:
        if blob is None:
            self._ready.pop(key, None)
            return None
        before = self._ready.get(key)
        if before is not None and before[0] is blob:
            return before[1]
        file = _decoded(blob)
        self._ready[key] = blob, file
        self._ready.move_to_end(key)
        if len(self._ready) > _MOST_READY:
            self._ready.popitem(last=False)
        return file


def _read(path: Path) -> CachedFile:
    read_ns = time.time_ns()
    with path.open("rb") as file:
        content = file.read()
        stamp = Fingerprint.of(os.fstat(file.fileno()))
    return CachedFile(content.decode(), hashlib.sha256(content).hexdigest(), stamp, read_ns)


def _encoded(file: CachedFile) -> bytes:
    stamp = file.fingerprint
    return write_json([[stamp.mtime_ns, stamp.ctime_ns, stamp.size, stamp.inode], file.read_ns, file.sha256, file.text])


def _decoded(blob: bytes) -> CachedFile | None:
    try:
        stamp, read_ns, sha256, text = read_json(blob)
        mtime_ns, ctime_ns, size, inode = map(int, stamp)
        return CachedFile(str(text), str(sha256), Fingerprint(mtime_ns, ctime_ns, size, inode), int(read_ns))
    except (ValueError, TypeError):
        return None
