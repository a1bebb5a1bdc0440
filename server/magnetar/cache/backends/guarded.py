"""A backend that may fail after it was opened: while it does, nothing is found or stored, and `degraded` says why.

What could not be written is remembered by key, so that an older value that is still in the store is not served later on.
A store on the network that is lost is not asked again until it is connected, which is tried in the background at growing
intervals: callers never wait for a server that is down.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import random as random_number
from typing import Final

from magnetar.cache.backends.base import Backend, Record
from magnetar.cache.keys import is_content_addressed
from magnetar.cache.stats import CacheStats
from magnetar.errors import BackendUnavailable, ConnectionLost
from magnetar.model import TierStats

_MOST_OUTDATED: Final = 100_000
_FIRST_RETRY_SECONDS: Final = 0.1
_LONGEST_RETRY_SECONDS: Final = 30.0

_log = logging.getLogger(__name__)


class GuardedBackend:
    """Turns failures into misses, once it has been opened."""

    def __init__(
        self,
        backend: Backend,
        on_degraded: Callable[[str | None], None] = lambda _: None,
        *,
        required: bool = True,
        random: Callable[[], float] = random_number,
    ) -> None:
        """Guards a backend.

        Args:
            backend: what may fail.
            on_degraded: told the reason when it starts to fail, and None when it works again.
            required: whether `open` raises where the backend cannot be opened; else it is tried again in the background.
            random: from 0 to 1; spreads the tries of many processes to connect again.
        """
        self._backend = backend
        self._on_degraded = on_degraded
        self._required = required
        self._random = random
        self._open = False
        self._closed = False
        self._reconnecting: asyncio.Task[None] | None = None
        self._faults: dict[str, str] = {}  # "open", "read", "write", "remove": what is full can still be read
        self._outdated: set[str] = set()
        self._all_outdated = False
        self._written: list[Sequence[str]] = []  # keys of writes under way
        self.degraded: str | None = None

    async def open(self) -> None:
        """Opens the backend; where that fails, the error is raised and every call is answered as if it were empty."""
        self._closed = False
        try:
            await self._backend.open()
        except BackendUnavailable as error:
            self._note("open", error)
            if self._required:
                raise
            self._reconnect_later()
        else:
            await self._opened()

    async def close(self) -> None:
        """Closes the backend."""
        self._open = False
        self._closed = True
        reconnecting, self._reconnecting = self._reconnecting, None
        if reconnecting is not None:
            reconnecting.cancel()
            await asyncio.wait({reconnecting})
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
            self._failed("read", error)
            return {}
        if self._faults:
            self._note("read", None)
        return found

    async def set_many(self, records: Sequence[Record], *, access: bool = True) -> int:
        """Stores records and says how many."""
        keys = [record.key for record in records]
        if not await self._writable():
            self._missed(key for key in keys if not is_content_addressed(key))
            return 0
        try:
            with self._writing(keys):
                stored = await self._backend.set_many(records, access=access)
            await self._catch_up(keys)
        except BackendUnavailable as error:
            self._missed(key for key in keys if not is_content_addressed(key))
            self._failed("write", error)
            return 0
        if self._faults:
            self._note("write", None)
        return stored

    async def offer_many(self, records: Sequence[Record]) -> int:
        """Stores records that follow from their keys, which are never outdated, and says how many."""
        if not self._open:
            return 0
        try:
            return await self._backend.set_many(records, access=False)
        except BackendUnavailable as error:
            self._failed("write", error)
            return 0

    async def delete_many(self, keys: Sequence[str]) -> int:
        """Removes records and says how many there were."""
        if not await self._writable():
            self._missed(keys)
            return 0
        try:
            removed = await self._backend.delete_many(keys)
            await self._catch_up(keys)
        except BackendUnavailable as error:
            self._missed(keys)
            self._failed("remove", error)
            return 0
        return removed

    async def clear(self, prefix: str = "") -> int:
        """Removes every record whose key starts so, and says how many there were."""
        if not self._open:
            self._all_outdated = not self._closed
            return 0
        try:
            removed = await self._backend.clear(prefix)
        except BackendUnavailable as error:
            self._all_outdated = True
            self._failed("remove", error)
            return 0
        if not prefix:
            self._all_outdated = False
            self._outdated.clear()
        self._note("remove", None)
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

    # -- what was missed -------------------------------------------------------------------------------------------

    def _missed(self, keys: Iterable[str]) -> None:
        """Remembers keys whose values in the store are out of date by now."""
        if not self._closed:
            self._outdated.update(keys)
            self._all_outdated = self._all_outdated or len(self._outdated) > _MOST_OUTDATED

    @contextmanager
    def _writing(self, keys: Sequence[str]) -> Iterator[None]:
        self._written.append(keys)
        try:
            yield
        finally:
            self._written.remove(keys)

    async def _writable(self) -> bool:
        if self._open and self._all_outdated:
            await self.clear()
        return self._open and not self._all_outdated

    async def _catch_up(self, written: Iterable[str] = ()) -> None:
        """After a write that worked: removes what earlier ones, which did not, have left outdated."""
        self._outdated.difference_update(written)
        outdated = self._outdated.difference(*self._written)  # what is being written makes up for itself
        if outdated:
            await self._backend.delete_many(tuple(outdated))
            self._outdated.difference_update(outdated)
        if self._faults:
            self._note("remove", None)

    # -- failing and working again ---------------------------------------------------------------------------------

    async def _opened(self) -> None:
        self._open = True
        self._faults.clear()
        if self._outdated or self._all_outdated:
            await self._make_up()
        self._note("open", None)

    async def _make_up(self) -> None:
        """Removes from a store that is back what it missed; should that fail, the next write does it."""
        try:
            if await self._writable():
                await self._catch_up()
        except BackendUnavailable as error:
            self._failed("remove", error)

    def _failed(self, action: str, error: BackendUnavailable) -> None:
        self._note(action, error)
        if isinstance(error, ConnectionLost):
            self._open = False
            self._reconnect_later()

    def _reconnect_later(self) -> None:
        if not self._closed and (self._reconnecting is None or self._reconnecting.done()):
            self._reconnecting = asyncio.create_task(self._reconnect(), name="reconnect to the cache")

    async def _reconnect(self) -> None:
        for delay in self._delays():
            await asyncio.sleep(delay)
            try:
                await self._backend.open()
            except BackendUnavailable as error:
                self._note("open", error)
            else:
                await self._opened()
                if self._open:
                    return

    def _delays(self) -> Iterator[float]:
        """Seconds between tries: doubling up to a limit, each spread over its upper half."""
        delay = _FIRST_RETRY_SECONDS
        while True:
            yield delay * (1 + self._random()) / 2
            delay = min(2 * delay, _LONGEST_RETRY_SECONDS)

    def _note(self, action: str, error: BackendUnavailable | None) -> None:
        if error is None:
            self._faults.pop(action, None)
        else:
            self._faults[action] = str(error)
        degraded = next(iter(self._faults.values()), None)
        before, self.degraded = self.degraded, degraded
        if (degraded is None) != (before is None):
            if degraded is not None:
                _log.warning("The cache goes on without a store: %s", degraded)
            self._on_degraded(degraded)
