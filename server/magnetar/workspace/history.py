"""What the git history up to HEAD says about files: which change together, why, and where in a file change clusters."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen
class Commit:
    """One non-merge commit, newest first; paths are as they are called at HEAD."""

    files: tuple[str, ...]
    """Files it touched that exist at HEAD; empty where it touched more than forty."""
    touched: int
    """How many files it touched in all."""
    message: str
    """Its message, at most 600 characters."""
    mainline: int
    """Index (0 = HEAD) of the first-parent commit that brought it in."""


@frozen
class Hunk:
    """Lines of the file at HEAD that a first-parent commit last changed or stands beside."""

    mainline: int
    start: int
    """First line, zero-based."""
    end: int
    """Line after the last."""


@frozen
class History:
    """The newest part of a history, as of one HEAD."""

    head: str
    commits: tuple[Commit, ...]
    by_file: Mapping[str, tuple[int, ...]]
    """Path to indices into `commits`, ascending (newest first)."""
    hunks: Mapping[str, tuple[Hunk, ...]]
    together: Mapping[int, frozenset[str]]
    """Mainline index to the files it touched, for commits of at most forty files."""
