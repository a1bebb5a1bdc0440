"""Where a cache lies on disk, and that only its owner may look into it."""

from __future__ import annotations

import os
from pathlib import Path

from magnetar.config import Settings, cache_directory


def default_db_path() -> Path:
    """The library's own database in the cache directory; the server's, with other limits, lies beside it."""
    override = os.environ.get("MAGNETAR_CACHE_DIR")
    return cache_directory(Settings(), Path(override) if override else None) / "v1" / "library.db"


def make_directory(directory: Path) -> None:
    """Makes a directory and those above it, for the owner alone, where they are missing."""
    for each in (*reversed(directory.parents), directory):
        each.mkdir(0o700, exist_ok=True)


def close_to_others(directory: Path) -> None:
    """Makes a directory of ours where it is missing, and takes from others what right they have to it.

    Raises:
        OSError: It cannot be made, or belongs to someone else.
    """
    make_directory(directory)
    if os.name != "nt" and directory.stat().st_mode & 0o077:
        directory.chmod(0o700)
