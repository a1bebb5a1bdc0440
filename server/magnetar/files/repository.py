"""A git repository on disk: where its own files lie, found without git, and what it tracks, asked of git."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from attrs import define, field, frozen

from magnetar.files.fingerprint import Fingerprint
from magnetar.files.git import Git, GitFailed
from magnetar.files.read import read_small

_MOST_BYTES = 8_192
"""Of the files that hold the path of a directory."""


@frozen
class GitDirectory:
    """Where a working tree keeps its own state, and where all working trees of the repository keep what they share."""

    own: Path
    common: Path

    @classmethod
    def of(cls, worktree: Path) -> GitDirectory | None:
        """The git directory of a working tree, by its `.git` folder or file; None where `worktree` is not the top of one."""
        own = worktree / ".git"
        if os.path.isfile(own):
            own = worktree / _first_line(own).removeprefix("gitdir:").strip()
        if not os.path.isfile(own / "HEAD"):
            return None
        return cls(own, own / (_first_line(own / "commondir") or "."))


def _first_line(path: Path) -> str:
    written = read_small(path, _MOST_BYTES, follow=True) or b""
    return os.fsdecode(written.partition(b"\n")[0]).rstrip("\r")


@frozen
class _Tracked:
    """What the index held when it had this fingerprint."""

    index: Fingerprint | None = None
    files: frozenset[str] = frozenset()
    directories: frozenset[str] = frozenset()


@define(eq=False)
class Repository:
    """A repository that a folder lies in, or that lies in the folder, for what it tracks there."""

    prefix: str
    """Where it starts below the folder, with a `/` at its end; empty where the folder lies in it."""
    directory: GitDirectory
    git: Git
    _tracked: _Tracked = field(factory=_Tracked)

    def tracked(self) -> frozenset[str]:
        """Paths below the folder that git tracks; submodules are among them, as one path each."""
        return self._current().files

    def tracks(self, relative: str) -> bool:
        """Whether git tracks this path of the folder, or anything below it."""
        current = self._current()
        return relative in current.files or relative in current.directories

    def _current(self) -> _Tracked:
        index = Fingerprint.at(self.directory.own / "index", follow=True)
        if index != self._tracked.index:
            files = frozenset(self.prefix + path for path in self._listed()) if index else frozenset()
            directories = frozenset(parent for path in files for parent in _parents(path))
            self._tracked = _Tracked(index, files, directories)
        return self._tracked

    def _listed(self) -> list[str]:
        try:
            return self.git.tracked()
        except GitFailed:  # a damaged index: the rules alone decide
            return []


def _parents(path: str) -> Iterator[str]:
    at = path.rfind("/")
    while at > 0:
        yield path[:at]
        at = path.rfind("/", 0, at)
