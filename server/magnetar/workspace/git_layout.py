"""Where git keeps what it knows about a folder: found by reading, without running git.

Left out: bare repositories and everything that GIT_* variables could redirect.
"""

from __future__ import annotations

from pathlib import Path

from attrs import frozen


@frozen
class GitLayout:
    """The directories of one working tree."""

    top: Path
    """The top of the working tree."""
    own: Path
    """What belongs to this working tree alone: HEAD and the index."""
    common: Path
    """What all working trees of the repository share: branches and settings."""


def find_git(folder: Path) -> GitLayout | None:
    """The working tree a folder lies in, if any."""
    for top in (folder, *folder.parents):
        own = _git_directory(top / ".git")
        if own is not None:
            pointer = _read_line(own / "commondir")
            return GitLayout(top, own, own / pointer if pointer else own)
    return None


def _git_directory(entry: Path) -> Path | None:
    """A `.git` directory, or the one that a `.git` file of a linked working tree or submodule names."""
    if (entry / "HEAD").is_file():
        return entry
    label, _, named = _read_line(entry).partition(": ")
    directory = entry.parent / named
    return directory if label == "gitdir" and (directory / "HEAD").is_file() else None


def _read_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").rstrip("\n")
    except OSError:
        return ""
