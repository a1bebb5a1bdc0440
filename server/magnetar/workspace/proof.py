"""What shows, for the price of a few system calls, that documents are still what was read of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from attrs import frozen

from magnetar.files.fingerprint import Fingerprint
from magnetar.workspace.buffers import Buffer, Buffers


@frozen(eq=False)
class Proof:
    """Buffers that must still be the open ones, and files that must have kept their fingerprints.

    A fingerprint proves nothing while the file may have changed within the clock's granularity of its last read; of such
    files no proof is made.
    """

    buffers: tuple[tuple[str, Buffer | None], ...]
    """Relative path to the buffer, or to None where none may be open."""
    files: tuple[tuple[str, tuple[int, int, int, int]], ...]
    """Absolute path to (mtime_ns, ctime_ns, size, inode)."""
    folders: tuple[str, ...]
    """Absolute paths of the folders they are in, which must be folders and no links."""

    @classmethod
    def of(cls, root: Path, buffers: Iterable[tuple[str, Buffer]], files: Iterable[tuple[str, Fingerprint]]) -> Proof:
        """A proof for documents of one folder, by paths relative to it."""
        stamps = dict(files)
        folders = {parent for path in stamps for parent in PurePosixPath(path).parents if parent.name}
        return cls(
            (*buffers, *((path, None) for path in stamps)),
            tuple(
                (str(root / path), (one.mtime_ns, one.ctime_ns, one.size, one.inode)) for path, one in stamps.items()
            ),
            tuple(sorted(str(root / folder) for folder in folders)),
        )

    def holds(self, buffers: Buffers) -> bool:
        """Whether all of it is so at this moment."""
        if any(buffers.get(path) is not buffer for path, buffer in self.buffers):
            return False
        lstat, is_dir, is_file = os.lstat, stat.S_ISDIR, stat.S_ISREG
        try:
            if not all(is_dir(lstat(folder).st_mode) for folder in self.folders):
                return False
            for path, stamp in self.files:
                now = lstat(path)
                if (now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino) != stamp or not is_file(now.st_mode):
                    return False
        except OSError:
            return False
        return True
