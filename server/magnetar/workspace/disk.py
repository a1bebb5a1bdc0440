"""Keeping the index in step with the disk: who may write it, what changed, what the history says.

Changes come from the watcher and from the editor, land in one queue, and are worked off in order by one task. A change of
many files at once, a branch switch or new ignore rules cost one scan and work on what really differs.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from attrs import evolve

from magnetar.cache.keys import history_key
from magnetar.cache.kinds.blobs import BlobStore
from magnetar.config import Settings
from magnetar.errors import BackendUnavailable
from magnetar.files.gate import Gate
from magnetar.files.git import Git
from magnetar.files.ignore import IgnoreRules
from magnetar.files.patterns import Globs
from magnetar.files.privacy import PathPolicy
from magnetar.files.read import Text
from magnetar.files.scan import ScanResult, scan
from magnetar.model import DropReason, IndexState, IndexStatus, WarmReport
from magnetar.workspace import history_codec
from magnetar.workspace.background import Background
from magnetar.workspace.history import History, load_history
from magnetar.workspace.index import Index
from magnetar.workspace.lease import Lease
from magnetar.workspace.pool import JobFailed, Pool
from magnetar.workspace.warming import Progress, Warming
from magnetar.workspace.watch import Watcher
from magnetar.workspace.watch_events import Batch, WatchMode

log = logging.getLogger(__name__)

_LEASE_SECONDS = 1.0
"""How often a process without the indexing lease looks whether it is free, and for what its holder wrote."""
_FLUSH_SECONDS = 5.0
_CATCH_UP_SECONDS = 5.0


class Disk:
    """One folder's; `start` it once, `stop` it once."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        index: Index,
        ignore: IgnoreRules,
        lease: Lease,
        blobs: BlobStore,
        prompt: Pool,
        background: Background,
        first: Callable[[], Sequence[str]],
        on_history: Callable[[History], None],
        on_change: Callable[[], None],
        on_message: Callable[[str], None],
    ) -> None:
        """Makes an idle one; `first` names the files likely to be asked for first."""
        self._root = root
        self._settings = settings
        self._index = index
        self._lease = lease
        self._blobs = blobs
        self._prompt = prompt
        self._background = background
        self._on_history = on_history
        self._on_change = on_change
        self._on_message = on_message
        self._events: asyncio.Queue[Batch] = asyncio.Queue()
        self._unfinished = 0
        self._seen_count = -1
        self._restoring: dict[str, asyncio.Task[None]] = {}
        self._watching = asyncio.Event()
        self._policy = PathPolicy(settings.privacy.exclude)
        self._take_rules(ignore)
        self._warming = Warming(index, prompt, self._scan, first, on_change, self._tell)
        self._watcher = Watcher(root, self._ignored, self._on_batch)
        self._loop = asyncio.get_running_loop()
        self.history: History | None = None

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Starts watching and keeping up."""
        self._background.job(self._watch(), "watch the folder")
        self._background.loop(self._follow, "follow changes on disk")
        self._background.loop(self._catch_up, "catch up with the disk")
        self.take_lease()
        if not self._index.writable or self._index.private:
            self._background.loop(self._wait_for_lease, "wait for the indexing lease")
        self._background.job(self._load_history(), "read the git history")

    def take_lease(self) -> None:
        """Writes the index from now on if nobody else does; one in memory is nobody else's."""
        self._index.writable = self._lease.acquire() or self._index.private

    async def stop(self) -> None:
        """Ends what is under way; the lease is free afterwards."""
        await asyncio.to_thread(self._watcher.stop)
        await self._warming.stop()
        self._lease.release()

    async def settled(self) -> None:
        """Returns once every change that already happened is worked off, and no warm-up is under way."""
        await asyncio.to_thread(self._watcher.flush, _FLUSH_SECONDS)
        await asyncio.sleep(0)  # lets batches handed over by the watcher's thread enter the queue
        await self._events.join()
        await self._warming.idle()

    # -- questions -------------------------------------------------------------------------------------------------

    @property
    def status(self) -> IndexStatus:
        """How far the index is."""
        return self._warming.status

    @property
    def quiescent(self) -> bool:
        """Whether everything known of is worked off."""
        return self._warming.state is not IndexState.WARMING and not self._unfinished

    @property
    def watching(self) -> tuple[str, int]:
        """How changes are noticed, and how many are still to be delivered."""
        return self._watcher.mode.value, self._watcher.pending + self._events.qsize()

    def refusal(self, path: Path) -> DropReason | None:
        """Why a file can't be served at all, or None where it can; asks the disk, not the index."""
        return self._gate.refusal(path)

    def read(self, path: str) -> Text | DropReason:
        """The text of a file that can be served, or why it can't."""
        return self._gate.read(self._root / path)

    def may_show(self, path: str) -> bool:
        """Whether a document's name is one that can be served, be it on disk or not."""
        reason = self._gate.refusal_by_name(self._root / path)
        return reason is None or (reason is DropReason.MISSING and not self._ignore.ignored(path, is_dir=False))

    def refused(self, paths: Iterable[str]) -> set[str]:
        """The regular files among some that can't be served by now."""
        return self._gate.refused(paths)

    async def warm(self, patterns: Sequence[str] = (), progress: Progress | None = None) -> WarmReport:
        """Brings the index up to the disk; joins a run that is under way."""
        await self._watching.wait()  # what changes after the scan is then told
        return await self._warming.warm(patterns, progress)

    async def warm_anew(self, progress: Progress | None = None) -> WarmReport:
        """Warms once the rows are others: a run that is under way has compared those before with the disk."""
        await self._warming.idle()
        return await self.warm((), progress)

    # -- changes ---------------------------------------------------------------------------------------------------

    def touch(self, paths: Iterable[str]) -> None:
        """These files may have changed."""
        self._enqueue(Batch(changed=frozenset(paths)))

    def restore(self, paths: Iterable[str]) -> None:
        """The cache has lost what was known of these files: extracts them again in the background."""
        lost = sorted(set(paths) - self._restoring.keys())
        if lost:
            job = self._background.job(self._restore(lost), "extract files anew")
            self._restoring.update(dict.fromkeys(lost, job))

    async def restored(self, paths: Collection[str], seconds: float) -> None:
        """As `restore`, and returns once that is done, or after so many seconds."""
        self.restore(paths)
        jobs = {self._restoring[path] for path in paths if path in self._restoring}
        if jobs:
            await asyncio.wait(jobs, timeout=seconds)

    async def _restore(self, paths: Sequence[str]) -> None:
        try:
            await self._index.restore(paths, self._prompt)
        finally:
            for path in paths:
                self._restoring.pop(path, None)

    def _on_batch(self, batch: Batch) -> None:
        self._loop.call_soon_threadsafe(self._enqueue, batch)

    def _enqueue(self, batch: Batch) -> None:
        self._unfinished += 1
        self._events.put_nowait(batch)

    async def _watch(self) -> None:
        try:
            await asyncio.to_thread(self._watcher.start)
        finally:
            self._watching.set()
        if self._watcher.mode in (WatchMode.MIXED, WatchMode.POLLING):
            self._on_message(
                f"magnetar looks for changes in {self._root} now and then, because the system cannot watch that many"
                " folders. On Linux, raise fs.inotify.max_user_watches."
            )

    async def _follow(self) -> None:
        batch = await self._events.get()
        try:
            await self._take(batch)
        except JobFailed as exc:
            log.warning("Changes in %s could not be indexed: %s", self._root, exc)
        except BackendUnavailable as exc:
            log.warning("Changes in %s could not be stored and are looked for again: %s", self._root, exc)
            self._warming.state = IndexState.DEGRADED
        finally:
            self._events.task_done()
            self._unfinished -= 1
            self._on_change()

    async def _catch_up(self) -> None:
        """Once an index could not be stored (a full disk, a lock that lasted), tries again until it can."""
        await asyncio.sleep(_CATCH_UP_SECONDS)
        if self._warming.state is IndexState.DEGRADED:
            with suppress(BackendUnavailable, JobFailed):
                await self._warming.warm()

    async def _take(self, batch: Batch) -> None:
        await self._warming.idle()
        if batch.ignore_changed or batch.rescan:
            self._take_rules(await asyncio.to_thread(IgnoreRules.for_root, self._root))
            if batch.ignore_changed:
                self._index.generation += 1  # what may be served changed, even where no row of the index does
                self._watcher.rewatch()
        if batch.rescan or batch.ignore_changed or batch.head_changed or batch.prefixes:
            before = self._index.generation
            await self._warming.warm()
            if self._index.generation != before:
                self._watcher.found_changes()
        elif batch.changed:
            await self._refresh(sorted(batch.changed))
        if batch.head_changed or batch.rescan:
            self._background.job(self._load_history(), "read the git history")

    async def _refresh(self, paths: Sequence[str]) -> None:
        """Looks at single files: takes in what may be served, takes out what may not."""
        listed = await asyncio.to_thread(lambda: {path for path in paths if self._gate.lists(path)})
        await self._index.remove(path for path in paths if path not in listed)
        await self._index.update([path for path in paths if path in listed], self._prompt)

    def _tell(self) -> None:
        self._background.job(self._index.tell(), "tell other machines what was parsed")

    def _scan(self, stop: threading.Event) -> ScanResult:
        warm = self._settings.warm
        found = scan(
            self._ignore,
            self._policy,
            max_files=warm.max_files,
            max_bytes=warm.max_file_bytes,
            cancelled=stop.is_set,
        )
        if not warm.patterns:
            return found
        chosen = Globs(warm.patterns)
        return evolve(found, files=tuple(file for file in found.files if chosen.match(file[0])))

    def _take_rules(self, ignore: IgnoreRules) -> None:
        self._ignore = ignore
        self._gate = Gate(self._root, self._ignore, self._policy, self._settings.warm.max_file_bytes)

    def _ignored(self, path: str, is_directory: bool) -> bool:  # noqa: FBT001 - the watcher's signature
        return self._policy.denied(path) or self._ignore.ignored(path, is_directory)

    # -- the lease and the history ---------------------------------------------------------------------------------

    async def _wait_for_lease(self) -> None:
        await asyncio.sleep(_LEASE_SECONDS)
        if self._index.writable:
            return
        taken = self._lease.acquire()
        count = await self._index.change_count()
        if taken or count != self._seen_count:
            self._seen_count = count
            await self._index.load()
            self._on_change()
        if taken:
            self._index.writable = True
            await self.warm_anew()

    async def _load_history(self) -> None:
        head = await asyncio.to_thread(Git(self._root).head)
        if head is None or (self.history is not None and self.history.head == head):
            return
        key = history_key(head)
        blob = (await self._blobs.get_blobs([key], shared=False)).get(key)
        history = None if blob is None else await asyncio.to_thread(_unpacked_history, blob)
        if history is None:
            blob = await self._prompt.run(_packed_history, self._root)
            if blob is None:
                return
            await self._blobs.set_blobs({key: blob}, shared=False)
            history = await asyncio.to_thread(history_codec.decode, blob)
        self.history = history
        self._on_history(history)
        self._index.generation += 1
        self._on_change()


def _packed_history(root: Path) -> bytes | None:
    history = load_history(root)
    return None if history is None else history_codec.encode(history)


def _unpacked_history(blob: bytes) -> History | None:
    """A stored history; None where it is damaged or an older version's."""
    try:
        return history_codec.decode(blob)
    except ValueError:
        return None
