"""The files of a folder as ranking sees them: the index's rows, overlaid with what is open, without copying either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from magnetar.symbols.languages import language_of
from magnetar.symbols.lines import first_line
from magnetar.workspace.buffers import Buffer, Buffers
from magnetar.workspace.index import Index


@frozen
class Known:
    """What is known of a file without loading it."""

    path: str
    size: int
    language: str
    line_count: int


class Catalogue(Mapping[str, Known]):
    """Path to what is known of it, in path order; a live view."""

    def __init__(self, index: Index, buffers: Buffers) -> None:
        """Makes the view."""
        self._index = index
        self._buffers = buffers
        self._ordered: tuple[str, ...] = ()
        self._ordered_at = -1

    def __getitem__(self, path: str) -> Known:
        row = self._index.rows.get(path)
        if row is not None and row.refused is None:
            return Known(path, row.fingerprint.size, row.language, row.lines)
        buffer = self._buffers.get(path)
        if buffer is None:
            raise KeyError(path)
        return _known(buffer)

    def __contains__(self, path: object) -> bool:
        row = self._index.rows.get(path) if isinstance(path, str) else None
        return (row is not None and row.refused is None) or path in self._buffers

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths())

    def __len__(self) -> int:
        return self._index.served + len(self._opened())

    def _paths(self) -> tuple[str, ...]:
        indexed, opened = self._indexed(), self._opened()
        return tuple(sorted((*indexed, *opened))) if opened else indexed

    def _opened(self) -> list[str]:
        return [buffer.path for buffer in self._buffers if not self._is_indexed(buffer.path)]

    def _indexed(self) -> tuple[str, ...]:
        if self._ordered_at != self._index.listing:
            self._ordered = tuple(sorted(path for path, row in self._index.rows.items() if row.refused is None))
            self._ordered_at = self._index.listing
        return self._ordered

    def _is_indexed(self, path: str) -> bool:
        row = self._index.rows.get(path)
        return row is not None and row.refused is None


def _known(buffer: Buffer) -> Known:
    language = language_of(buffer.path, first_line(buffer.text))
    return Known(buffer.path, len(buffer.text), language, buffer.text.count("\n") + 1)
