"""Where git keeps what it knows about a folder, and what it means when that changes; without running git.

Left out: bare repositories and everything that GIT_* variables could redirect.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path

from attrs import field, frozen

from magnetar.files.read import read_small

_MOST_BYTES = 4 << 20


@frozen
class GitLayout:
    """The directories of one working tree."""

    top: Path
    """The top of the working tree."""
    own: Path
    """What belongs to this working tree alone: HEAD and the index."""
    common: Path
    """What all working trees of the repository share: branches and settings."""

    def shallow_ends(self) -> frozenset[str]:
        """The commits whose parents a shallow clone left out."""
        return frozenset(_read(self.common / "shallow").split())

    def is_partial(self) -> bool:
        """Whether the contents of old files may have stayed where the repository was cloned from."""
        return "promisor" in _read(self.common / "config")


class GitChange(Enum):
    """What a change of one of git's files means."""

    HEAD = "head"
    """Other files may be tracked, or be at another commit."""
    IGNORE = "ignore"
    """Other files may be ignored."""


@frozen
class GitFiles:
    """The files whose changes concern a folder though they do not lie among its own."""

    folder: Path
    layout: GitLayout | None = field(init=False)

    @layout.default
    def _find(self) -> GitLayout | None:
        return find_git(self.folder)

    def directories(self) -> Iterator[Path]:
        """Where they lie; for a folder that is in no repository, where they would."""
        if self.layout is None:
            yield self.folder / ".git"
            return
        yield self.layout.own
        yield self.layout.common
        yield self.layout.common / "info"
        yield self.layout.common / "reftable"
        yield from (Path(path) for path, _, _ in os.walk(self.layout.common / "refs" / "heads"))
        yield from self._above()

    def meaning(self, path: Path) -> GitChange | None:
        """What a change of this file means, if anything."""
        layout = self.layout
        if layout is None or path.suffix == ".lock":
            return None
        if path in {layout.own / "HEAD", layout.own / "index", layout.common / "packed-refs"}:
            return GitChange.HEAD
        if {layout.common / "refs" / "heads", layout.common / "reftable"} & {*path.parents}:
            return GitChange.HEAD
        if path == layout.common / "info" / "exclude" or (path.name == ".gitignore" and path.parent in self._above()):
            return GitChange.IGNORE
        return None

    def _above(self) -> Sequence[Path]:
        """Directories above the folder whose `.gitignore` holds for it."""
        if self.layout is None or self.layout.top == self.folder:
            return ()
        parents = self.folder.parents
        return parents[: parents.index(self.layout.top) + 1]


def find_git(folder: Path) -> GitLayout | None:
    """The working tree a folder lies in, if any."""
    for top in (folder, *folder.parents):
        own = _git_directory(top / ".git")
        if own is not None:
            pointer = _read(own / "commondir")
            return GitLayout(top, own, (own / pointer).resolve() if pointer else own)
    return None


def _git_directory(entry: Path) -> Path | None:
    """A `.git` directory, or the one that a `.git` file of a linked working tree or submodule names."""
    if _is_git_directory(entry):
        return entry
    label, _, named = _read(entry).partition(": ")
    directory = entry.parent / named
    return directory if label == "gitdir" and _is_git_directory(directory) else None


def _is_git_directory(path: Path) -> bool:
    return os.path.isfile(path / "HEAD")


def _read(path: Path) -> str:
    """A small file without its last line's end; empty where it is no file, no text, or cannot be read."""
    written = read_small(path, _MOST_BYTES, follow=True) or b""
    text = written.decode("utf-8", "surrogateescape").replace("\r\n", "\n").rstrip("\n")
    return "" if "\0" in text else text
