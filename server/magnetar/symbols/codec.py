"""Facts as bytes: how they are stored by content and cross from the worker processes; and the part that others are told.

Layout: a start of eight bytes, the first of which is the format and the last four the length of the header; the header,
JSON filled up with spaces to a multiple of eight bytes, which lists language, number of lines, lines of a secret and the
byte length of every section; then the sections one after another, the arrays with the widest numbers first, so that each
is aligned. All numbers are little-endian. There is no text in it but names of definitions, containers and imports.

What machines tell one another is the extraction alone: which names are defined and imported, and where. It starts with its
own format and the byte lengths of its four sections, which follow: the symbols' places, those of their signatures and of
their doc lines, and the names.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from magnetar.symbols.extract import Extracted, takes_a_parser
from magnetar.symbols.facts import Facts, declarations_from, imports_from, symbols_from
from magnetar.symbols.soundness import check, check_symbols

FORMAT = 3

_ARRAYS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("starts", "<i4", (-1,)),
    ("ends", "<i4", (-1,)),
    ("cumulative_tokens", "<i4", (-1,)),
    ("terms", "<u4", (-1,)),
    ("head_terms", "<u4", (-1,)),
    ("shapes", "<f4", (-1, 3)),
    ("places", "<i4", (-1, 10)),
    ("signatures", "<i4", (-1, 3)),
    ("docs", "<i4", (-1, 3)),
    ("pieces", "<u2", (-1,)),
    ("head_pieces", "<u2", (-1,)),
    ("counts", "<u1", (-1,)),
)
_START = struct.Struct("<B3xI")
_ALIGNED = 8
_TOLD = 0xE1
_TOLD_START = struct.Struct("<B3x4I")
_TOLD_SECTIONS = tuple([name for name, _, _ in _ARRAYS].index(name) for name in ("places", "signatures", "docs"))
_NOTHING = (b"", b"", b"", orjson.dumps({"symbols": [], "containers": [], "imports": []}))
_MOST_LINES = 1 << 30


def encode_facts(facts: Facts) -> bytes:
    """The stored form; the header's tokens are left out, for they belong to a path and not to the content."""
    sections = [getattr(facts, name).astype(kind, copy=False).tobytes() for name, kind, _ in _ARRAYS]
    sections.append(facts.names_json)
    header = orjson.dumps(
        {
            "language": facts.language,
            "lines": facts.line_count,
            "secret": facts.secret_lines,
            "sections": [len(section) for section in sections],
        }
    )
    header += b" " * (-len(header) % _ALIGNED)
    return b"".join((_START.pack(FORMAT, len(header)), header, *sections))


def decode_facts(blob: bytes, header_tokens: int) -> Facts:
    """Reads the stored form.

    Raises:
        ValueError: The bytes are no facts of this format, or such as no text has.
    """
    header, sections = _open(blob)
    arrays = {
        name: _array(blob, section, kind, shape)
        for (name, kind, shape), section in zip(_ARRAYS, sections, strict=False)
    }
    first, last = sections[-1]
    facts = Facts(
        language=header["language"],
        line_count=header["lines"],
        header_tokens=header_tokens,
        secret_lines=tuple((start, end) for start, end in header["secret"]),
        names_json=blob[first:last],
        **arrays,
    )
    check(facts)
    return facts


def encode_extraction(blob: bytes) -> bytes | None:
    """What others are told of a content whose facts are stored so; None where it holds a secret and they are told nothing.

    Where it takes no parser to find what a text defines, they are told that nothing is to be said.

    Raises:
        ValueError: The bytes are no facts of this format.
    """
    header, sections = _open(blob)
    if header["secret"]:
        return None
    told = [blob[start:end] for start, end in (*(sections[number] for number in _TOLD_SECTIONS), sections[-1])]
    if not takes_a_parser(header["language"]):
        told = list(_NOTHING)
    return b"".join((_TOLD_START.pack(_TOLD, *map(len, told)), *told))


def decode_extraction(blob: bytes) -> Extracted:
    """Reads what another machine tells; whether it is true of a text is to be seen (`hearsay.agrees`).

    Raises:
        ValueError: The bytes are no extraction of this format, or such as no text has.
    """
    view = memoryview(blob)
    if len(view) < _TOLD_START.size or view[0] != _TOLD:
        raise ValueError("not an extraction of this format")
    sections, at = [], _TOLD_START.size
    for size in _TOLD_START.unpack_from(view)[1:]:
        sections.append(view[at : at + size])
        at += size
    if at != len(view):
        raise ValueError("the extraction is cut off")
    places, signatures, docs = (
        np.frombuffer(section, _ARRAYS[number][1]).reshape(_ARRAYS[number][2])
        for section, number in zip(sections, _TOLD_SECTIONS, strict=False)
    )
    check_symbols(places, signatures, docs, bytes(sections[-1]), _MOST_LINES)
    names = orjson.loads(sections[-1])
    declarations = declarations_from(symbols_from(names, places), signatures, docs)
    return Extracted(declarations, imports=imports_from(names))


def _array(blob: bytes, section: tuple[int, int], kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """A section as an array over the very bytes: there are thousands, and each object between would cost memory."""
    start, end = section
    count, rest = divmod(end - start, np.dtype(kind).itemsize)
    if rest:
        raise ValueError("a section is cut off")
    array = np.frombuffer(blob, kind, count, start)
    return array if len(shape) == 1 else array.reshape(shape)


def _open(blob: bytes) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """The header, its fields of the right types, and where the sections start and end, which fill the rest."""
    if len(blob) < _START.size or blob[0] != FORMAT:
        raise ValueError("not facts of this format")
    _, length = _START.unpack_from(blob)
    at = _START.size + length
    header = orjson.loads(blob[_START.size : at])
    if not _is_header(header):
        raise ValueError("not the header of facts")
    sections = []
    for size in header["sections"]:
        sections.append((at, at + size))
        at += size
    if at != len(blob):
        raise ValueError("facts are cut off")
    return header, sections


def _is_header(header: object) -> bool:
    if not isinstance(header, dict) or header.keys() != {"language", "lines", "secret", "sections"}:
        return False
    lines, secret, sections = header["lines"], header["secret"], header["sections"]
    return (
        isinstance(header["language"], str)
        and type(lines) is int
        and 0 <= lines < _MOST_LINES
        and isinstance(secret, list)
        and all(isinstance(run, list) and len(run) == 2 for run in secret)
        and isinstance(sections, list)
        and len(sections) == len(_ARRAYS) + 1
        and all(type(size) is int and size >= 0 for size in sections)
    )
