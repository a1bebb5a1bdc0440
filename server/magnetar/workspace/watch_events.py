"""What a watcher tells, and how single events become a batch.

Left out: where events come from (`watch_inotify`, `watch_observer`) and when a batch is delivered (`watch`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Protocol

from attrs import frozen

from magnetar.workspace.git_layout import GitChange

QUIET = 0.04
"""Seconds without an event after which a batch is due: an editor's save is several events."""
LATENCY = 0.25
"""Seconds after its first event when a batch is due even if events keep coming."""
_MOST_PATHS = 5_000
"""Paths in a batch; beyond them looking at everything is cheaper."""

Ignored = Callable[[str, bool], bool]
"""Whether a path below the root, a directory or not, is left out of the workspace; asked on the watcher's thread."""


class WatchMode(str, Enum):
    """How changes are noticed."""

    NATIVE = "native"
    """The system tells of every change."""
    MIXED = "mixed"
    """The system tells of some, the rest shows in rescans: a limit was reached."""
    POLLING = "polling"
    """Rescans alone."""
    OFF = "off"
    """Not started, or the folder is not there; when it comes back, so do the changes."""


@frozen
class Batch:
    """Changes since the batch before; paths are below the root, with `/` between their parts."""

    changed: frozenset[str] = frozenset()
    """Files that were made, written, renamed or deleted."""
    prefixes: frozenset[str] = frozenset()
    """Directories that came, went or moved: everything below is to be listed again. None lies in another."""
    rescan: bool = False
    """Everything may have changed, git's HEAD and the ignore rules included."""
    head_changed: bool = False
    """Git's HEAD, a branch or the index was written."""
    ignore_changed: bool = False
    """A `.gitignore` or git's own list of exclusions changed; call `Watcher.rewatch` when the new rules are in force."""


class Source(Protocol):
    """Where events come from. All but `wake` is called on one thread at a time."""

    mode: WatchMode

    def cover(self) -> None:
        """Sets up whatever is not watched yet, and drops what needs no watching; sets `mode`."""

    def read(self, timeout: float) -> None:
        """Waits for events, a `wake` or the time-out, and hands what came to the collector."""

    def drain(self) -> None:
        """Hands over every event of what has already happened."""

    def wake(self) -> None:
        """Ends a `read`, from any thread, also when closed."""

    def close(self) -> None:
        """Gives everything back."""


class Collector:
    """Gathers events into a batch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._changed: set[str] = set()
        self._prefixes: set[str] = set()
        self._rescan = self._head = self._ignore = False
        self._first = self._last = 0.0

    @property
    def pending(self) -> int:
        """How many things the next batch tells so far."""
        return len(self._changed) + len(self._prefixes) + self._rescan + self._head + self._ignore

    @property
    def due(self) -> float | None:
        """When the batch is to be delivered, by the clock; None while there is nothing to tell."""
        return min(self._last + QUIET, self._first + LATENCY) if self.pending else None

    def change(self, path: str) -> None:
        """A file changed in whatever way."""
        self._stamp()
        self._changed.add(path)
        if path.rpartition("/")[2] == ".gitignore":
            self._ignore = True
        self._bound()

    def relist(self, prefix: str) -> None:
        """A directory came, went or moved."""
        self._stamp()
        self._prefixes.add(prefix)
        self._bound()

    def rescan(self) -> None:
        """Events were missed."""
        self._stamp()
        self._rescan = True

    def git(self, *changes: GitChange) -> None:
        """Something of git's own changed."""
        self._stamp()
        self._head = self._head or GitChange.HEAD in changes
        self._ignore = self._ignore or GitChange.IGNORE in changes

    def take(self, ignored: Ignored) -> Batch | None:
        """The batch, without what is ignored; None where that leaves nothing. Starts the next one."""
        changed, prefixes = (set[str](), set[str]()) if self._rescan else (self._changed, set(_topmost(self._prefixes)))
        batch = Batch(
            frozenset(path for path in changed if not _below(path, prefixes) and not ignored(path, False)),
            frozenset(prefixes),
            self._rescan,
            self._head,
            self._ignore,
        )
        self._changed, self._prefixes = set(), set()
        self._rescan = self._head = self._ignore = False
        return None if batch == Batch() else batch

    def _stamp(self) -> None:
        self._last = self._clock()
        if not self.pending:
            self._first = self._last

    def _bound(self) -> None:
        if len(self._changed) + len(self._prefixes) > _MOST_PATHS:
            self._rescan = True
        if self._rescan:
            self._changed.clear()
            self._prefixes.clear()


def _topmost(prefixes: Iterable[str]) -> Iterator[str]:
    """Those that lie in no other."""
    kept: set[str] = set()
    for prefix in sorted(prefixes, key=len):
        if not _below(prefix, kept):
            kept.add(prefix)
            yield prefix


def _below(path: str, prefixes: set[str]) -> bool:
    """Whether one of the prefixes is the path or a directory it lies in."""
    if not prefixes:
        return False
    parts = path.split("/")
    return any("/".join(parts[:count]) in prefixes for count in range(1, len(parts) + 1))
