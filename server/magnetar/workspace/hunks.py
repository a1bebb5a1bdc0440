"""Where the lines that commits changed stand at HEAD.

`git log` tells each hunk in the coordinates of its own commit. Going back from HEAD, one `LineMap` per file keeps, for
every line of the version reached so far, the line of HEAD it became or stood beside last; each hunk is located by it
and then undone in it. No blob is read: lines that no hunk has reached are known by their offset alone.

Left out: running git, and what a hunk is worth.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Iterator

from attrs import frozen

from magnetar.workspace.history_log import Delta, LoggedCommit, RawHunk

MOST_FILES = 40
"""Commits touching more shift lines, but say nothing about what belongs together."""
_LONGEST_HUNK = 150
"""In lines; longer ones say nothing about where in a file work clusters."""
_LONGEST_FILE = 100_000
"""In lines; beyond that a file is given up, so that a map's size stays bounded."""


@frozen
class Located:
    """What one first-parent commit did to the files of HEAD; nothing where it touched more than `MOST_FILES`."""

    files: tuple[bytes, ...]
    """Those it touched, by their paths at HEAD."""
    hunks: tuple[tuple[bytes, int, int], ...]
    """Path at HEAD, first line from zero, line after the last."""


def locate(commits: Iterable[LoggedCommit], head: Container[bytes]) -> Iterator[Located]:
    """Follows the files of HEAD back through first-parent commits, newest first, one answer for each."""
    names = _Names(head)
    maps: dict[bytes, LineMap] = {}
    for commit in commits:
        touched = [(path, delta) for delta in commit.deltas if (path := names.at_head(delta.new)) is not None]
        spans = [
            (path, start, end)
            for path, delta in touched
            for start, end in maps.setdefault(path, LineMap()).undo(delta.hunks)
            if end - start <= _LONGEST_HUNK
        ]
        names.undo(commit.deltas)
        files = tuple(path for path, _ in touched)
        yield Located((), ()) if len(files) > MOST_FILES else Located(files, tuple(spans))


class LineMap:
    """For each line of an older version of a file, the line of HEAD it became or stood beside last; all from zero."""

    def __init__(self) -> None:
        self._lines = array("i")
        self._offset = 0
        """Line at HEAD minus own line, for the lines behind those listed."""
        self._given_up = False

    def undo(self, hunks: Iterable[RawHunk]) -> list[tuple[int, int]]:
        """Goes back over one commit's hunks, in file order; gives the lines of HEAD, from and up to, each stands at."""
        spans = []
        for hunk in reversed(tuple(hunks)):  # the last first: then the numbers of those before stay true
            if hunk.new_start + hunk.new_count > _LONGEST_FILE:
                self._given_up, self._lines = True, array("i")
            if self._given_up:
                break
            spans.append(self._undo(hunk))
        return spans[::-1]

    def _undo(self, hunk: RawHunk) -> tuple[int, int]:
        first = hunk.new_start - 1 if hunk.new_count else hunk.new_start
        after = first + hunk.new_count
        self._list(max(after, 1))
        if hunk.new_count:
            start, last = self._lines[first], self._lines[after - 1]
        else:  # beside the line before, and at the top beside whatever has come to stand before the first
            start = last = self._lines[first - 1] if first else max(self._lines[0] - 1, 0)
        old = hunk.old_count
        self._lines[first:after] = array("i", [start + (last - start) * line // old for line in range(old)])
        self._offset += hunk.new_count - old
        return start, last + 1

    def _list(self, count: int) -> None:
        known = len(self._lines)
        if known < count:
            self._lines.extend(range(known + self._offset, count + self._offset))


class _Names:
    """What the files of an older version are called at HEAD, on a line of commits that is walked backwards."""

    def __init__(self, head: Container[bytes]) -> None:
        self._head = head
        self._at_head: dict[bytes, bytes | None] = {}
        """Where it differs from the name itself; None for a file that is another one, or none, at HEAD."""

    def at_head(self, path: bytes) -> bytes | None:
        return self._at_head.get(path, path if path in self._head else None)

    def undo(self, deltas: Iterable[Delta]) -> None:
        renamed = {delta.old: self.at_head(delta.new) for delta in deltas if delta.status == "R"}
        ended = {delta.new: None for delta in deltas if delta.status != "M"}
        self._at_head.update(ended)
        self._at_head.update(renamed)
