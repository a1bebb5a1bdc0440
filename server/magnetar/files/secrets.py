"""Which lines of a text hold a secret, so that they are never cached, shown or logged.

A line is taken out whole, a private key with all its lines. Paths that are never read are `privacy.py`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from magnetar.files.assignments import assignment_places, is_code, is_prose
from magnetar.files.phrases import is_notebook, phrase_places
from magnetar.files.tokens import token_places

_KEY_BEGINS = re.compile(rb"-----? ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?(?: ?-----?)?|PuTTY-User-Key-File-\d")
_KEY_ENDS = re.compile(rb"-----? ?END [A-Z0-9 ]{0,40}PRIVATE KEY|Private-MAC:")
_KEY_HEADER = re.compile(
    rb"\W*(?:Proc-Type|DEK-Info|Version|Comment|Charset|Encryption|Key-Derivation|Argon2-|Public-Lines|Private-Lines)"
)
_KEY_LINE = re.compile(rb"(?:[A-Za-z0-9+/=]|\\[nr/])*")
_KEY_RUN = re.compile(rb"[A-Za-z0-9+/=]{32}")
_AROUND_KEY_LINE = b" \t\"'`,;.#*|>+()\\"
_LONG_KEY_LINE = 16


def manner_of(path: str) -> str:
    """How a file of that name is searched: two with one content and one manner have the same secret lines."""
    if is_notebook(path):
        return "notebook"
    if is_prose(path):
        return "prose"
    return "code" if is_code(path) else "text"


def secret_lines(text: str, path: str) -> tuple[tuple[int, int], ...]:
    """Runs of zero-based lines [start, end) that hold a secret, in order and disjoint; lines end at LF, CR LF or CR.

    Args:
        text: The whole text.
        path: Its name, for what kind of file it is.
    """
    data = text.encode("utf-8", "surrogatepass")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    places = sorted(
        {*token_places(data), *assignment_places(data, path), *phrase_places(data, path), *_private_keys(data)}
    )
    return _merged(_lines_of(data, places))


def _private_keys(data: bytes) -> Iterator[tuple[int, int]]:
    """Private keys in armour, from their first line to their last; a mere mention without a body is none."""
    if b"PRIVATE KEY" not in data and b"PuTTY" not in data:
        return
    begins = [*_KEY_BEGINS.finditer(data)]
    limits = (*(following.start() for following in begins[1:]), len(data))
    for begin, limit in zip(begins, limits, strict=False):
        end = _key_end(data, begin.end(), limit)
        if end is not None:
            yield begin.start(), end


def _key_end(data: bytes, start: int, limit: int) -> int | None:
    """Where the key whose first line is read up to `start` ends; None where no key follows before `limit`."""
    end: int | None = None
    first = True
    while start < limit:
        closes = data.find(b"\n", start, limit)
        closes = limit if closes < 0 else closes
        line = data[start:closes]
        last = _KEY_ENDS.search(line)
        if last is not None:
            has_body = end is not None or _KEY_RUN.search(line, 0, last.start())
            return start + last.end() if has_body else None
        bare = line.strip(_AROUND_KEY_LINE)
        if first:
            if _KEY_RUN.search(line):
                end = closes
        elif _KEY_LINE.fullmatch(bare) is not None:
            end = closes if len(bare) >= _LONG_KEY_LINE else end
        elif _KEY_HEADER.match(line) is None:
            break
        first = False
        start = closes + 1
    return end


def _lines_of(data: bytes, places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Places, in order, as runs of lines."""
    line = at = 0
    for start, end in places:
        line += data.count(b"\n", at, start)
        at = start
        yield line, line + data.count(b"\n", start, max(start, end - 1)) + 1


def _merged(runs: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in runs:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
