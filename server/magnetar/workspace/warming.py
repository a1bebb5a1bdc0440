"""Bringing the index of a folder up to the disk: one scan, one comparison, and work on nothing but the difference."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from attrs import evolve

from magnetar.errors import NoWorkspace
from magnetar.files.patterns import Globs
from magnetar.files.scan import ScanResult
from magnetar.model import DropReason, IndexState, IndexStatus, Skipped, WarmReport
from magnetar.symbols.terms import is_test
from magnetar.workspace.allocator import return_free_memory
from magnetar.workspace.index import Index
from magnetar.workspace.pool import Pool, bulk_workers

_JOB_SECONDS = 120.0
_FEW = 64
"""So many files are done before further workers have started."""
_MANY = 4_096
"""New rows, after which they are settled: a full collection of more would hold the loop up."""


class Progress(Protocol):
    """Told how far a warm-up is."""

    def __call__(self, done: int, total: int) -> None:
        """Files done, of all."""


class Warming:
    """Warms one folder; a second caller joins the run that is under way."""

    def __init__(
        self,
        index: Index,
        prompt: Pool,
        scan: Callable[[threading.Event], ScanResult],
        first: Callable[[], Sequence[str]],
        on_state: Callable[[], None],
        on_warm: Callable[[], None],
    ) -> None:
        """Makes an idle warmer.

        Args:
            index: What is brought up to date.
            prompt: The worker for a few files; many get workers of their own.
            scan: Lists the folder, in a thread, until the event is set.
            first: Files likely to be asked for first.
            on_state: Called when `status` changed.
            on_warm: Called when a run has succeeded.
        """
        self._index = index
        self._prompt = prompt
        self._scan = scan
        self._first = first
        self._on_state = on_state
        self._on_warm = on_warm
        self._run: asyncio.Task[WarmReport] | None = None
        self._listeners: list[Progress] = []
        self._stopped = False
        self._files = 0
        self._done = 0
        self._unsettled = 0
        self.state = IndexState.COLD

    @property
    def status(self) -> IndexStatus:
        """How far the index is."""
        indexed = self._index.served
        files = max(self._files, indexed) if self.state is not IndexState.READY else indexed
        return IndexStatus(self.state, files, indexed)

    async def warm(self, patterns: Sequence[str] = (), progress: Progress | None = None) -> WarmReport:
        """Brings the index up to the disk.

        Args:
            patterns: Globs of the files to look at; none means all, and what vanished is taken out too.
            progress: Told how far it is, from the start of the run or from where a joined one is.
        """
        if progress is not None:
            self._listeners.append(progress)
        try:
            if self._stopped:
                raise NoWorkspace("The folder was closed.")
            if self._run is None:
                self._run = asyncio.get_running_loop().create_task(self._warm(tuple(patterns)))
                self._run.add_done_callback(self._finished)
            return await asyncio.shield(self._run)
        finally:
            if progress is not None:
                self._listeners.remove(progress)

    async def idle(self) -> None:
        """Returns once no run is under way, however it ended."""
        if self._run is not None:
            await asyncio.wait([self._run])

    async def stop(self) -> None:
        """Ends a run that is under way; none starts afterwards."""
        self._stopped = True
        if self._run is not None:
            self._run.cancel()
            await asyncio.wait([self._run])

    def _finished(self, task: asyncio.Task[WarmReport]) -> None:
        self._run = None
        failed = task.cancelled() or task.exception() is not None
        self.state = IndexState.DEGRADED if failed else IndexState.READY
        if not failed:
            self._on_warm()
        self._on_state()

    async def _warm(self, patterns: tuple[str, ...]) -> WarmReport:
        started = time.monotonic()
        self.state = IndexState.WARMING
        self._on_state()
        await self._index.anchor()
        scanned = await self._list()
        files = dict(scanned.files)
        if patterns:
            chosen = Globs(patterns)
            files = {path: stamp for path, stamp in files.items() if chosen.match(path)}
        plan = await asyncio.to_thread(self._index.plan, files)
        if not patterns:
            await self._index.remove(plan.removed)
        self._files, self._done = len(files), plan.reused
        self._report(0)
        parsed = await self._update(await asyncio.to_thread(_in_order, plan.changed, tuple(self._first())))
        if len(plan.changed) > _FEW:
            self._index.settle()
        return await asyncio.to_thread(self._summary, files, scanned.skipped, parsed, started)

    def _summary(self, files: Iterable[str], skipped: Skipped, parsed: int, started: float) -> WarmReport:
        rows = [row for path in files if (row := self._index.rows.get(path)) is not None]
        served = [row for row in rows if row.refused is None]
        return WarmReport(
            files=len(served),
            symbols=sum(row.symbols for row in served),
            reused=max(0, len(served) - parsed),
            skipped=_skipped(skipped, [row.refused for row in rows]),
            elapsed_ms=(time.monotonic() - started) * 1e3,
        )

    async def _list(self) -> ScanResult:
        stop = threading.Event()
        try:
            return await asyncio.to_thread(self._scan, stop)
        finally:
            stop.set()

    async def _update(self, paths: Sequence[str]) -> int:
        if len(paths) <= _FEW:
            return await self._index.update(paths, self._prompt, self._report)
        self._unsettled = 0
        pool = Pool(bulk_workers(), niced=True, timeout=_JOB_SECONDS)
        try:
            return await self._index.update(paths, pool, self._report_many)
        finally:
            pool.close()
            await self._index.shrink()
            await asyncio.to_thread(return_free_memory)

    def _report(self, more: int) -> None:
        self._done += more
        for listener in self._listeners:
            listener(self._done, self._files)

    def _report_many(self, more: int) -> None:
        self._report(more)
        self._unsettled += more
        if self._unsettled >= _MANY:
            self._unsettled = 0
            self._index.settle()


def _in_order(paths: Sequence[str], first: Sequence[str]) -> list[str]:
    """What was in use first, then sources before tests, then by path."""
    places = {path: place for place, path in enumerate(first)}
    return sorted(paths, key=lambda path: (places.get(path, len(places)), is_test(path), path))


def _skipped(by_scan: Skipped, refused: Sequence[DropReason | None]) -> Skipped:
    return evolve(
        by_scan,
        binary=by_scan.binary + refused.count(DropReason.BINARY),
        too_large=by_scan.too_large + refused.count(DropReason.TOO_LARGE),
        secret=by_scan.secret + refused.count(DropReason.SECRET),
        unreadable=by_scan.unreadable + refused.count(DropReason.UNREADABLE),
    )
