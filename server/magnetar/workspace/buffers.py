"""The documents open in the editor: what they hold overlays the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property

from attrs import frozen


@frozen(eq=False)
class Buffer:
    """An open document at one version."""

    path: str
    version: int
    text: str
    dirty: bool
    """Whether it was changed since it was opened or saved."""

    @cached_property
    def sha256(self) -> str:
        """The hash of its UTF-8 bytes."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


class Buffers:
    """Open documents by path."""

    def __init__(self) -> None:
        self._open: dict[str, Buffer] = {}

    def __contains__(self, path: object) -> bool:
        return path in self._open

    def __iter__(self) -> Iterator[Buffer]:
        return iter(self._open.values())

    def get(self, path: str) -> Buffer | None:
        """The open document, if it is open."""
        return self._open.get(path)

    def open(self, path: str, version: int, text: str) -> None:
        """A document opened."""
        self._open[path] = Buffer(path, version, text, dirty=False)

    def change(self, path: str, version: int, text: str) -> None:
        """A document changed; one that was never opened counts as opened."""
        self._open[path] = Buffer(path, version, text, dirty=True)

    def save(self, path: str) -> None:
        """A document was written to disk."""
        buffer = self._open.get(path)
        if buffer is not None:
            self._open[path] = Buffer(path, buffer.version, buffer.text, dirty=False)

    def close(self, path: str) -> bool:
        """A document closed; whether it was open."""
        return self._open.pop(path, None) is not None
