"""What a document is called in a folder, and that nothing outside has a name there."""

from __future__ import annotations

import os
from pathlib import Path, PurePath


def relative_path(root: Path, path: Path, real_root: Path | None = None) -> str | None:
    """A path as the workspace names it; None where it lies outside, whatever `..` or links say.

    Args:
        root: The folder, as it is called by whoever opened it.
        path: Any absolute path.
        real_root: The folder's real path, where that is known already.
    """
    if (name := _name(root, path)) is not None:
        return name
    real_root = real_root or Path(os.path.realpath(root))
    if on_another_host(path, real_root):
        return None
    return _name(real_root, Path(os.path.realpath(path.parent), path.name))


def on_another_host(path: PurePath, root: PurePath) -> bool:
    """Whether a path names a network share of Windows' that is not the folder's own.

    Such a path is not even looked at, for Windows then signs in to whoever offers the share.
    """
    return path.drive.startswith("\\\\") and path.drive.lower() != root.drive.lower()


def _name(root: Path, path: Path) -> str | None:
    if not path.is_relative_to(root):
        return None
    relative = path.relative_to(root)
    return relative.as_posix() if relative.parts and ".." not in relative.parts else None
