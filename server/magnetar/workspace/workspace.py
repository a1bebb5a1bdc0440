"""One open folder: its files, what is indexed of them, its buffers, its history, and what the user does in it.

Signals (an edit, a focus, a change on disk) are taken in at once and worked off in the background, in order; questions are
answered meanwhile from what is known and verified. Paths are relative to the folder, with `/` between parts.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial
from itertools import islice
from pathlib import Path

from magnetar.cache.kinds import CachedFile, FileContents, Symbols
from magnetar.cache.kinds.blobs import BlobStore
from magnetar.config import Settings
from magnetar.errors import BackendUnavailable
from magnetar.files.ignore import IgnoreRules
from magnetar.files.kinds import is_unicode
from magnetar.files.read import Text
from magnetar.model import DropReason, IndexStatus, Prediction, WarmReport
from magnetar.search.query import most_telling
from magnetar.search.store import Role, Store
from magnetar.symbols.facts import Facts
from magnetar.workspace.attention import Attention
from magnetar.workspace.background import Background
from magnetar.workspace.buffers import Buffers
from magnetar.workspace.catalogue import Catalogue, Known
from magnetar.workspace.cochange import cochange_pairs
from magnetar.workspace.collection import collect, note_end, note_use
from magnetar.workspace.disk import Disk
from magnetar.workspace.documents import Documents, Source
from magnetar.workspace.extraction import Extracted, Rules
from magnetar.workspace.history import History
from magnetar.workspace.index import Index
from magnetar.workspace.lease import Lease
from magnetar.workspace.loading import take_over
from magnetar.workspace.pool import Pool
from magnetar.workspace.proof import Proof
from magnetar.workspace.warming import Progress

__all__ = ["Known", "Source", "Workspace"]

log = logging.getLogger(__name__)

_FLUSH_SECONDS = 5.0
_COLLECT_SECONDS = 120.0
_SNAPSHOT_EVERY = 200
"""Accesses between two snapshots of the model."""
PREFETCHED = 6
LEAST_LIKELY = 0.025
"""Which predicted documents are loaded ahead: on recorded sessions this hits most at less than half a load per access."""
_SHARE_OF_FACTS = 2
"""Facts ready for use of one folder may take one such part of what the memory tier may: 25 kilobytes each, by default 2,000 of them."""
_FEW_LOST = 32
"""Files that are waited for where the cache has lost what was known of them, be it evicted or never written to a full disk."""
_GONE = 10
"""Predicted documents that may turn out to be deleted or hidden by now."""


class Workspace:
    """What the doors signal and the context sources ask; made by `open`, ended by `close`."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        directory: Path,
        store: Store,
        index: Index,
        ignore: IgnoreRules,
        blobs: BlobStore,
        prompt: Pool,
        lease: Lease,
        stack: AsyncExitStack,
        on_change: Callable[[], None],
        on_message: Callable[[str], None],
        session: str,
    ) -> None:
        """Puts the parts together; use `open`."""
        self.root = root
        self._root_length = len(str(root / "_")) - 1
        self.settings = settings
        self._directory = directory
        self._store = store
        self._index = index
        self._blobs = blobs
        self._stack = stack
        self._background = Background(on_message, on_change)
        self._signals = 0
        self._frequencies: dict[str, int] = {}
        self._frequencies_at = -1
        self.buffers = Buffers()
        self.attention = Attention(store, directory, session=session)
        self.on_history: Callable[[History], None] = lambda _history: None
        """Called with the history of each HEAD, once it is read."""
        self.files: Mapping[str, Known] = Catalogue(index, self.buffers)
        ttl = settings.cache.ttl
        self._contents = FileContents(blobs, ttl.file)
        symbols = Symbols(blobs, ttl.symbols)
        facts_bytes = settings.cache.max_bytes // _SHARE_OF_FACTS
        self._documents = Documents(self, self.buffers, self._contents, symbols, prompt, facts_bytes)
        self.disk = Disk(
            root,
            settings,
            index,
            ignore,
            lease,
            blobs,
            prompt,
            self._background,
            self._likely_first,
            self._learn_history,
            on_change,
            on_message,
        )

    @classmethod
    async def open(
        cls,
        root: Path,
        directory: Path,
        settings: Settings,
        blobs: BlobStore,
        prompt: Pool,
        on_change: Callable[[], None],
        on_message: Callable[[str], None],
        session: str = "",
    ) -> Workspace:
        """Opens a folder's database and starts to keep up with its disk; warming is the caller's to start.

        Args:
            root: The folder, absolute.
            directory: Where its database lives.
            settings: What applies to it.
            blobs: The cache of contents and facts.
            prompt: The worker for what a request waits for.
            on_change: Called when its status changed.
            on_message: Called with a sentence worth showing the user.
            session: A word for whoever is at work, where that is no editor's user.
        """
        note_use(directory, root)
        async with AsyncExitStack() as stack:
            store = await Store.open(directory / "workspace.db", stack)
            if store.in_memory is not None:
                on_message(f"magnetar cannot keep its index in {directory} ({store.in_memory}); it is kept in memory.")
            rules = Rules.of(root, settings)
            index = Index(store, blobs, rules, settings.cache.ttl.symbols)
            lease = Lease(directory / "index.lock")
            workspace = cls(
                root,
                settings,
                directory,
                store,
                index,
                await asyncio.to_thread(IgnoreRules.for_root, root),  # it asks git
                blobs,
                prompt,
                lease,
                stack.pop_all(),
                on_change,
                on_message,
                session,
            )
        try:
            await take_over(store.link, index, workspace.attention)
        except BaseException:
            await workspace._stack.aclose()
            raise
        workspace.disk.start()
        store.link.on_damage = workspace._found_damaged
        if store.link.is_damaged:  # found before anybody was told
            workspace._found_damaged()
        workspace._background.loop(workspace._flush_now_and_then, "keep what was learned")
        workspace._background.loop(workspace._refresh_now_and_then, "refresh documents in use")
        workspace._background.loop(partial(workspace._collect, directory.parents[1]), "remove what no folder uses")
        return workspace

    async def close(self) -> None:
        """Ends all work and closes the database; what was learned is kept."""
        note_end(self._directory)
        try:
            await self._background.close()
            await self.disk.stop()
            if self._store.in_memory is not None:
                with suppress(BackendUnavailable):
                    await self.attention.renew()
            await self.attention.snapshot()
        finally:
            await self._stack.aclose()

    # -- signals ---------------------------------------------------------------------------------------------------

    def opened(self, path: str, version: int, text: str, *, access: bool) -> None:
        """A buffer opened; `access` says whether that is a sign of the user's attention."""
        self.buffers.open(path, version, text)
        self._signals += 1
        if access:
            self.focused(path)

    def changed(self, path: str, version: int, text: str) -> None:
        """A buffer changed."""
        self.buffers.change(path, version, text)
        self._signals += 1
        if self.may_show(path):
            self.attention.edit(path)

    def saved(self, path: str) -> None:
        """A buffer was written to disk."""
        self.buffers.save(path)
        self._signals += 1
        self.disk.touch([path])

    def closed(self, path: str) -> None:
        """A buffer closed: the disk counts again."""
        if self.buffers.close(path):
            self._signals += 1
            self.disk.touch([path])

    def focused(self, path: str | None) -> None:
        """The user looks at this document now; what they are likely to open next is loaded ahead."""
        self._signals += 1
        if path is not None and not self.may_show(path):
            path = None
        if self.attention.focus(path) and path is not None and self.settings.prefetch.enabled:
            self._background.job(self._prefetch_after(path), "prefetch")

    def visited(self, path: str) -> None:
        """Someone who looks at no document, such as an agent, read this one; what is likely to follow is loaded ahead."""
        self._signals += 1
        if self.refusal(self.root / path) is None and self.attention.visit(path) and self.settings.prefetch.enabled:
            self._background.job(self._prefetch_after(path), "prefetch")

    def renamed(self, old: str, new: str) -> None:
        """A file or folder was renamed; what was learned of it follows."""
        self._signals += 1
        if self.may_show(new) and is_unicode(old) and "\n" not in old + new:  # the log has no place for others
            self.attention.rename(old, new)
        moved = [path for path in self.files if path == old or path.startswith(old + "/")]
        self.disk.touch([old, new, *moved, *(new + path[len(old) :] for path in moved)])

    # -- questions -------------------------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """Grows whenever the index, a buffer, the history, the user's attention or what is known of it changed."""
        return self.index_generation + self.attention.generation + self._signals

    @property
    def index_generation(self) -> int:
        """Grows only when the index or the history changed, or could not be asked."""
        return self._index.generation + self._store.link.failed_lookups

    @property
    def rules(self) -> Rules:
        """How files are read and priced."""
        return self._index.rules

    @property
    def status(self) -> IndexStatus:
        """How far the index is."""
        return self.disk.status

    @property
    def history(self) -> History | None:
        """None without git, or while it is still being read."""
        return self.disk.history

    @property
    def focused_document(self) -> str | None:
        """The document the user looks at."""
        return self.attention.focused

    @property
    def quiescent(self) -> bool:
        """Whether everything received so far is worked off."""
        return self.disk.quiescent and not self._background.busy

    @property
    def trouble(self) -> str | None:
        """What keeps the folder from working as it should, in a sentence."""
        if self._store.in_memory is not None:
            return f"The index of {self.root.name} is kept in memory only: {self._store.in_memory}"
        return None

    @property
    def symbol_count(self) -> int:
        """Symbols of all indexed files."""
        return sum(row.symbols for row in self._index.rows.values())

    def recent(self) -> Sequence[str]:
        """Documents the user was in, latest first, at most fifty."""
        return self.attention.recent()

    def edited(self) -> Sequence[str]:
        """Documents the user changed, latest first, at most fifty."""
        return self.attention.edited()

    def predict(self, path: str, top_k: int) -> Sequence[Prediction]:
        """The likeliest next documents after one, of those that can be served."""
        likely = self.attention.predict(self.root, path, top_k + _GONE)
        return list(islice((one for one in likely if self.refusal(one.path) is None), min(top_k, len(likely))))

    def name_of(self, path: Path) -> str:
        """What the workspace calls a path inside it that one of its answers holds."""
        return str(path)[self._root_length :].replace(os.sep, "/")

    def refusal(self, path: Path) -> DropReason | None:
        """Why a file can't be served at all, or None where it can; asks the disk, not the index."""
        return self.disk.refusal(path)

    def read(self, path: str) -> Text | DropReason:
        """The text of a file that can be served, or why it can't."""
        return self.disk.read(path)

    def may_show(self, path: str) -> bool:
        """Whether a document's name is one that can be served, be it on disk or not."""
        return self.disk.may_show(path)

    def refused(self, paths: Iterable[str]) -> set[str]:
        """The regular files among some that can't be served by now."""
        return self.disk.refused(paths)

    def header_tokens(self, path: str) -> int | None:
        """Tokens of an indexed document's header."""
        row = self._index.rows.get(path)
        return None if row is None or row.refused is not None else row.header_tokens

    async def load(self, paths: Iterable[str]) -> dict[str, Source]:
        """Verified documents; what changed on disk is extracted again first, what can't be served is absent."""
        return await self._documents.load(paths)

    def proof(self, sources: Iterable[Source]) -> Callable[[], bool] | None:
        """What tells whether documents are still what they were; None where nothing short of reading them can."""
        proof = self._documents.proof(sources)
        return None if proof is None else partial(self._proves, proof)

    def _proves(self, proof: Proof) -> bool:
        """Whether documents are unchanged, and may still be shown."""
        return (
            proof.holds(self.buffers)
            and not self.disk.refused(proof.files)
            and all(map(self.disk.may_show, proof.buffers))
        )

    async def facts(self, paths: Iterable[str], patience: float = 0.0) -> dict[str, Facts]:
        """Facts as indexed, unverified, cheap: for ranking only; a few that are lost are waited for, so many seconds."""
        rows = self._index.facts_known(paths)
        found = await self._documents.facts(rows)
        lost = [path for path, _, _ in rows if path not in found]
        if lost and patience > 0 and len(lost) <= _FEW_LOST:
            await self.disk.restored(lost, patience)
            found |= await self._documents.facts(self._index.facts_known(lost))
        else:
            self.disk.restore(lost)
        return found

    async def lexical(self, terms: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
        """Files by BM25 over the most telling of the given terms (with their weights), best first."""
        searched = most_telling(terms, await self.document_frequency(terms), len(self.files))
        if not searched:
            return []
        found = await self._store.lexical(searched, limit)
        return [(path, score) for path, score in found if path in self.files]

    async def document_frequency(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many files each term stands; terms that stand in none are left out."""
        if self._frequencies_at != self.index_generation:
            self._frequencies, self._frequencies_at = {}, self.index_generation
        wanted, known = list(terms), self._frequencies
        missing = [term for term in wanted if term not in known]
        if missing:
            found = await self._store.document_frequency(missing)
            known.update((term, found.get(term, 0)) for term in missing)
        return {term: count for term in wanted if (count := known[term])}

    async def containing(self, terms: Sequence[str], limit: int) -> dict[str, list[str]]:
        """Term to the files that hold it, in path order, at most `limit` of each."""
        return await self._store.containing(terms, limit)

    async def defining(self, names: Iterable[str], most: int | None = None) -> dict[str, tuple[str, ...]]:
        """Identifier to the files that define it; those that more than `most` files define are left out."""
        return await self._store.named(Role.DEFINES, names, most)

    async def importers(self, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Module key to the files that import something so called."""
        return await self._store.named(Role.IMPORTS, keys)

    async def modules(self, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Module key to the files that can be imported by it."""
        return await self._store.named(Role.MODULE, keys)

    async def named(self, stems: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """File-name stem (`terms.name_stem`) to the files called so, tests and variants included."""
        return await self._store.named(Role.CALLED, stems)

    async def definitions_like(self, text: str, limit: int) -> list[tuple[str, str]]:
        """(name, path) of definitions whose name contains the text in any case, best first."""
        return await self._store.definitions_like(text, limit)

    async def index_bytes(self) -> int:
        """The size of the folder's database."""
        return await self._store.size_bytes()

    # -- work ------------------------------------------------------------------------------------------------------

    async def warm(self, patterns: Sequence[str] = (), progress: Progress | None = None) -> WarmReport:
        """Brings the index up to the disk; joins a run that is under way."""
        return await self.disk.warm(patterns, progress)

    async def settled(self) -> None:
        """Returns once everything received before is worked off."""
        while True:
            before = self._signals
            await self.disk.settled()
            await self._background.settled()
            await self.attention.flush()
            if self._signals == before and self.quiescent:
                return

    async def forget(self) -> int:
        """Forgets what was learned of the user."""
        self._signals += 1
        return await self.attention.forget()

    async def clear(self) -> int:
        """Empties the index; the next warm-up fills it again."""
        return await self._index.clear()

    def keep(self, extracted: Sequence[Extracted], texts: Mapping[Path, CachedFile]) -> None:
        """Takes what a request found out on its way, without making it wait."""
        if extracted or texts:
            self._background.job(self._keep(extracted, texts), "keep what was read")

    async def _keep(self, extracted: Sequence[Extracted], texts: Mapping[Path, CachedFile]) -> None:
        await self._index.store(extracted)
        await self._contents.set_many(texts)

    async def _prefetch_after(self, path: str) -> None:
        likely = [one for one in self.predict(path, PREFETCHED) if one.probability >= LEAST_LIKELY]
        await self.load([path, *(one.path.relative_to(self.root).as_posix() for one in likely)])

    def _learn_history(self, history: History) -> None:
        """Gives a model that knows nothing of the folder what git says of files that change together."""
        if self.settings.prediction.seed_from_git and not self.attention.model.seeded:
            self._background.job(self._seed(history), "learn from the git history")
        self.on_history(history)

    async def _seed(self, history: History) -> None:
        model = self.attention.model
        await asyncio.to_thread(lambda: model.seed_cochange(cochange_pairs(history)))
        self._signals += 1

    async def refresh(self, age: float) -> int:
        """Reads the documents in use again that were read at least `age` seconds ago; how many."""
        return await self._documents.refresh(age)

    async def _refresh_now_and_then(self) -> None:
        refresh, ttl = self.settings.refresh, self.settings.cache.ttl.file
        await asyncio.sleep(refresh.interval)
        await self.refresh(refresh.stale_threshold * ttl)

    async def _collect(self, cache: Path) -> None:
        await asyncio.sleep(_COLLECT_SECONDS)
        await asyncio.to_thread(collect, cache, self.settings.cache.disk_max_bytes, time.time())

    def _found_damaged(self) -> None:
        self._background.job(self._renew(), "build the index anew")

    async def _renew(self) -> None:
        """Goes on with a sound database, in place of one that is damaged or in memory; later, where that is not possible yet."""
        try:
            await self.attention.renew()
        except BackendUnavailable as error:
            log.warning("%s", error)
            return
        self.disk.take_lease()
        await self._index.load()
        self._background.job(self.disk.warm_anew(), "warm up anew")

    async def _flush_now_and_then(self) -> None:
        await asyncio.sleep(_FLUSH_SECONDS)
        if self._store.in_memory is not None:
            await self._renew()
        await self._store.link.check_place()
        await self.attention.flush()
        await self.attention.snapshot(at_least=_SNAPSHOT_EVERY)
        await self.attention.fold()

    def _likely_first(self) -> Sequence[str]:
        return (*(buffer.path for buffer in self.buffers), *self.recent())
