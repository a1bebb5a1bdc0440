"""A backend that may fail after it was opened: while it does, nothing is found or stored, and `degraded` says why.

What could not be written is remembered by key, so that an older value that is still in the store is not served later on.
Reconnecting is the backend's own affair.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from magnetar.cache.backends.base import Backend, Record
from magnetar.cache.stats import CacheStats
from magnetar.errors import BackendUnavailable
from magnetar.model import TierStats

_MOST_OUTDATED: Final = 100_000

_log = logging.getLogger(__name__)


class GuardedBackend:
    """Turns failures into misses, once it has been opened."""

    def __init__(self, backend: Backend, on_degraded: Callable[[str | None], None] = lambda _: None) -> None:
        """Guards a backend.

        Args:
            backend: what may fail.
            on_degraded: told the reason when it starts to fail, and None when it works again.
        """
        self._backend = backend
        self._on_degraded = on_degraded
        self._open = False
        self._faults: dict[str, str] = {}  # "read" and "write": a full disk can still be read
        self._outdated: set[str] = set()
        self._all_outdated = False
        self.degraded: str | None = None

    async def open(self) -> None:
        """Opens the backend; where that fails, the error is raised and every call is answered as if it were empty."""
        try:
            await self._backend.open()
        except BackendUnavailable as error:
            self._note("open", error)
            raise
        self._open = True
        self._faults.clear()
        self._note("open", None)

    async def close(self) -> None:
        """Closes the backend."""
        self._open = False
        await self._backend.close()

    async def get_many(self, keys: Sequence[str], *, access: bool = True) -> Mapping[str, Record]:
        """The records there are and that are not outdated."""
        if not self._open or self._all_outdated:
            return {}
        if self._outdated:
            keys = [key for key in keys if key not in self._outdated]
        try:
            found = await self._backend.get_many(keys, access=access)
        except BackendUnavailable as error:
            self._note("read", error)
            return {}
        if self._faults:
            self._note("read", None)
        return found

    async def set_many(self, records: Sequence[Record], *, access: bool = True) -> int:
        """Stores records and says how many."""
        keys = [record.key for record in records]
        if not await self._writable():
            return 0
        try:
            stored = await self._backend.set_many(records, access=access)
            await self._catch_up(keys)
        except BackendUnavailable as error:
            self._missed(keys, error)
            return 0
        return stored

    async def delete_many(self, keys: Sequence[str]) -> int:
        """Removes records and says how many there were."""
        if not await self._writable():
            return 0
        try:
            removed = await self._backend.delete_many(keys)
            await self._catch_up(keys)
        except BackendUnavailable as error:
            self._missed(keys, error)
            return 0
        return removed

    async def clear(self, prefix: str = "") -> int:
        """Removes every record whose key starts so, and says how many there were."""
        if not self._open:
            return 0
        try:
            removed = await self._backend.clear(prefix)
        except BackendUnavailable as error:
            self._all_outdated = True
            self._note("write", error)
            return 0
        if not prefix:
            self._all_outdated = False
            self._outdated.clear()
        self._note("write", None)
        return removed

    def touch(self, keys: Iterable[str]) -> None:
        """Notes accesses."""
        if self._open:
            self._backend.touch(keys)

    def stats(self) -> CacheStats:
        """Counters and limits."""
        return self._backend.stats()

    def tiers(self) -> tuple[TierStats, ...]:
        """The backend's own."""
        return self._backend.tiers()

    def _missed(self, keys: Iterable[str], error: BackendUnavailable) -> None:
        self._outdated.update(keys)
        self._all_outdated = self._all_outdated or len(self._outdated) > _MOST_OUTDATED
        self._note("write", error)

    async def _writable(self) -> bool:
        if self._all_outdated:
            await self.clear()
        return self._open and not self._all_outdated

    async def _catch_up(self, written: Iterable[str]) -> None:
        """After a write that worked: removes what earlier ones, which did not, have left outdated."""
        self._outdated.difference_update(written)
        if self._outdated:
            outdated = tuple(self._outdated)
            await self._backend.delete_many(outdated)
            self._outdated.difference_update(outdated)
        if self._faults:
            self._note("write", None)

    def _note(self, action: str, error: BackendUnavailable | None) -> None:
        if error is None:
            self._faults.pop(action, None)
        else:
            self._faults[action] = str(error)
        degraded = next(iter(self._faults.values()), None)
        if (degraded is None) != (self.degraded is None):
            if degraded is not None:
                _log.warning("The cache goes on without a store: %s", degraded)
            self._on_degraded(degraded)
        self.degraded = degraded
