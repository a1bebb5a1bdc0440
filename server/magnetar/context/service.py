"""What every door calls (the language server, MCP, the command line): one object over all open folders.

Signals are synchronous and only enqueue; requests are coroutines and may be cancelled. Paths are absolute.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
from attrs import evolve

from magnetar.cache.kinds import Conversations, SearchResults
from magnetar.cache.places import close_to_others
from magnetar.cache.smart import SmartCache
from magnetar.config import Settings
from magnetar.context.folders import Folder, Folders, workspace_id
from magnetar.context.ledger import Ledgers
from magnetar.context.lookup import find_symbols, search, versions
from magnetar.errors import BackendUnavailable
from magnetar.logfile import log_file
from magnetar.model import (
    Candidate,
    ContextAnswer,
    ContextRequest,
    DropReason,
    FileChange,
    Health,
    IndexState,
    IndexStatus,
    Prediction,
    PrefetchReport,
    SearchHit,
    ServerStats,
    ServerStatus,
    SymbolHit,
    Target,
    WarmReport,
)
from magnetar.workspace.allocator import return_free_memory
from magnetar.workspace.background import Background
from magnetar.workspace.documents import Source
from magnetar.workspace.history import History
from magnetar.workspace.pool import Pool
from magnetar.workspace.warming import Progress
from magnetar.workspace.workspace import Workspace

_PROMPT_SECONDS = 30.0
_MOST_PASSING = 2_000
_MOST_PASSING_BYTES = 16 * 1024**2
_IDLE_SECONDS = 8.0
"""Without a question, after which what questions took for themselves is given back."""
_RETRY_SECONDS = 15.0
"""Between two tries to open a store that could not be opened."""


class Service:
    """Opened by `open`, closed by `close`; both may be called twice."""

    def __init__(self, settings: Settings, cache: SmartCache, directory: Path, *, session: str = "") -> None:
        """Makes a service with no folder.

        Args:
            settings: What applies until `configure`.
            cache: The cache, not yet initialized; the service closes it.
            directory: The cache directory of this schema, under which each folder's database lives.
            session: A word for whoever is at work, where that is no editor's user: what they read is a session of its own.
        """
        self._settings = settings
        self._cache = cache
        self._directory = directory
        self._session = session
        self._folders = Folders()
        # What no other process could use, nor this one after a restart.
        self._passing = SmartCache(max_size=_MOST_PASSING, max_size_bytes=_MOST_PASSING_BYTES)
        self._ledgers = Ledgers(Conversations(self._passing, settings.cache.ttl.context))
        self._background = Background(self._tell, self._changed)
        self._lifecycle = Background(self._tell, self._changed)  # opening and closing folders: never cancelled
        self._prompt = Pool(1, niced=False, timeout=_PROMPT_SECONDS)
        self._started = time.monotonic()
        self._questions = self._questions_before = 0
        self._status: ServerStatus | None = None
        self._opened = False
        self._focused: Path | None = None
        self._texts: dict[Path, tuple[int, str]] = {}  # what is open, for folders that open later or anew
        self.on_status: Callable[[ServerStatus], None] = lambda _status: None
        self.on_message: Callable[[str], None] = lambda _message: None
        self.on_warming: Callable[[Path], Progress | None] = lambda _root: None
        cache.on_degraded = lambda _reason: self._changed()

    async def open(self) -> None:
        """Opens the cache. Needs no folder and reads none."""
        if not self._opened:
            self._opened = True
            await self._passing.initialize()
            await self._open_cache()
            self._background.loop(self._reopen_cache, "open the cache again")
            self._background.loop(self._give_memory_back, "give memory back")
            asyncio.get_running_loop().call_soon(self._changed)  # once the folders that waited for this are added

    async def close(self) -> None:
        """Stops all background work and closes every database cleanly."""
        if not self._opened:
            return
        self._opened = False
        await self._background.close()
        for folder in self._folders:
            self.remove_folder(folder.root)
        await self._lifecycle.settled()
        self._prompt.close()
        await self._passing.shutdown()
        await self._cache.shutdown()

    # -- folders and settings ------------------------------------------------------------------------------------

    def add_folder(self, root: Path) -> None:
        """A folder opens: its database at once, its warm-up right after, both in the background."""
        folder = self._folders.add(root)
        if folder is not None:
            for path, (version, text) in self._texts.items():
                if (place := self._folders.of(path)) is not None and place[0] is folder:
                    folder.signal(partial(_opened_before, name=place[1], version=version, text=text))
            self._lifecycle.job(self._open_folder(folder), f"open the folder {root.name}")
            self._changed()

    def remove_folder(self, root: Path) -> None:
        """A folder closes."""
        folder = self._folders.remove(root)
        if folder is not None:
            self._lifecycle.job(self._close_folder(folder), f"close the folder {root.name}")
            self._changed()

    def configure(self, settings: Settings) -> None:
        """New settings: folders that they change are opened anew; what the cache was made with stays until restart."""
        if settings == self._settings:
            return
        self._settings = settings
        focused = self._focused
        for folder in self._folders:
            self.remove_folder(folder.root)
            self.add_folder(folder.root)
        if focused is not None:
            self.focused(focused)

    # -- signals ---------------------------------------------------------------------------------------------------

    def opened(self, path: Path, language: str, version: int, text: str, *, access: bool) -> None:  # noqa: ARG002
        """A buffer opened; `access` says whether that is a sign of the user's attention."""
        self._texts[path] = version, text
        if access:
            self._focused = path
        if (place := self._folders.of(path)) is not None:
            folder, name = place
            folder.signal(lambda workspace: workspace.opened(name, version, text, access=access))
            if access:
                self._folders.focused = folder

    def changed(self, path: Path, version: int, text: str) -> None:
        """A buffer changed."""
        self._texts[path] = version, text
        if (place := self._folders.of(path)) is not None:
            place[0].signal(lambda workspace: workspace.changed(place[1], version, text))

    def saved(self, path: Path) -> None:
        """A buffer was written to disk."""
        if (place := self._folders.of(path)) is not None:
            place[0].signal(lambda workspace: workspace.saved(place[1]))

    def closed(self, path: Path) -> None:
        """A buffer closed."""
        self._texts.pop(path, None)
        if (place := self._folders.of(path)) is not None:
            place[0].signal(lambda workspace: workspace.closed(place[1]))

    def focused(self, path: Path | None) -> None:
        """The user looks at this document now, or at none."""
        self._focused = path
        place = self._folders.of(path) if path is not None else None
        for folder in self._folders:
            name = place[1] if place is not None and place[0] is folder else None
            folder.signal(lambda workspace, name=name: workspace.focused(name))  # type: ignore[misc]
        if place is not None:
            self._folders.focused = place[0]

    def visited(self, path: Path) -> None:
        """Someone who looks at no document, such as an agent, read this one."""
        if (place := self._folders.of(path)) is not None:
            place[0].signal(lambda workspace: workspace.visited(place[1]))
            self._folders.focused = place[0]

    def disk_changed(self, changes: Sequence[FileChange]) -> None:
        """The editor saw changes on disk."""
        by_folder: dict[Path, tuple[Folder, list[str]]] = {}
        for change in changes:
            if (place := self._folders.of(change.path)) is not None:
                by_folder.setdefault(place[0].root, (place[0], []))[1].append(place[1])
        for folder, names in by_folder.values():
            folder.signal(lambda workspace, names=names: workspace.disk.touch(names))  # type: ignore[misc]

    def renamed(self, old: Path, new: Path) -> None:
        """A file or folder was renamed; what was learned of it follows."""
        before, after = self._folders.of(old), self._folders.of(new)
        if before is not None and after is not None and before[0] is after[0]:
            before[0].signal(lambda workspace: workspace.renamed(before[1], after[1]))
            return
        for place in (before, after):
            if place is not None:
                place[0].signal(lambda workspace, name=place[1]: workspace.disk.touch([name]))  # type: ignore[misc]

    # -- requests --------------------------------------------------------------------------------------------------

    async def context(self, request: ContextRequest, ledger: str) -> ContextAnswer:
        """The main job. `ledger` names the connection whose conversations `request.conversation_id` is one of."""
        folder = self._folders.choose(request.folder, request.document.path if request.document else None)
        workspace = await folder.ready()
        conversation = await self._ledgers.of(ledger, request.conversation_id)
        answer = await folder.engine_now().context(self._timed(request), conversation)
        self._questions += 1
        if request.preview:
            return answer
        if request.conversation_id is not None and conversation is not None:
            await self._ledgers.keep(ledger, request.conversation_id, conversation)
        workspace.attention.show(workspace.name_of(item.path) for item in answer.items)
        return answer

    async def explain(self, request: ContextRequest) -> Sequence[Candidate]:
        """Every candidate of a request, with its signals, and whether it would be served."""
        folder = self._folders.choose(request.folder, request.document.path if request.document else None)
        await folder.ready()
        return await folder.engine_now().explain(self._timed(request))

    async def predict(self, document: Target | None, top_k: int | None) -> Sequence[Prediction]:
        """The likeliest next documents after one, by default the focused one."""
        folder = self._folders.choose(None, document.path if document else None)
        workspace = await folder.ready()
        name = folder.relative(document.path) if document and document.path else workspace.focused_document
        return workspace.predict(name, top_k or self._settings.prediction.top_k) if name else ()

    async def prefetch(self, targets: Sequence[Target]) -> PrefetchReport:
        """Loads documents ahead of their use; what is there already is skipped."""
        prefetched = skipped = 0
        failed: list[tuple[Target, str]] = []
        for target in targets:
            place = self._folders.of(target.path) if target.path is not None else None
            if place is None:
                failed.append((target, "It lies in no open workspace folder."))
                continue
            workspace = await place[0].ready()
            source = (await workspace.load([place[1]])).get(place[1])
            if source is None:
                reason = workspace.refusal(workspace.root / place[1]) or DropReason.UNREADABLE
                failed.append((target, f"It can't be served: {reason.value}."))
            elif source.cached:
                skipped += 1
            else:
                prefetched += 1
        return PrefetchReport(prefetched, skipped, tuple(failed))

    async def read(self, path: Path) -> Source | DropReason:
        """One document as it is at this moment, or why it can't be served. Reading is no access; see `visited`."""
        place = self._folders.of(path)
        if place is None:
            return DropReason.OUTSIDE_WORKSPACE
        folder, name = place
        workspace = await folder.ready()
        source = (await workspace.load([name])).get(name)
        return source or workspace.refusal(workspace.root / name) or DropReason.UNREADABLE

    async def files(self, folder: Path | None) -> Sequence[Path]:
        """The files of one folder that can be served, as far as they are indexed, in path order."""
        workspace = await self._folders.choose(folder, None).ready()
        return [workspace.root / path for path in workspace.files]

    async def warmed(self, folder: Path | None, progress: Progress | None = None) -> IndexStatus:
        """Returns once one folder is warm, at once where it is already."""
        workspace = await self._folders.choose(folder, None).ready()
        if workspace.status.state is not IndexState.READY:
            await workspace.warm((), progress)
        return workspace.status

    async def warm(
        self, folder: Path | None, patterns: Sequence[str] | None, progress: Progress | None = None
    ) -> WarmReport:
        """Warms one folder, or the one a request without hints is about; joins a warm-up that is already running."""
        workspace = await self._folders.choose(folder, None).ready()
        return await workspace.warm(tuple(patterns or ()), progress)

    async def search(self, query: str, limit: int, folder: Path | None) -> Sequence[SearchHit]:
        """The places that match a query best."""
        workspace = await self._folders.choose(folder, None).ready()
        results = SearchResults(self._passing, self._settings.cache.ttl.search, partial(versions, workspace))
        return await search(workspace, query, limit, results)

    async def symbols(
        self, document: Target | None, query: str | None, limit: int, folder: Path | None
    ) -> Sequence[SymbolHit]:
        """The symbols of one document, or those of the folder whose name matches."""
        chosen = self._folders.choose(folder, document.path if document else None)
        workspace = await chosen.ready()
        name = chosen.relative(document.path) if document and document.path else None
        return await find_symbols(workspace, name, query, limit)

    async def stats(self, folder: Path | None) -> ServerStats:
        """The figures of one folder's index and predictions, of the cache and of the process."""
        workspace = await self._folders.choose(folder, None).ready()
        model = workspace.attention.model
        mode, pending = workspace.disk.watching
        process = psutil.Process()
        cpu = process.cpu_times()
        return ServerStats(
            cache={**self._cache.get_stats().to_dict(), "refresh_failures": self._cache.refresh_failures},
            backend=self._cache.backend_type.value,
            tiers=self._cache.tiers(),
            prediction={
                "transitions": model.transitions,
                "documents": model.documents,
                "hitAt1": model.hit_at_1,
                "hitAt5": model.hit_at_5,
                "evaluated": model.evaluated,
            },
            index=workspace.status,
            symbols=workspace.symbol_count,
            embeddings=0,
            index_bytes=await workspace.index_bytes(),
            rss_bytes=process.memory_info().rss,
            cpu_seconds=cpu.user + cpu.system,
            uptime_seconds=time.monotonic() - self._started,
            watcher_mode=mode,
            watcher_pending=pending,
            log_file=log_file(),
        )

    async def clear(self, scope: str, folder: Path | None) -> int:
        """Forgets `cache`, `model` or `all`; the number of entries that were removed."""
        workspace = await self._folders.choose(folder, None).ready()
        removed = 0
        if scope in ("model", "all"):
            removed += await workspace.forget()
        if scope in ("cache", "all"):
            removed += await self._cache.delete_prefix("", shared=False) + await workspace.clear()
            if self._settings.warm.on_open:
                self._start_warming(workspace, anew=True)
        return removed

    async def synchronize(self) -> None:
        """Returns once everything received before has been worked off and its outcome was told."""
        await self._lifecycle.settled()
        await self._background.settled()
        for folder in self._folders:
            if folder.workspace is not None:
                await folder.workspace.settled()
        await self._background.settled()
        self._changed()

    def forget_ledger(self, ledger: str) -> None:
        """The connection ended."""
        self._background.job(self._ledgers.forget(ledger), "forget a connection's conversations")

    def _timed(self, request: ContextRequest) -> ContextRequest:
        """A request with a deadline: its own, or the one of the settings."""
        return evolve(request, deadline_ms=request.deadline_ms or self._settings.context.deadline_ms)

    # -- in the background -----------------------------------------------------------------------------------------

    async def _open_cache(self) -> None:
        """Opens the cache, or what of it can be opened; memory answers for the rest."""
        with suppress(OSError):  # opening the cache says it better
            await asyncio.to_thread(close_to_others, self._directory)
        try:
            await self._cache.initialize()
        except BackendUnavailable as exc:
            self._tell(f"magnetar works without its stored cache: {exc}")

    async def _reopen_cache(self) -> None:
        await asyncio.sleep(_RETRY_SECONDS)
        if self._cache.degraded is not None:
            with suppress(BackendUnavailable):
                await self._cache.initialize()
            self._changed()

    async def _give_memory_back(self) -> None:
        """Returns what questions took for themselves, once nobody has asked for a while."""
        questions = self._questions
        await asyncio.sleep(_IDLE_SECONDS)
        if self._questions == questions != self._questions_before:
            self._questions_before = questions
            await asyncio.to_thread(return_free_memory)

    async def _open_folder(self, folder: Folder) -> None:
        try:
            workspace = await Workspace.open(
                folder.root,
                self._directory / "workspaces" / workspace_id(folder.root),
                self._settings,
                self._cache,
                self._prompt,
                self._changed,
                self._tell,
                self._session,
            )
            folder.become(workspace)
            workspace.on_history = partial(self._prepare, folder)
            if self._settings.warm.on_open:
                self._start_warming(workspace)
        finally:
            folder.opened.set()
            self._changed()

    def _prepare(self, folder: Folder, history: History) -> None:
        self._background.job(folder.engine_now().prepare(history), f"index the git history of {folder.root.name}")

    async def _close_folder(self, folder: Folder) -> None:
        await folder.opened.wait()
        if folder.workspace is not None:
            await folder.workspace.close()
            folder.end()
            if self._opened:
                _free_what_is_gone()

    def _start_warming(self, workspace: Workspace, *, anew: bool = False) -> None:
        self._background.job(self._warm(workspace, anew=anew), f"warm the folder {workspace.root.name}")

    async def _warm(self, workspace: Workspace, *, anew: bool) -> None:
        progress = self.on_warming(workspace.root)
        await (workspace.disk.warm_anew(progress) if anew else workspace.warm((), progress))

    def _tell(self, message: str) -> None:
        self.on_message(message)

    def _changed(self) -> None:
        status = self._status_now()
        if status != self._status:
            self._status = status
            self.on_status(status)

    def _status_now(self) -> ServerStatus:
        workspaces = [folder.workspace for folder in self._folders]
        quiet = (
            not self._background.busy
            and not self._lifecycle.busy
            and all(w is not None and w.quiescent for w in workspaces)
        )
        troubles = [self._cache.degraded, *(w.trouble for w in workspaces if w is not None)]
        message = next((trouble for trouble in troubles if trouble), None)
        return ServerStatus(Health.WARNING if message else Health.OK, quiet, message)


def _opened_before(workspace: Workspace, *, name: str, version: int, text: str) -> None:
    """Tells a workspace of a document that was open before it was."""
    workspace.opened(name, version, text, access=False)


def _free_what_is_gone() -> None:
    """Looks through what collections pass over, too: what an index that is closed took out of them (`Index.settle`)."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
