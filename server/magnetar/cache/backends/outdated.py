"""Which keys of a store are out of date, since a write to it failed: what it holds under them must not be served."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MOST_KEYS: Final = 1_000_000
"""Where more is missed, others lose all they share. So many take about 0.12 GB of memory."""
_MOST_PREFIXES: Final = 1_000


class Outdated:
    """Keys, and prefixes of keys; where there are too many, all keys: the empty prefix."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.prefixes: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.keys) or bool(self.prefixes)

    def __contains__(self, key: str) -> bool:
        return key in self.keys or (bool(self.prefixes) and any(key.startswith(prefix) for prefix in self.prefixes))

    def add(self, keys: Iterable[str]) -> None:
        """Values were to be replaced or removed."""
        self.keys.update(keys)
        self._shorten()

    def add_key(self, key: str) -> None:
        """A value was to be replaced or removed."""
        self.add((key,))

    def add_prefix(self, prefix: str) -> None:
        """Everything that starts so was to be removed."""
        self.remove_prefix(prefix)
        self.prefixes = {*self.prefixes, prefix}
        self._shorten()

    def remove(self, keys: Iterable[str]) -> None:
        """Values were replaced or removed after all."""
        self.keys.difference_update(keys)

    def remove_prefix(self, prefix: str) -> None:
        """Everything that starts so was removed after all."""
        self.prefixes = {one for one in self.prefixes if not one.startswith(prefix)}
        self.keys = {key for key in self.keys if not key.startswith(prefix)}

    def _shorten(self) -> None:
        if len(self.keys) > _MOST_KEYS or len(self.prefixes) > _MOST_PREFIXES:
            self.add_prefix("")
