"""What one run of the script on a namespace is asked for, and as which arguments: see redis_scripts/transaction.lua."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from magnetar.cache.backends.base import Limits, Record
from magnetar.cache.backends.redis_layout import HEADER_BYTES, member, pack
from magnetar.cache.backends.redis_link import Argument

KEYS_AT_ONCE: Final = 256

_BYTES_AT_ONCE: Final = 1_048_576
_MOST_LIMIT: Final = 2**53
"""The largest whole number that a script counts exactly."""


@frozen
class Change:
    """First what is removed, then what is stored, then what was accessed or found."""

    records: Sequence[Record] = ()
    access: bool = False
    """Whether storing `records` is an access to them."""
    deleted: Sequence[str] = ()
    cleared: str | None = None
    """What the keys to be removed start with."""
    cursor: bytes = b"0"
    """Where to go on clearing."""
    written_by: int = 0
    """The first of the runs that clear: what was written since is not meant. 0 in that run itself."""
    found: Sequence[bytes] = ()
    """Entries that the books may not know, as the books name them."""
    whole: int = 0
    """The beginning of the books of which all entries were found."""

    def arguments(self, limits: Limits, now: float, accesses: Mapping[str, int], *, by_server: bool) -> list[Argument]:
        """The script's arguments.

        Args:
            limits: of the namespace.
            now: seconds since the epoch.
            accesses: how often keys were accessed since they were last told.
            by_server: whether the server's clock counts rather than `now`.
        """
        arguments: list[Argument] = [
            "" if by_server else now,
            min(limits.entries, _MOST_LIMIT),
            min(limits.size_bytes, _MOST_LIMIT),
            HEADER_BYTES,
            int(self.cleared is not None),
            member(self.cleared or ""),
            "" if self.cleared is None else self.cursor,
            self.written_by,
            self.whole or "",
            len(self.deleted),
            len(self.records),
            len(accesses) + len(self.found),
            *map(member, self.deleted),
        ]
        for record in self.records:
            left = record.expires_at() - now
            arguments += (member(record.key), pack(record), record.size_bytes(), left, int(self.access))
        for key, count in accesses.items():
            arguments += (member(key), count)
        for found in self.found:
            arguments += (found, 0)
        return arguments


def portions(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """The records in runs that no server is long busy with."""
    start = size = 0
    for end, record in enumerate(records):
        if end > start and (end - start == KEYS_AT_ONCE or size + record.size_bytes() > _BYTES_AT_ONCE):
            yield records[start:end]
            start, size = end, 0
        size += record.size_bytes()
    if start < len(records):
        yield records[start:]
