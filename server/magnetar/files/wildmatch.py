r"""Git's wildcard patterns as regular expressions over bytes, exactly as git's own `wildmatch.c` reads them.

Git matches bytes (`?` is one byte of a name, case is folded in ASCII only), so this does too. What a line of an ignore
file means beyond its wildcards (`!`, a leading or trailing `/`) is `ignore.py`'s business.
"""

from __future__ import annotations

import itertools
import re

from attrs import evolve, frozen

_CLASSES = {
    b"alnum": rb"0-9A-Za-z",
    b"alpha": rb"A-Za-z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": rb"0-9",
    b"graph": rb"\x21-\x7e",
    b"lower": rb"a-z",
    b"print": rb"\x20-\x7e",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb"\t-\r ",
    b"upper": rb"A-Z",
    b"xdigit": rb"0-9A-Fa-f",
}
_LITERAL_PREFIX = re.compile(rb"[^*?\[\\]*")
NEVER = rb"(?!)"
"""The expression of a malformed pattern: like git, it matches nothing."""


@frozen
class _Chunk:
    """A star (none before the first chunk) and what must follow it, which is as long whatever it matches."""

    star: bytes
    crosses: bool
    """Whether the star may match a `/`."""
    rest: bytes


def translate(pattern: bytes, *, whole_path: bool) -> bytes:
    """The source of an expression (to be compiled with DOTALL) that a name must match from end to end.

    It takes no more than quadratic time, however many stars a hostile pattern has: a star is settled at its first match
    wherever what follows can make up for it.

    Args:
        pattern: The wildcards, without a leading `/` that anchors or a trailing one that asks for a directory.
        whole_path: Whether `*`, `?` and `[…]` stop at `/` (matching a path) or not (matching a base name).
    """
    literal = _LITERAL_PREFIX.match(pattern)
    start = literal.end() if literal else 0
    chunks = _chunks(pattern[start:], whole_path=whole_path)
    return NEVER if chunks is None else re.escape(pattern[:start]) + _assembled(chunks)


def _assembled(chunks: list[_Chunk]) -> bytes:
    """Joins the chunks; those between two stars that cross `/` form one unit, settled as a whole."""
    units: list[list[bytes]] = [[]]
    groups = itertools.count()

    def settled(source: bytes) -> bytes:
        name = b"g%d" % next(groups)
        return b"(?=(?P<%s>%s))(?P=%s)" % (name, source, name)

    for index, chunk in enumerate(chunks):
        if chunk.crosses:
            units.append([])
        source = chunk.star + chunk.rest
        final = index == len(chunks) - 1
        units[-1].append(source if final or chunk.crosses or not chunk.star else settled(source))
    joined = [b"".join(unit) for unit in units]
    return joined[0] + b"".join(settled(unit) for unit in joined[1:-1]) + b"".join(joined[1:][-1:])


def _chunks(pattern: bytes, *, whole_path: bool) -> list[_Chunk] | None:
    """Reads from the first wildcard on; git starts afresh there, so `a**` may cross a `/` where `a?**` may not."""
    chunks = [_Chunk(b"", crosses=False, rest=b"")]
    at = 0
    while at < len(pattern):
        char = pattern[at : at + 1]
        piece: bytes
        if char == b"*":
            chunk, at = _read_stars(pattern, at, whole_path=whole_path)
            chunks.append(chunk)
            continue
        if char == b"?":
            piece, at = (b"[^/]" if whole_path else b"."), at + 1
        elif char == b"[":
            parsed = _read_set(pattern, at + 1)
            if parsed is None:
                return None
            piece, at = parsed
            piece = b"(?!/)" + piece if whole_path else piece
        else:
            member = _read_byte(pattern, at)
            if member is None:
                return None
            piece, at = re.escape(bytes([member[0]])), member[1]
        chunks[-1] = evolve(chunks[-1], rest=chunks[-1].rest + piece)
    return chunks


def _read_stars(pattern: bytes, at: int, *, whole_path: bool) -> tuple[_Chunk, int]:
    end = at
    while pattern[end : end + 1] == b"*":
        end += 1
    if not whole_path:
        return _Chunk(b".*?", crosses=False, rest=b""), end
    after = pattern[end : end + 2]
    alone = (at == 0 or pattern[at - 1 : at] == b"/") and (not after or after[:1] == b"/" or after == b"\\/")
    if end - at == 1 or not alone:
        return _Chunk(b"[^/]*?", crosses=False, rest=b""), end
    if after[:1] == b"/":
        return _Chunk(b"(?:.*?/)??", crosses=True, rest=b""), end + 1
    return _Chunk(b".*?", crosses=True, rest=b""), end


def _read_set(pattern: bytes, at: int) -> tuple[bytes, int] | None:
    """Reads `[…]` from the byte after its bracket; None where it is malformed."""
    negated = pattern[at : at + 1] in {b"!", b"^"}
    at += negated
    members: list[bytes] = []
    previous: int | None = None
    first = True
    while first or pattern[at : at + 1] != b"]":
        member = _read_member(pattern, at, previous)
        if member is None:
            return None
        source, previous, at = member
        members.append(source)
        first = False
    body = b"".join(members)
    if not body:
        return (b"." if negated else NEVER), at + 1
    return b"[" + (b"^" if negated else b"") + body + b"]", at + 1


def _read_member(pattern: bytes, at: int, previous: int | None) -> tuple[bytes, int | None, int] | None:
    """Reads one member of a set: its source, the byte that may start a range with what follows, the position after."""
    if pattern.startswith(b"-", at) and previous is not None and pattern[at + 1 : at + 2] not in {b"", b"]"}:
        high = _read_byte(pattern, at + 1)
        if high is None:
            return None
        return (_escaped(previous) + b"-" + _escaped(high[0]) if previous <= high[0] else b""), None, high[1]
    if pattern.startswith(b"[:", at):
        close = pattern.find(b"]", at + 2)
        named = pattern[at + 2 : max(close, 0)]
        if close >= 0 and not named.endswith(b":"):
            return _escaped(pattern[at]), pattern[at], at + 1
        source = _CLASSES.get(named[:-1])
        return None if source is None else (source, None, close + 1)
    byte = _read_byte(pattern, at)
    return None if byte is None else (_escaped(byte[0]), byte[0], byte[1])


def _read_byte(pattern: bytes, at: int) -> tuple[int, int] | None:
    """One byte that stands for itself, a backslash before it taken off, and the position after it."""
    if pattern[at : at + 1] == b"\\":
        at += 1
    return (pattern[at], at + 1) if at < len(pattern) else None


def _escaped(char: int) -> bytes:
    return b"\\x%02x" % char
