"""The output of `git log`, read as a stream: commits, the files they touched, the hunks.

Everything is split by position, at the NULs of `-z` and at the first byte of a line, so that no file name or message
can be taken for something else. Paths stay bytes, as git stores them. Left out: running git, and what the commits mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from attrs import frozen

LOG_OPTIONS = (
    "-z",
    "--raw",
    "--no-abbrev",
    "--find-renames",
    "-l500",
    "--root",
    "--no-relative",
    "--format=%x01%H%x00%P%x00%B",
)
"""What makes `git log` speak the language read here, whatever the user's configuration says."""
EXACT_RENAMES = "--find-renames=100%"
"""Finds renames without looking into files, where a partial clone has no contents to look into."""
PATCH_OPTIONS = (
    "--patch",
    "--unified=0",
    "--inter-hunk-context=0",
    "--diff-algorithm=myers",
)
"""What adds hunks to it."""

_NEXT_HEADER = re.compile(rb"\n(?=[^-+\\])")
"""The end of a line that is followed by no changed line: by the next hunk, file or commit."""
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@frozen
class RawHunk:
    """Lines of one version replaced by lines of the next; a first line counts from one, and from zero beside no lines."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int


@frozen
class Delta:
    """One file in one commit: git's status letter, its path before and after, and its hunks in file order."""

    status: str
    old: bytes
    new: bytes
    hunks: tuple[RawHunk, ...] = ()


@frozen
class LoggedCommit:
    """One commit as the log tells it."""

    sha: str
    parents: tuple[str, ...]
    message: str
    deltas: tuple[Delta, ...]


def read_log(chunks: Iterable[bytes]) -> Iterator[LoggedCommit]:
    """Reads what `git log` with `LOG_OPTIONS`, and perhaps `PATCH_OPTIONS`, writes; stops where it was cut off."""
    stream = _Stream(chunks)
    while stream.peek() == b"\x01":
        sha, parents, message = (stream.until(b"\0") for _ in range(3))
        deltas = _read_deltas(stream)
        if stream.peek() == b"\0":
            stream.skip(1)
            deltas = _read_patches(stream, deltas)
        if stream.cut_off:
            return
        yield LoggedCommit(
            sha[1:].decode(), tuple(parents.decode().split()), message.decode(errors="replace"), tuple(deltas)
        )


def _read_deltas(stream: _Stream) -> list[Delta]:
    deltas = []
    if stream.peek() == b"\n":
        stream.skip(1)
    while stream.peek() == b":":
        status = stream.until(b"\0").rpartition(b" ")[2][:1].decode()
        old = stream.until(b"\0")
        new = stream.until(b"\0") if status in "RC" else old
        deltas.append(Delta(status, old, new))
    return deltas


def _read_patches(stream: _Stream, deltas: list[Delta]) -> list[Delta]:
    """Gives the deltas their hunks: the patches follow in the same order, a change of type as two of them."""
    owners = [index for index, delta in enumerate(deltas) for _ in range(2 if delta.status == "T" else 1)]
    hunks: list[list[RawHunk]] = [[] for _ in deltas]
    patch = -1
    while (first := stream.peek()) not in (b"", b"\x01"):
        if first == b"@" and 0 <= patch < len(owners):
            hunk = _HUNK.match(stream.line())
            if hunk:
                old_start, old_count, new_start, new_count = (int(number or 1) for number in hunk.groups())
                hunks[owners[patch]].append(RawHunk(old_start, old_count, new_start, new_count))
        elif first == b"d" and stream.line().startswith(b"diff --git "):
            patch += 1
        stream.next_header()
    return [Delta(delta.status, delta.old, delta.new, tuple(found)) for delta, found in zip(deltas, hunks, strict=True)]


class _Stream:
    """Bytes arriving in chunks, looked at piece by piece."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._buffer = b""
        self._at = 0
        self.cut_off = False
        """A piece was asked for that the stream did not hold in full."""

    def peek(self) -> bytes:
        """The next byte, or nothing at the end."""
        while self._at >= len(self._buffer):
            if not self._fill():
                return b""
        return self._buffer[self._at : self._at + 1]

    def skip(self, count: int) -> None:
        """Passes over bytes already seen."""
        self._at += count

    def until(self, delimiter: bytes) -> bytes:
        """The bytes up to the delimiter, which is passed over."""
        searched = self._at
        while (end := self._buffer.find(delimiter, searched)) < 0:
            searched = len(self._buffer) - self._at
            if not self._fill():
                self.cut_off = True
                end = len(self._buffer)
                break
        piece = self._buffer[self._at : end]
        self._at = end + 1
        return piece

    def line(self) -> bytes:
        """The rest of this line; stays before its end."""
        piece = self.until(b"\n")
        self._at -= 1
        return piece

    def next_header(self) -> None:
        """Moves past the changed lines that follow to the next line that is none."""
        while not (found := _NEXT_HEADER.search(self._buffer, self._at)):
            self._at = max(self._at, len(self._buffer) - 1)
            if not self._fill():
                self._at = len(self._buffer)
                return
        self._at = found.end()

    def _fill(self) -> bool:
        chunk = next(self._chunks, b"")
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return bool(chunk)
