"""A backend that may fail after it was opened: while it does, nothing is found or stored, and `degraded` says why.

What could not be written is remembered by key, in a file where one is given, so that an older value that is still in the
store is not served later on; where it is more than can be remembered, the store is emptied once it can be. A store on the
network that is lost is not asked again until it is connected, which is tried in the background at growing intervals:
callers never wait for a server that is down, and only a moment for a file that another process has locked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from random import random as random_number
from typing import TYPE_CHECKING, Final

from magnetar.cache.backends.base import Backend, Record
from magnetar.cache.backends.outdated import Outdated
from magnetar.cache.stats import CacheStats
from magnetar.errors import BackendUnavailable, ConnectionLost
from magnetar.model import TierStats

if TYPE_CHECKING:  # it loads SQLite, which a cache in memory can do without
    from magnetar.cache.backends.outdated_file import OutdatedFile

_PATIENCE_SECONDS: Final = 0.25
"""How long opening waits for a store that can be done without."""
_FILING_SECONDS: Final = 0.1
"""How long a call waits for the file, which another process may have locked."""
_MADE_UP_FOR_AT_ONCE: Final = 1_000
"""Keys that a write removes besides, of those that earlier ones missed."""
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
        file: OutdatedFile | None = None,
        random: Callable[[], float] = random_number,
    ) -> None:
        """Guards a backend.

        Args:
            backend: what may fail.
            on_degraded: told the reason when it starts to fail or another reason comes up, and None when it works again.
            required: whether `open` raises where it cannot be opened. Else it is opened in the background, if it takes long.
            file: where what was missed is remembered beyond this process.
            random: from 0 to 1; spreads the tries of many processes to connect again.
        """
        self._backend = backend
        self._on_degraded = on_degraded
        self._required = required
        self._random = random
        self._open = False
        self._closed = False
        self._connecting: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._faults: dict[str, str] = {}  # "open", "read", "write", "remove": what is full can still be read
        self._outdated = Outdated()
        self._file = file
        self._unread = file  # the same until it was read
        self._unfiled = Outdated()
        self._filing = asyncio.Lock()
        self._filings: set[asyncio.Task[None]] = set()
        self._written: list[Sequence[str]] = []  # keys of writes under way
        self.degraded: str | None = None

    async def open(self) -> None:
        """Opens the backend; where that fails, the error is raised and every call is answered as if it were empty."""
        self._closed = False
        if not self._required:
            await self._open_in_background()
            return
        try:
            await self._open_backend()
        except BackendUnavailable as error:
            self._note("open", error)
            raise
        await self._opened()

    async def close(self) -> None:
        """Closes the backend."""
        self._open = False
        self._closed = True
        connecting, self._connecting = self._connecting, None
        if connecting is not None:
            connecting.cancel()
            await asyncio.wait({connecting})
        if self._filings:
            await asyncio.wait(self._filings)
        await self._backend.close()

    async def get_many(self, keys: Sequence[str], *, access: bool = True) -> Mapping[str, Record]:
        """The records there are and that are not outdated."""
        if self._outdated:
            keys = [key for key in keys if key not in self._outdated]
        if not self._open or not keys:
            return {}
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
            await self._missed(keys)
            return 0
        try:
            with self._writing(keys):
                stored = await self._backend.set_many(records, access=access)
            await self._catch_up(keys)
        except BackendUnavailable as error:
            await self._missed(keys)
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
            await self._missed(keys)
            return 0
        try:
            removed = await self._backend.delete_many(keys)
            await self._catch_up(keys)
        except BackendUnavailable as error:
            await self._missed(keys)
            self._failed("remove", error)
            return 0
        return removed

    async def clear(self, prefix: str = "") -> int:
        """Removes every record whose key starts so, and says how many there were."""
        try:
            removed = await self._backend.clear(prefix) if self._open else None
        except BackendUnavailable as error:
            self._failed("remove", error)
            removed = None
        if removed is None:
            await self._missed(prefixes=(prefix,))
            return 0
        self._outdated.remove_prefix(prefix)
        await self._forget_file()
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

    async def _missed(self, keys: Iterable[str] = (), prefixes: Iterable[str] = ()) -> None:
        """Remembers keys, and prefixes of keys, whose values in the store are out of date by now."""
        if self._closed:
            return
        keys = [key for key in keys if key not in self._outdated]
        before = self._outdated.prefixes
        self._outdated.add(keys)
        for prefix in prefixes:
            self._outdated.add_prefix(prefix)
        prefixes = self._outdated.prefixes - before
        if self._file is not None and (keys or prefixes):
            self._unfiled.add(keys)
            for prefix in prefixes:
                self._unfiled.add_prefix(prefix)
            await self._file_soon(self._file)

    async def _forget_file(self) -> None:
        """Empties the file once nothing is outdated any more."""
        if self._file is not None and self._file.used and not self._outdated:
            await self._file_soon(self._file)

    async def _file_soon(self, file: OutdatedFile) -> None:
        """Begins to bring the file up to date, and waits a moment for that to end."""
        filing = asyncio.create_task(self._bring_up_to_date(file), name="remember what the cache missed")
        self._filings.add(filing)
        filing.add_done_callback(self._filings.discard)
        await asyncio.wait({filing}, timeout=_FILING_SECONDS)

    async def _bring_up_to_date(self, file: OutdatedFile) -> None:
        async with self._filing:
            unfiled, self._unfiled = self._unfiled, Outdated()
            if unfiled:
                await asyncio.to_thread(file.add, unfiled.keys, unfiled.prefixes)
            if file.used and not self._outdated:
                await asyncio.to_thread(file.forget)

    @contextmanager
    def _writing(self, keys: Sequence[str]) -> Iterator[None]:
        self._written.append(keys)
        try:
            yield
        finally:
            self._written.remove(keys)

    async def _writable(self) -> bool:
        """Whether something may be stored: what was to be cleared before it is cleared first."""
        for prefix in tuple(self._outdated.prefixes):
            await self.clear(prefix)
        return self._open and not self._outdated.prefixes

    async def _catch_up(self, written: Iterable[str] = ()) -> bool:
        """After a write that worked: removes some of what earlier ones, which did not, have left outdated; whether it did."""
        self._outdated.remove(written)
        under_way = set[str]().union(*self._written)  # what is being written makes up for itself
        outdated = tuple(islice((key for key in self._outdated.keys if key not in under_way), _MADE_UP_FOR_AT_ONCE))
        if outdated:
            await self._backend.delete_many(outdated)
            self._outdated.remove(outdated)
        await self._forget_file()
        if self._faults:
            self._note("remove", None)
        return bool(outdated)

    # -- failing and working again ---------------------------------------------------------------------------------

    async def _open_backend(self) -> None:
        """Opens it once it is known what it has missed: before, it might give what is outdated."""
        if self._unread is not None:
            left = await asyncio.to_thread(self._unread.load)
            self._unread = None
            self._outdated.add(left.keys)
            for prefix in left.prefixes:
                self._outdated.add_prefix(prefix)
        await self._backend.open()

    async def _opened(self) -> None:
        if not self._open:  # else nothing is known of what fails besides
            self._open = True
            self._faults.clear()
        if self._outdated:
            await self._make_up()
        self._note("open", None)

    async def _make_up(self) -> None:
        """Removes from a store that is back what it missed; should that fail, the next write does it."""
        try:
            while await self._writable() and await self._catch_up():
                pass
        except BackendUnavailable as error:
            self._failed("remove", error)

    def _failed(self, action: str, error: BackendUnavailable) -> None:
        if not isinstance(error, ConnectionLost):
            self._note(action, error)
            return
        self._open = False
        self._faults.clear()  # whatever else it was, there is nothing left that could fail
        self._note("open", error)
        self._connect_later(_FIRST_RETRY_SECONDS)

    async def _open_in_background(self) -> None:
        """Begins to connect, and waits a moment for the first try to end."""
        self._tried.clear()
        self._connect_later(0.0)
        waiting = asyncio.create_task(self._tried.wait())
        await asyncio.wait({waiting}, timeout=_PATIENCE_SECONDS)
        waiting.cancel()

    def _connect_later(self, first_delay: float) -> None:
        if not self._closed and (self._connecting is None or self._connecting.done()):
            self._connecting = asyncio.create_task(self._connect(first_delay), name="connect to the cache")

    async def _connect(self, first_delay: float) -> None:
        delays = self._delays()
        await asyncio.sleep(first_delay)
        while not self._closed:
            try:
                await self._open_backend()
            except BackendUnavailable as error:
                self._note("open", error)
                if not isinstance(error, ConnectionLost):
                    return  # nothing that time could mend
            else:
                await self._opened()
            finally:
                self._tried.set()
            if self._open:
                return
            await asyncio.sleep(next(delays))

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
        before, self.degraded = self.degraded, next(iter(self._faults.values()), None)
        if self.degraded != before:
            if before is None:
                _log.warning("The cache goes on without a store: %s", self.degraded)
            self._on_degraded(self.degraded)
