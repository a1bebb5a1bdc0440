"""Lines as the Language Server Protocol counts them: they end at CR LF, LF or CR, and nowhere else."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from attrs import frozen

from magnetar.model import Position, Range

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def split_lines(text: str) -> list[str]:
    """The lines of a text as LSP counts them (CR LF, LF, CR), terminators kept."""
    if "\r" not in text:
        lines = text.split("\n")
        kept = [line + "\n" for line in lines[:-1]]
        return [*kept, lines[-1]] if lines[-1] else kept
    return _LINE.findall(text)


def first_line(text: str) -> str:
    """The first line of a text, cut at 200 characters: what tells a script's language."""
    return text[:200].partition("\n")[0].partition("\r")[0]


def blank_line(line: str) -> str:
    """A line without its text: its terminator alone."""
    return line[len(line.rstrip("\r\n")) :]


@frozen
class SourceLines:
    """The bytes of a source by its lines; columns count bytes."""

    source: bytes
    starts: list[int]

    @classmethod
    def of(cls, source: bytes) -> SourceLines:
        """The lines of a source."""
        starts = list(accumulate(map(len, source.splitlines(keepends=True)), initial=0))
        if len(starts) > 1 and not source.endswith(b"\n"):
            starts.pop()
        return cls(source, starts)

    def text(self, start: int, end: int) -> str:
        """What stands in the bytes [start, end)."""
        return self.source[start:end].decode("utf-8", "replace")

    def position(self, offset: int) -> Position:
        """Where a byte stands."""
        line = bisect_right(self.starts, offset) - 1
        return Position(line, offset - self.starts[line])

    def range(self, start: int, end: int) -> Range:
        """Where the bytes [start, end) stand."""
        return Range(self.position(start), self.position(end))

    def offset(self, position: Position) -> int | None:
        """The byte at a position; None where the source has no such place."""
        line, column = position.line, position.column
        if not 0 <= line < len(self.starts) or column < 0:
            return None
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.source)
        at = self.starts[line] + column
        return at if at <= end else None
