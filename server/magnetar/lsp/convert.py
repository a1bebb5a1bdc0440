"""URIs to paths and back, and the domain's UTF-8 columns to the client's.

The only place where either is converted. Which paths may be served is not decided here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from magnetar.model import Position, PositionEncoding, Range

_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?://([^/?#]*))?([^?#]*)(?:[?#].*)?", re.DOTALL)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"/([A-Za-z]):(?=/|$)")


class MalformedUri(ValueError):
    """Not a URI, or a `file:` URI that names no possible file; the text says why."""


def path_of(uri: str) -> Path | None:
    """The absolute path a `file:` URI names; None for any other scheme.

    Raises:
        MalformedUri: It has no scheme, or is a `file:` URI with a bad escape, a relative path or control characters.
    """
    local = local_path(uri, windows=os.name == "nt")
    return None if local is None else Path(os.path.normpath(local))


def uri_of(path: Path) -> str:
    """The `file:` URI of an absolute path, percent-encoded."""
    return path.as_uri()


def local_path(uri: str, *, windows: bool) -> str | None:
    """`path_of` as text, for either family of systems."""
    match = _URI.fullmatch(uri)
    if match is None:
        raise MalformedUri("it has no scheme")
    scheme, authority, path = match.groups()
    if scheme.lower() != "file":
        return None
    if _BAD_ESCAPE.search(path):
        raise MalformedUri("a % must be followed by two hexadecimal digits")
    name = _decoded(path, windows=windows)
    if _CONTROL.search(name) if windows else "\0" in name or _CONTROL.search(path):
        raise MalformedUri("control characters must not stand in it")
    if authority and authority.lower() != "localhost":
        name = f"//{authority}{name}"
    if not name.startswith("/"):
        raise MalformedUri("its path must be absolute")
    return _windows(name) if windows else name


def position_encoding(offered: Sequence[str]) -> PositionEncoding:
    """The one to use with a client that offers these: utf-8 where it can, utf-16 where it says nothing else."""
    for encoding in (PositionEncoding.UTF8, PositionEncoding.UTF16, PositionEncoding.UTF32):
        if encoding.value in offered:
            return encoding
    return PositionEncoding.UTF16


def wire_range(span: Range, lines: Sequence[str], encoding: PositionEncoding) -> Mapping[str, Any]:
    """A `Range` in the client's units; `lines` are the document's, of which only those it names are looked at."""
    start, end = span.start, span.end
    return {
        "start": {"line": start.line, "character": _character(start, lines, encoding)},
        "end": {"line": end.line, "character": _character(end, lines, encoding)},
    }


def _character(position: Position, lines: Sequence[str], encoding: PositionEncoding) -> int:
    column = position.column
    if not column or encoding is PositionEncoding.UTF8:
        return column
    line = lines[position.line] if position.line < len(lines) else ""
    if line.isascii():
        return column
    before = line.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace")
    if encoding is PositionEncoding.UTF32:
        return len(before)
    return len(before) + sum(character > "\uffff" for character in before)


def _decoded(path: str, *, windows: bool) -> str:
    raw = unquote_to_bytes(path)
    try:
        return raw.decode("utf-8", "strict" if windows else "surrogateescape")
    except UnicodeDecodeError as error:
        raise MalformedUri("its escapes must be UTF-8") from error


def _windows(name: str) -> str:
    drive = _DRIVE.match(name)
    if drive is not None:
        name = f"{drive[1].upper()}:{name[drive.end() :] or '/'}"
    return name.replace("/", "\\")
