"""Notices what changes in a folder, from whatever program, and says so in batches.

The system's limits never end it: what cannot be watched is polled, and everything is looked at again from time to time,
for no system tells all. Left out: what a change means; the consumer compares fingerprints, and hops to its own thread.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from magnetar.workspace.watch_events import Batch, Collector, Ignored, Source, WatchMode

__all__ = ["Batch", "WatchMode", "Watcher"]

_SAFETY_INTERVAL = 300.0
"""Seconds between rescans while every change is told."""
_POLL_INTERVAL = 2.0
"""Seconds to the first rescan where changes are not told; doubled while rescans find nothing."""
_LONGEST_POLL_INTERVAL = 60.0


def system_source(root: Path, ignored: Ignored, collector: Collector) -> Source:
    """What tells of changes on this system."""
    if sys.platform == "linux":
        from magnetar.workspace.watch_inotify import InotifySource

        return InotifySource(root, ignored, collector)
    from magnetar.workspace.watch_observer import ObserverSource

    return ObserverSource(root, ignored, collector)


class Watcher:
    """Watches a folder from one thread of its own.

    Args:
        root: The folder; it need not be there yet.
        ignored: Whether a path below it, a directory or not, is left out; asked on the watcher's thread.
        on_batch: Called on the watcher's thread with each batch, and must return soon.
        clock: A monotonic clock, in seconds.
        source: What tells of changes.
    """

    def __init__(
        self,
        root: Path,
        ignored: Ignored,
        on_batch: Callable[[Batch], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        source: Callable[[Path, Ignored, Collector], Source] = system_source,
    ) -> None:
        self._root = root
        self._ignored = ignored
        self._on_batch = on_batch
        self._clock = clock
        self._make_source = source
        self._lock = threading.Lock()
        self._run: _Run | None = None

    @property
    def mode(self) -> WatchMode:
        """How changes are noticed at the moment."""
        run = self._run
        return run.source.mode if run is not None else WatchMode.OFF

    @property
    def pending(self) -> int:
        """How many changes are known but not delivered."""
        run = self._run
        return run.collector.pending if run is not None else 0

    def start(self) -> None:
        """Returns when every change from now on will be told, so watch first, then scan; takes a second in a large tree."""
        with self._lock:
            if self._run is None:
                collector = Collector(self._clock)
                source = self._make_source(self._root.resolve(), self._ignored, collector)
                source.cover()
                self._run = _Run(source, collector, self._ignored, self._on_batch, self._clock)
                self._run.start()

    def stop(self) -> None:
        """Gives everything back; once it has returned no batch is delivered, unless it was called from `on_batch`."""
        with self._lock:
            run, self._run = self._run, None
        if run is not None:
            run.stop()

    def flush(self, timeout: float) -> bool:
        """Waits until every change that has already happened is delivered; not to be called from `on_batch`.

        Args:
            timeout: In seconds.

        Returns:
            Whether that was done in time. Where changes are polled, only what is known is delivered.
        """
        run = self._run
        return run is None or run.flush().wait(timeout)

    def rewatch(self) -> None:
        """Watches what new ignore rules let in, telling it as prefixes, and no longer what they leave out."""
        run = self._run
        if run is not None:
            run.rewatch()

    def found_changes(self) -> None:
        """A rescan found something: where changes are polled, the next one comes soon."""
        run = self._run
        if run is not None:
            run.poll_soon()


class _Run:
    """From one start to the next stop."""

    def __init__(
        self,
        source: Source,
        collector: Collector,
        ignored: Ignored,
        on_batch: Callable[[Batch], None],
        clock: Callable[[], float],
    ) -> None:
        self.source = source
        self.collector = collector
        self._ignored = ignored
        self._on_batch = on_batch
        self._clock = clock
        self._poll_interval = _POLL_INTERVAL
        self._checked = clock()
        """When everything was looked at last."""
        self._stopping = False
        self._ended = False
        self._rewatching = False
        self._flushes = queue.SimpleQueue[threading.Event]()
        self._thread = threading.Thread(target=self._work, name="magnetar-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self.source.wake()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def flush(self) -> threading.Event:
        done = threading.Event()
        self._flushes.put(done)
        self.source.wake()
        if self._ended:  # nobody may have seen it
            done.set()
        return done

    def rewatch(self) -> None:
        self._rewatching = True
        self.source.wake()

    def poll_soon(self) -> None:
        self._poll_interval = _POLL_INTERVAL
        self.source.wake()

    def _work(self) -> None:
        try:
            while not self._stopping:
                self._turn()
        finally:
            self.source.close()
            self._ended = True
            for done in self._asked_to_flush():
                done.set()

    def _turn(self) -> None:
        if self._rewatching:
            self._rewatching = False
            self._cover()
        flushes = self._asked_to_flush()
        if flushes:
            self.source.drain()
        else:
            self.source.read(self._patience())
        if self._clock() >= self._next_check():
            self._check()
        due = self.collector.due
        if due is not None and (flushes or due <= self._clock()):
            self._deliver()
        for done in flushes:
            done.set()

    def _asked_to_flush(self) -> list[threading.Event]:
        return [self._flushes.get() for _ in range(self._flushes.qsize())]

    def _patience(self) -> float:
        due = self.collector.due
        next_check = self._next_check()
        return (next_check if due is None else min(due, next_check)) - self._clock()

    def _next_check(self) -> float:
        native = self.source.mode is WatchMode.NATIVE
        return self._checked + (_SAFETY_INTERVAL if native else self._poll_interval)

    def _check(self) -> None:
        """Looks whether the system can tell more than before, and has everything looked at."""
        self._cover()
        if self.source.mode is not WatchMode.OFF:
            self.collector.rescan()
        native = self.source.mode is WatchMode.NATIVE
        self._poll_interval = _POLL_INTERVAL if native else min(2 * self._poll_interval, _LONGEST_POLL_INTERVAL)
        self._checked = self._clock()

    def _cover(self) -> None:
        before = self.source.mode
        self.source.cover()
        if before is not self.source.mode and {before, self.source.mode} & {WatchMode.OFF, WatchMode.POLLING}:
            self.collector.rescan()  # nothing told what happened until now

    def _deliver(self) -> None:
        batch = self.collector.take(self._ignored)
        if batch is not None and not self._stopping:
            if not batch.rescan:
                self._poll_interval = _POLL_INTERVAL
            self._on_batch(batch)
