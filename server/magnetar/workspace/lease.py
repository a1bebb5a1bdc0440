"""The indexing lease: of several processes on one folder, one at a time writes its index.

An operating system file lock, so it dies with its holder. A process without it answers all the same, from the index the
holder writes and from what it reads itself.
"""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout


class Lease:
    """Held from a successful `acquire` until `release`."""

    def __init__(self, path: Path) -> None:
        """Names the lock file; its folder must exist by the time of `acquire`."""
        self._lock = FileLock(path, mode=0o600, thread_local=False)

    def acquire(self) -> bool:
        """Takes the lease if nobody holds it; whether it is held now."""
        try:
            self._lock.acquire(blocking=False)
        except (Timeout, OSError):
            return False
        return True

    def release(self) -> None:
        """Gives the lease up."""
        self._lock.release(force=True)
