"""Lines as the Language Server Protocol counts them: they end at CR LF, LF or CR, and nowhere else."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import overload

import numpy as np
from attrs import Factory, field, frozen

from magnetar.model import Position, Range

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def split_lines(text: str) -> list[str]:
    """The lines of a text as LSP counts them (CR LF, LF, CR), terminators kept."""
    if "\r" not in text:
        lines = text.split("\n")
        kept = [line + "\n" for line in lines[:-1]]
        return [*kept, lines[-1]] if lines[-1] else kept
    return _LINE.findall(text)


@frozen
class Lines(Sequence[str]):
    """What `split_lines` gives, without a string for each line: a line is cut out of the text when it is asked for."""

    text: str
    _bounds: array[int] = field(
        init=False, eq=False, repr=False, default=Factory(lambda self: _bounds(self.text), takes_self=True)
    )

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._bounds) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        """One line, or a list of several."""
        text, bounds, chosen = self.text, self._bounds, range(len(self))[index]
        if isinstance(chosen, int):
            return text[bounds[chosen] : bounds[chosen + 1]]
        return [text[bounds[number] : bounds[number + 1]] for number in chosen]


def _bounds(text: str) -> array[int]:
    """Where each line starts, and where the last one ends."""
    characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    ends = characters == ord("\n")
    if "\r" in text:
        returns = characters == ord("\r")
        returns[:-1] &= ~ends[1:]
        ends |= returns
    ends[-1:] = True
    return array("i", [0, *(np.flatnonzero(ends) + 1).tolist()])


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
