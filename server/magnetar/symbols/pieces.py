"""Splitting a text into pieces: runs of whole lines, short enough to choose among, long enough to read on their own.

The split follows indentation, which every language here shares: a block is cut where its least indented lines start,
comments and decorators stay with what they describe, small neighbours are merged, and what is still too long is cut
again one level deeper. No grammar is needed, so broken and unknown languages split just as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

LONGEST = 12
"""Lines a piece should not exceed; the last resort cuts at one and a half times this."""

_NOWHERE = 1 << 30
_NEVER_OUTER = frozenset(")}]#/*@")
_CLOSERS = (")", "}", "]", "else", "elif", "except", "finally", "catch", "end")
_CLOSERS_START = frozenset(closer[0] for closer in _CLOSERS)
_LEADERS = ("#", "//", "@", "/*", "*", "--", "[")


@frozen
class Layout:
    """Lines, and what of each is left without the white space it starts with: nothing, of a blank one."""

    lines: Sequence[str]
    bodies: Sequence[str]

    @classmethod
    def of(cls, lines: Sequence[str]) -> Layout:
        """The layout of some lines."""
        return cls(lines, [line.lstrip() for line in lines])

    @property
    def indents(self) -> list[int]:
        """The column each line starts at; lines that only continue or close something start nowhere."""
        return [
            _NOWHERE if not body or (body[0] in _CLOSERS_START and body.startswith(_CLOSERS)) else len(line) - len(body)
            for line, body in zip(self.lines, self.bodies, strict=True)
        ]


def split_pieces(layout: Layout, longest: int = LONGEST) -> list[tuple[int, int]]:
    """The pieces of a text as [start, end) line runs, in order, disjoint, without blank lines at their ends."""
    indents, bodies = layout.indents, layout.bodies
    pieces: list[tuple[int, int]] = []
    pending = [(0, len(bodies))]
    while pending:
        start, end = pending.pop()
        start, end = _trim(bodies, start, end)
        if end - start <= longest:
            if start < end:
                pieces.append((start, end))
            continue
        parts = _merge(bodies, _segments(bodies, indents, start, end), longest)
        if len(parts) == 1:
            parts = _chop(start, end, longest)
            pieces.extend(part for part in (_trim(bodies, *part) for part in parts) if part[0] < part[1])
        else:
            pending.extend(reversed(parts))
    return pieces


def outer_lines(layout: Layout, pieces: Sequence[tuple[int, int]], most: int) -> list[list[int]]:
    """For each piece, the numbers of at most so many of the nearest lines it is nested in, by indentation, the outermost first."""
    found: list[list[int]] = []
    outer: list[tuple[int, int]] = []
    lines, bodies = layout.lines, layout.bodies
    seen = 0
    for start, _ in pieces:
        for number in range(seen, start):
            body = bodies[number]
            if body and body[0] not in _NEVER_OUTER:
                indent = len(lines[number]) - len(body)
                while outer and outer[-1][0] >= indent:
                    outer.pop()
                outer.append((indent, number))
        seen = start
        depth = len(lines[start]) - len(bodies[start])
        found.append([number for indent, number in outer if indent < depth][-most:])
    return found


def _trim(bodies: Sequence[str], start: int, end: int) -> tuple[int, int]:
    while start < end and not bodies[start]:
        start += 1
    while end > start and not bodies[end - 1]:
        end -= 1
    return start, end


def _segments(bodies: Sequence[str], indents: Sequence[int], start: int, end: int) -> list[tuple[int, int]]:
    """Cuts a block where its least indented lines start; a lone header is cut together with its body's first part."""
    least = min(indents[start:end])
    starts = [line for line in range(start, end) if indents[line] == least]
    if least == _NOWHERE:
        return [(start, end)]
    if starts == [start]:
        inner = min(indents[start + 1 : end], default=_NOWHERE)
        if inner == _NOWHERE:
            return [(start, end)]
        body = [line for line in range(start + 1, end) if indents[line] == inner]
        starts = [start, *(body[1:] if len(body) > 1 else body)]
    if starts[0] != start:
        starts.insert(0, start)
    segments: list[tuple[int, int]] = []
    for first, last in zip(starts, [*starts[1:], end], strict=True):
        leads = segments and segments[-1][1] - segments[-1][0] == 1
        if leads and bodies[segments[-1][0]].startswith(_LEADERS):
            segments[-1] = (segments[-1][0], last)
        else:
            segments.append((first, last))
    return segments


def _merge(bodies: Sequence[str], segments: Sequence[tuple[int, int]], longest: int) -> list[tuple[int, int]]:
    """Joins neighbours up to the longest length, but rather ends a half-full piece at a blank line."""
    merged = [segments[0]]
    for start, end in segments[1:]:
        first, last = merged[-1]
        half_full = last - first >= longest // 2 and not bodies[last - 1]
        if end - first <= longest and not half_full:
            merged[-1] = (first, end)
        else:
            merged.append((start, end))
    return merged


def _chop(start: int, end: int, longest: int) -> list[tuple[int, int]]:
    if end - start <= longest + longest // 2:
        return [(start, end)]
    return [(line, min(end, line + longest)) for line in range(start, end, longest)]


def without_lines(pieces: Sequence[tuple[int, int]], hidden: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pieces with the hidden runs of lines cut out of them."""
    for start, end in hidden:
        cut: list[tuple[int, int]] = []
        for first, last in pieces:
            cut += [part for part in ((first, min(last, start)), (max(first, end), last)) if part[0] < part[1]]
        pieces = cut
    return list(pieces)
