"""Events from Linux: one inotify instance, one watch for every directory that is not ignored.

Watchdog's own observer takes a thread for each watch, hides that the system's limit was reached and keeps watches under
names directories no longer have; so only its binding to the system calls is used. A directory that comes is watched
before it is listed, and told as a whole: what was put into it meanwhile is never missed.
"""

from __future__ import annotations

import array
import ctypes
import errno
import fcntl
import os
import select
import struct
import termios
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.observers.inotify_c import InotifyConstants as Event
from watchdog.observers.inotify_c import inotify_add_watch, inotify_init, inotify_rm_watch

from magnetar.workspace.git_layout import GitChange, GitFiles
from magnetar.workspace.watch_events import Collector, Ignored, WatchMode

if TYPE_CHECKING:  # watchdog 6, the last for Python 3.10, has no name for it
    from watchdog.observers.inotify_c import WatchDescriptor

_CAME = Event.IN_CREATE | Event.IN_MOVED_TO
_GONE = Event.IN_DELETE | Event.IN_MOVED_FROM
_LOST = Event.IN_DELETE_SELF | Event.IN_MOVE_SELF | Event.IN_UNMOUNT
_MASK = (_CAME | _GONE | Event.IN_MODIFY | Event.IN_CLOSE_WRITE | Event.IN_ATTRIB) | (
    Event.IN_DELETE_SELF | Event.IN_MOVE_SELF | Event.IN_ONLYDIR | Event.IN_EXCL_UNLINK
)
_LIMITS = frozenset({errno.ENOSPC, errno.ENOMEM})
_HEADER = struct.Struct("iIII")
_BUFFER = 1 << 16


class InotifySource:
    """Watches the directories below a root, and those of git that concern it."""

    def __init__(self, root: Path, ignored: Ignored, collector: Collector) -> None:
        self.mode = WatchMode.OFF
        self._root = root
        self._ignored = ignored
        self._collector = collector
        self._inotify = -1
        self._paths: dict[WatchDescriptor, str] = {}
        """Watch to directory below the root; the root itself is empty."""
        self._watches: dict[str, WatchDescriptor] = {}
        self._git = GitFiles(root)
        self._git_directories: dict[WatchDescriptor, Path] = {}
        self._bell_lock = threading.Lock()
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._poll = select.poll()
        self._poll.register(self._bell, select.POLLIN)

    def cover(self) -> None:
        """Watches what is not watched yet, tells where that was, and drops watches that nothing needs."""
        known = self._watches.copy()
        if not self._open():
            return
        try:
            self._watch("")
        except OSError as error:
            self._shut(WatchMode.POLLING if error.errno in _LIMITS else WatchMode.OFF)
            return
        self.mode = WatchMode.NATIVE
        self._git = GitFiles(self._root)
        self._cover_git()
        visited = self._cover_below("")
        if visited is not None:
            for path in (known.keys() & self._watches.keys()) - visited:  # a renamed one is gone already
                self._forget(path)
        for path in self._watches.keys() - known.keys() if known else ():
            self._collector.relist(path)

    def read(self, timeout: float) -> None:
        """Waits, and hands over what came."""
        if any(ready == self._bell for ready, _ in self._poll.poll(max(timeout, 0) * 1_000)):
            os.eventfd_read(self._bell)
        self.drain()

    def drain(self) -> None:
        """Hands over what the kernel has queued: it queues an event before the call that caused it returns."""
        if self._inotify < 0:
            return
        queued = array.array("i", [0])
        fcntl.ioctl(self._inotify, termios.FIONREAD, queued)
        left = queued[0]
        while left > 0 and self._inotify >= 0:
            events = os.read(self._inotify, _BUFFER)
            left -= len(events)
            self._handle_all(events)

    def wake(self) -> None:
        """Ends a `read`."""
        with self._bell_lock:
            if self._bell >= 0:
                os.eventfd_write(self._bell, 1)

    def close(self) -> None:
        """Closes everything."""
        self._shut(WatchMode.OFF)
        with self._bell_lock:
            os.close(self._bell)
            self._bell = -1

    def _open(self) -> bool:
        if self._inotify < 0:
            self._inotify = inotify_init()
            if self._inotify < 0:
                self.mode = WatchMode.POLLING if os.path.isdir(self._root) else WatchMode.OFF
                return False
            os.set_inheritable(self._inotify, False)
            self._poll.register(self._inotify, select.POLLIN)
        return True

    def _shut(self, mode: WatchMode) -> None:
        """Drops every watch at once."""
        self.mode = mode
        self._paths.clear()
        self._watches.clear()
        self._git_directories.clear()
        if self._inotify >= 0:
            self._poll.unregister(self._inotify)
            os.close(self._inotify)
            self._inotify = -1

    def _handle_all(self, events: bytes) -> None:
        at = 0
        while at < len(events) and self._inotify >= 0:
            watch, mask, _, length = _HEADER.unpack_from(events, at)
            at += _HEADER.size
            name = events[at : at + length].rstrip(b"\0")
            at += length
            if mask & Event.IN_Q_OVERFLOW:
                self._collector.rescan()
                self.cover()
            elif mask & Event.IN_IGNORED:
                self._dropped(watch)
            else:
                self._handle(watch, mask, os.fsdecode(name))

    def _handle(self, watch: WatchDescriptor, mask: int, name: str) -> None:
        if name and watch in self._git_directories:
            self._handle_git(self._git_directories[watch] / name, mask)
        directory = self._paths.get(watch)
        if directory is None:
            return
        if not name:
            if not directory and mask & _LOST:
                self._collector.rescan()
                self._shut(WatchMode.OFF)
            return
        path = f"{directory}/{name}" if directory else name
        if name == ".git":
            if path == name:
                self._git_appeared()
        elif mask & Event.IN_ISDIR:
            self._handle_directory(path, mask)
        else:
            self._collector.change(path)

    def _handle_directory(self, path: str, mask: int) -> None:
        if self._ignored(path, True):
            return
        if mask & Event.IN_MOVED_FROM:
            self._forget_below(path)
        elif mask & _CAME or (mask & Event.IN_ATTRIB and path not in self._watches):
            self._cover_below(path)
        elif not mask & Event.IN_DELETE:
            return
        self._collector.relist(path)

    def _handle_git(self, path: Path, mask: int) -> None:
        meaning = self._git.meaning(path)
        if self._git.layout is None:
            self._git_appeared()
        elif meaning is not None:
            if mask & Event.IN_ISDIR:
                self._cover_git()  # a directory of branches
            self._collector.git(meaning)

    def _git_appeared(self) -> None:
        """A repository comes into being, or goes."""
        self._git = GitFiles(self._root)
        self._cover_git()
        self._collector.git(*GitChange)

    def _cover_git(self) -> None:
        try:
            for directory in filter(Path.is_dir, self._git.directories()):
                self._git_directories[self._add(directory)] = directory
        except OSError as error:
            if error.errno in _LIMITS:
                self.mode = WatchMode.MIXED

    def _cover_below(self, top: str) -> set[str] | None:
        """Watches a directory and what lies below, ignored ones left out; None where the system's limit ends it."""
        visited = set[str]()
        waiting = [top]
        while waiting:
            path = waiting.pop()
            try:
                self._watch(path)
                visited.add(path)
                with os.scandir(self._root / path) as entries:
                    names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
            except OSError as error:
                if error.errno in _LIMITS:
                    self.mode = WatchMode.MIXED
                    return None
                continue  # it vanished, or is not ours to read
            below = (f"{path}/{name}" if path else name for name in names if name != ".git")
            waiting += [child for child in below if not self._ignored(child, True)]
        return visited

    def _watch(self, path: str) -> None:
        watch = self._add(self._root / path)
        if self._watches.get(path, watch) != watch:
            self._forget(path)  # another directory stands there now
        if self._paths.get(watch, path) != path:
            del self._watches[self._paths[watch]]  # it was moved here
        self._paths[watch] = path
        self._watches[path] = watch

    def _add(self, directory: Path) -> WatchDescriptor:
        """The watch of a directory, which is the same however often and by whatever path it is asked for."""
        watch = inotify_add_watch(self._inotify, os.fsencode(directory), _MASK)
        if watch < 0:
            raise OSError(ctypes.get_errno(), "cannot watch", os.fspath(directory))
        return watch

    def _forget(self, path: str) -> None:
        watch = self._watches.pop(path)
        del self._paths[watch]
        if watch not in self._git_directories:
            inotify_rm_watch(self._inotify, watch)

    def _forget_below(self, top: str) -> None:
        for path in [path for path in self._watches if path == top or path.startswith(f"{top}/")]:
            self._forget(path)

    def _dropped(self, watch: WatchDescriptor) -> None:
        """The kernel let go of a watch, for the directory is gone; or did as it was told."""
        self._git_directories.pop(watch, None)
        path = self._paths.pop(watch, None)
        if path is not None:
            del self._watches[path]
