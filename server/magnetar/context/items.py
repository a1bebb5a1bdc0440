"""Turning chosen lines into items: their text from the verified document, their ranges, prices and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from magnetar.context.layout import symbols_named_in
from magnetar.context.outline import kind_of
from magnetar.context.packing import Runs, Shelf
from magnetar.model import Item, ItemKind, Position, Range, Reason, document_path
from magnetar.workspace.documents import Source

SEPARATOR = "⋯"


def content_of(lines: Sequence[str], runs: Runs) -> str:
    """The text of some runs of lines, a line with the separator between two; a whole document keeps its last line end."""
    if runs == ((0, len(lines)),):
        return "".join(lines)
    return f"\n{SEPARATOR}\n".join("".join(lines[start : end - 1]) + _bare(lines[end - 1]) for start, end in runs)


def ranges_of(lines: Sequence[str], runs: Runs) -> tuple[Range, ...]:
    """The ranges of exactly that text."""
    if not lines:
        return (Range(Position(0, 0), Position(0, 0)),)
    if runs == ((0, len(lines)),):
        last = lines[-1]
        ends = _bare(last) != last
        end = Position(len(lines), 0) if ends else Position(len(lines) - 1, _width(last))
        return (Range(Position(0, 0), end),)
    return tuple(Range(Position(start, 0), Position(end - 1, _width(_bare(lines[end - 1])))) for start, end in runs)


def make_item(
    root: Path,
    source: Source,
    shelf: Shelf,
    runs: Runs,
    score: float,
    reasons: tuple[Reason, ...],
    kinds: frozenset[ItemKind],
) -> Item:
    """The item that shows some lines of a document."""
    lines = source.lines
    return Item(
        path=document_path(root, source.path),
        kind=kind_of(source.facts, runs, kinds),
        language=source.facts.language,
        ranges=ranges_of(lines, runs),
        content=content_of(lines, runs),
        symbols=symbols_named_in(source.facts, runs),
        tokens=shelf.cost(runs),
        score=score,
        reasons=reasons,
        from_buffer=source.from_buffer,
        version=source.version,
        mtime=source.mtime,
        sha256=source.sha256,
        cached=source.cached,
        lines=lines,
    )


def _bare(line: str) -> str:
    """A line without its end: CR LF, LF or CR."""
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith(("\n", "\r")) else line


def _width(line: str) -> int:
    return len(line.encode("utf-8", "surrogatepass"))
