"""How entries look in Redis: what their keys are called, and what stands in front of a payload.

Everything of one namespace has the same hash tag and so lies in one slot of a cluster, where a script may touch all of it:

    {magnetar:1:library}:entry:file:/a.py     a value: a header, then its payload; the server expires it
    {magnetar:1:library}:ranks, :expiries, :usage, :totals     the books on all entries: see redis_scripts/transaction.lua

The number is the version of this layout. What another version wrote is not seen, and goes when its time to live ends.
"""

from __future__ import annotations

import math
import struct
from typing import Final

from magnetar.cache.backends.base import Record
from magnetar.cache.codec import Encoded, Form, decode

VERSION: Final = 1
BOOKS: Final = (("ranks", b"zset"), ("expiries", b"zset"), ("usage", b"hash"), ("totals", b"hash"))
"""The names of the books and the types of their keys."""

_HEADER: Final = struct.Struct("<Bdd")
HEADER_BYTES: Final = _HEADER.size
"""Of the header: the payload's form, when the value was made (seconds since the epoch), its time to live (seconds)."""


class Layout:
    """The keys of one namespace."""

    def __init__(self, namespace: str) -> None:
        """Names the keys of a namespace, a name without braces."""
        self.tag = f"{{magnetar:{VERSION}:{namespace}}}"
        self.books = tuple(f"{self.tag}:{name}" for name, _ in BOOKS)
        self.prefix = f"{self.tag}:entry:"
        """What the keys of all entries start with."""
        self._prefix = self.prefix.encode()

    def entry(self, member: bytes) -> bytes:
        """The Redis key of an entry, from what `member` gives."""
        return self._prefix + member


def member(key: str) -> bytes:
    """A key of the cache as the books name it; file names may hold what UTF-8 has no bytes for."""
    return key.encode("utf-8", "surrogatepass")


def pack(record: Record) -> bytes:
    """A record as it is stored."""
    form = record.stored_form()
    return _HEADER.pack(form.form, record.created_at, record.ttl) + form.payload


def unpack(key: str, stored: bytes) -> Record:
    """A record as it was stored.

    Raises:
        ValueError: the bytes are no value of this layout.
    """
    if len(stored) < HEADER_BYTES:
        raise ValueError("it is cut off")
    form, created_at, ttl = _HEADER.unpack_from(stored)
    if not (math.isfinite(created_at) and math.isfinite(ttl) and ttl > 0):
        raise ValueError("its times are none")
    encoded = Encoded(Form(form), stored[HEADER_BYTES:])
    return Record(key, decode(encoded), encoded, created_at, ttl)
