"""Events from macOS and Windows, where the system itself watches a whole tree: watchdog's observer, with its queue bounded.

Left out: any promise about order. These systems tell of a change some time after it happened, so that `drain` can only
wait until they have been silent for a while.
"""

from __future__ import annotations

import os
import queue
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from magnetar.workspace.git_layout import GitChange, GitFiles
from magnetar.workspace.watch_events import Collector, Ignored, WatchMode

_CHANGES: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]
"""Events that are asked for: not those of reading."""
_MOST_QUEUED = 20_000
_SILENCE = 0.1
"""Seconds."""


class ObserverSource(FileSystemEventHandler):
    """Watches the tree below a root, and the directories of git that lie outside it."""

    def __init__(self, root: Path, ignored: Ignored, collector: Collector) -> None:
        self.mode = WatchMode.OFF
        self._root = root
        self._ignored = ignored
        self._collector = collector
        self._git = GitFiles(root)
        self._observer: BaseObserver | None = None
        self._queue = queue.Queue[FileSystemEvent | None](_MOST_QUEUED)
        self._overflowed = False

    def cover(self) -> None:
        """Starts observing where that was not possible, or the root went and came back."""
        if self.mode is WatchMode.NATIVE and os.path.isdir(self._root):
            return
        self._stop()
        if not os.path.isdir(self._root):
            self.mode = WatchMode.OFF
            return
        self._git = GitFiles(self._root)
        self._observer = Observer()
        try:
            self._observer.schedule(self, os.fspath(self._root), recursive=True, event_filter=_CHANGES)
            for directory in self._git.directories():
                if os.path.isdir(directory) and not directory.is_relative_to(self._root):
                    self._observer.schedule(self, os.fspath(directory), event_filter=_CHANGES)
            self._observer.start()
            self.mode = WatchMode.NATIVE
        except OSError:
            self._observer = None
            self.mode = WatchMode.POLLING

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called on watchdog's thread, for each event."""
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self._overflowed = True

    def read(self, timeout: float) -> None:
        """Waits for one event or a `wake`, and takes whatever else is there."""
        try:
            self._handle(self._queue.get(timeout=max(timeout, 0.001)))
            while True:
                self._handle(self._queue.get_nowait())
        except queue.Empty:
            pass
        if self._overflowed:
            self._overflowed = False
            self._collector.rescan()

    def drain(self) -> None:
        """Takes events until none has come for a while."""
        told = -1
        while told != self._collector.pending:
            told = self._collector.pending
            self.read(_SILENCE)

    def wake(self) -> None:
        """Ends a `read`."""
        if self._queue.empty():
            self._queue.put_nowait(None)

    def close(self) -> None:
        """Stops observing."""
        self._stop()
        self.mode = WatchMode.OFF

    def _stop(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def _handle(self, event: FileSystemEvent | None) -> None:
        if event is None:
            return
        for told in {event.src_path, event.dest_path} - {"", b""}:
            self._handle_path(Path(os.fsdecode(told)), is_directory=event.is_directory)

    def _handle_path(self, path: Path, *, is_directory: bool) -> None:
        if path == self._root:
            if not os.path.isdir(self._root):
                self.mode = WatchMode.OFF
                self._collector.rescan()
            return
        below = path.relative_to(self._root).parts if path.is_relative_to(self._root) else ()
        if not below or below[0] == ".git":
            self._handle_git(path)
        elif ".git" in below:
            return
        elif not is_directory:
            self._collector.change("/".join(below))
        elif not self._ignored("/".join(below), True):
            self._collector.relist("/".join(below))

    def _handle_git(self, path: Path) -> None:
        if self._git.layout is None or path == self._root / ".git":
            self._git = GitFiles(self._root)
            self._collector.git(*GitChange)
            return
        meaning = self._git.meaning(path)
        if meaning is not None:
            self._collector.git(meaning)
