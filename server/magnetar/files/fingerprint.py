"""What tells that a file changed, without reading it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from attrs import frozen

_GRANULARITY_NS = 20_000_000
"""Twice the coarsest tick (10 ms) that Linux, macOS and Windows stamp files with."""
_COARSE_GRANULARITY_NS = 4_000_000_000
"""The same for file systems that keep whole seconds (FAT: two of them)."""
_MOST_NS = 2**63 - 1
"""What a database can hold: the year 2262, or as far before 1970."""


@frozen
class Fingerprint:
    """A file's times, size and identity; any write changes one of them, if not within one tick of the clock."""

    mtime_ns: int
    ctime_ns: int
    size: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Fingerprint:
        """The fingerprint in a `stat` result."""
        return cls(_bounded(status.st_mtime_ns), _bounded(status.st_ctime_ns), status.st_size, status.st_ino)

    @classmethod
    def at(cls, path: Path | str, *, follow: bool = False) -> Fingerprint | None:
        """The fingerprint of a regular file on disk; None where there is none (a link is none, unless followed)."""
        try:
            status = os.stat(path, follow_symlinks=follow)  # noqa: PTH116 - called for every file; a Path costs more
        except (OSError, ValueError):
            return None
        return cls.of(status) if stat.S_ISREG(status.st_mode) else None

    def racy(self, read_at_ns: int) -> bool:
        """Whether the file may have changed after a read begun then (by `time.time_ns`) with this fingerprint unchanged.

        Git calls this racily clean. Where there is a change time (everywhere but on Windows) it is what counts: unlike
        the modification time, no program can put it back.
        """
        changed = self.mtime_ns if os.name == "nt" else self.ctime_ns
        whole_seconds = changed % 1_000_000_000 == 0
        return changed + (_COARSE_GRANULARITY_NS if whole_seconds else _GRANULARITY_NS) >= read_at_ns


def _bounded(moment_ns: int) -> int:
    """A file system may know centuries that a database does not; no two moments there need be told apart."""
    return moment_ns if -_MOST_NS <= moment_ns <= _MOST_NS else _MOST_NS if moment_ns > 0 else -_MOST_NS
