"""Facts as bytes: how they are stored by content and cross from the worker processes.

Layout: one format byte; a little-endian u32 with the length of a JSON header; the header, which lists language, counts and
the byte length of every section; then the sections one after another. The lexicon is deflated, being read only when a
file enters the full-text index.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import orjson

from magnetar.symbols.build import Built
from magnetar.symbols.facts import Facts

FORMAT = 1

_ARRAYS: tuple[tuple[str, type[np.generic]], ...] = (
    ("starts", np.int32),
    ("ends", np.int32),
    ("cumulative_tokens", np.int32),
    ("terms", np.uint32),
    ("pieces", np.uint16),
    ("counts", np.uint8),
    ("head_terms", np.uint32),
    ("head_pieces", np.uint16),
    ("shapes", np.float32),
)
_START = struct.Struct("<BI")


def encode_facts(built: Built) -> bytes:
    """The stored form; the header's tokens are left out, for they belong to a path and not to the content."""
    facts = built.facts
    sections = [getattr(facts, name).tobytes() for name, _ in _ARRAYS]
    sections += [facts.symbols_json, facts.names_json, zlib.compress(built.lexicon.encode("utf-8", "replace"), 1)]
    header = orjson.dumps(
        {
            "language": facts.language,
            "lines": facts.line_count,
            "symbols": facts.symbol_count,
            "secret": facts.secret_lines,
            "sections": [len(section) for section in sections],
        }
    )
    return b"".join((_START.pack(FORMAT, len(header)), header, *sections))


def decode_facts(blob: bytes, header_tokens: int) -> Facts:
    """Reads the stored form.

    Raises:
        ValueError: The bytes are no facts of this format.
    """
    header, sections = _open(blob)
    arrays: dict[str, Any] = {
        name: np.frombuffer(section, kind) for (name, kind), section in zip(_ARRAYS, sections, strict=False)
    }
    arrays["shapes"] = arrays["shapes"].reshape(-1, 3)
    return Facts(
        language=header["language"],
        line_count=header["lines"],
        header_tokens=header_tokens,
        symbol_count=header["symbols"],
        secret_lines=tuple((start, end) for start, end in header["secret"]),
        symbols_json=bytes(sections[-3]),
        names_json=bytes(sections[-2]),
        **arrays,
    )


def decode_lexicon(blob: bytes) -> str:
    """The terms for the full-text index.

    Raises:
        ValueError: The bytes are no facts of this format.
    """
    _, sections = _open(blob)
    try:
        return zlib.decompress(sections[-1]).decode()
    except zlib.error as exc:
        raise ValueError("the lexicon is damaged") from exc


def _open(blob: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    view = memoryview(blob)
    if len(view) < _START.size or view[0] != FORMAT:
        raise ValueError("not facts of this format")
    _, length = _START.unpack_from(view)
    at = _START.size + length
    header = orjson.loads(view[_START.size : at])
    sections = []
    for size in header["sections"]:
        sections.append(view[at : at + size])
        at += size
    if at != len(view) or len(sections) != len(_ARRAYS) + 3:
        raise ValueError("facts are cut off")
    return header, sections
