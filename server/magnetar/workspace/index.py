"""The index of a folder: every file's row in memory, mirrored in the workspace database, with its facts in the cache.

Rows say which content a file had when it was last read and with which fingerprint; the index *proposes*, and whoever
serves verifies. Facts are stored by content, so a file that comes back to a content seen before is not parsed again.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from attrs import evolve, frozen

from magnetar.cache.keys import index_key
from magnetar.cache.kinds import Symbols
from magnetar.cache.kinds.blobs import BlobStore
from magnetar.errors import BackendUnavailable
from magnetar.files.fingerprint import Fingerprint
from magnetar.files.read import Text, read_text
from magnetar.model import DropReason
from magnetar.search.store import Entry, FileRow, Store
from magnetar.symbols.languages import language_of
from magnetar.symbols.lines import first_line
from magnetar.workspace.extraction import (
    Extracted,
    Recalled,
    Rules,
    Told,
    extract_files,
    facts_key,
    recall_files,
    refused_row,
    take_told,
)
from magnetar.workspace.pool import JobFailed, Pool
from magnetar.workspace.telling import Telling, told_of

BATCH = 16
"""Files per job: large enough that sending them costs nothing, small enough that none waits long."""


@frozen
class Plan:
    """What has to happen for the index to match a scan."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]
    reused: int


class Index:
    """Rows of one folder. `writable` says whether this process keeps the database, or only reads it."""

    def __init__(self, store: Store, blobs: BlobStore, rules: Rules, ttl: int) -> None:
        """Makes the index over an open database and an open cache; `load` fills it."""
        self._store = store
        self._blobs = blobs
        self._symbols = Symbols(blobs, ttl)
        self._telling = Telling(self._symbols)
        self._ttl = ttl
        self.rules = rules
        self.rows: dict[str, FileRow] = {}
        self.generation = 0
        """Grows whenever a row changed."""
        self.listing = 0
        """Grows whenever files came or went."""
        self.served = 0
        """How many files can be served."""
        self.writable = False

    @property
    def private(self) -> bool:
        """Whether the database is in memory, where no other process writes it."""
        return self._store.in_memory is not None

    async def load(self) -> None:
        """Takes over what the database holds."""
        self.rows = {row.path: row for row in await self._store.files()}
        self.served = sum(row.refused is None for row in self.rows.values())
        self.generation += 1
        self.listing += 1
        self.settle()

    @staticmethod
    def settle() -> None:
        """Takes the rows, which stay, out of what full collections look through: that would hold the loop up each time.

        It is for when there are many new ones: whatever else is there, and refers to itself, is never collected then.
        """
        gc.collect(1)
        gc.freeze()

    async def shrink(self) -> None:
        """Lets go of the pages that many writes have left in memory."""
        with suppress(BackendUnavailable):
            await self._store.link.shrink()

    async def anchor(self) -> None:
        """Starts anew where the cache does not know this index, for then it lacks the facts too, or prices have changed.

        What says that it is known is written before the first facts and not renewed, so that it expires before them.
        """
        if not self.writable:
            return
        key = index_key(self.rules.root)
        made_as = facts_key("", "", "", self.rules.encoding).encode()
        if (await self._blobs.get_blobs([key], shared=False)).get(key) != made_as:
            await self.clear()
            await self._blobs.set_blobs({key: made_as}, self._ttl, shared=False)

    def plan(self, scanned: Mapping[str, Fingerprint]) -> Plan:
        """Compares a scan of the folder with the rows; may be called in a thread."""
        changed = tuple(path for path, stamp in scanned.items() if not self.is_current(path, stamp))
        removed = tuple(path for path in tuple(self.rows) if path not in scanned)
        return Plan(changed, removed, len(scanned) - len(changed))

    def is_current(self, path: str, stamp: Fingerprint) -> bool:
        """Whether a file with this fingerprint is the one that was read."""
        row = self.rows.get(path)
        return row is not None and row.fingerprint == stamp and not stamp.racy(row.read_ns)

    async def update(self, paths: Sequence[str], pool: Pool, progress: Callable[[int], None] = lambda _: None) -> int:
        """Brings files into the index, several jobs at a time; how many had to be parsed.

        `progress` is told how many more are done.
        """
        parsed = 0
        batches = iter([paths[start : start + BATCH] for start in range(0, len(paths), BATCH)])

        async def work() -> None:
            nonlocal parsed
            for batch in batches:
                new = await self._update_batch(batch, pool)
                parsed += new  # apart from the wait, during which others count
                progress(len(batch))

        workers = [asyncio.ensure_future(work()) for _ in range(2 * pool.workers + 1)]
        try:
            await asyncio.gather(*workers)
        finally:  # where one fails the others end too, for the pool may be closed next, and what they then read would be refused
            for worker in workers:
                worker.cancel()
            await asyncio.wait(workers)
        return parsed

    async def store(self, extracted: Sequence[Extracted]) -> None:
        """Takes over what was extracted elsewhere."""
        await self._keep(extracted)
        await self._symbols.share(told_of({one.key: one.facts for one in extracted if one.key}))

    async def tell(self) -> int:
        """Tells other machines what is known of the files and they lack; how much of it they will hear."""
        return await self._telling.tell(await asyncio.to_thread(self._keys))

    def facts_known(self, paths: Iterable[str]) -> list[tuple[str, str, int]]:
        """Path, key of the facts and header tokens of the files that can be served."""
        rows = [row for path in paths if (row := self.rows.get(path)) is not None and row.refused is None]
        encoding = self.rules.encoding
        return [(row.path, facts_key(row.path, row.sha256, row.language, encoding), row.header_tokens) for row in rows]

    def _keys(self) -> list[str]:
        return [key for _, key, _ in self.facts_known(tuple(self.rows))]

    async def restore(self, paths: Sequence[str], pool: Pool) -> None:
        """Extracts files anew although they did not change, for the cache no longer holds their facts."""
        for start in range(0, len(paths), BATCH):
            seen = await asyncio.to_thread(_read_all, self.rules, paths[start : start + BATCH])
            await self.store(await self._extract(seen, pool))

    async def remove(self, paths: Iterable[str]) -> None:
        """Takes files out of the index."""
        gone = [row for path in paths if (row := self.rows.pop(path, None)) is not None]
        if gone:
            self.served -= sum(row.refused is None for row in gone)
            self.generation += 1
            self.listing += 1
            if self.writable:
                await self._store.remove([row.path for row in gone])
                self.generation += 1  # whoever asked the database meanwhile was told of them

    async def change_count(self) -> int:
        """A number that another process's writing changes."""
        return await self._store.change_count()

    async def clear(self) -> int:
        """Empties the index; how many files it held."""
        if self.writable:
            await self._store.clear_files()  # first: a batch that is being stored must not come to count as known
        count, self.rows, self.served = len(self.rows), {}, 0
        self.generation += 1
        self.listing += 1
        return count

    async def _update_batch(self, paths: Sequence[str], pool: Pool) -> int:
        seen = await asyncio.to_thread(_read_all, self.rules, paths)
        unchanged = [row for row in (self._same_content(one) for one in seen) if row is not None]
        if unchanged:
            self.rows.update((row.path, row) for row in unchanged)
            if self.writable:
                await self._store.touch(unchanged)
        kept = {row.path for row in unchanged}
        fresh = [one for one in seen if one.path not in kept]
        refused = [self._refuse(one, one.found) for one in fresh if isinstance(one.found, DropReason)]
        readable = [one for one in fresh if isinstance(one.found, Text)]
        recalled = await self._recall(readable, pool)
        told = await self._take_told([one for one in readable if one.path not in recalled], pool)
        known = {*recalled, *told}
        extracted = await self._extract([one for one in readable if one.path not in known], pool)
        await self._store_entries([*refused, *recalled.values()])
        await self._keep(list(told.values()))
        await self.store(extracted)
        return sum(1 for one in extracted if one.key)

    async def _keep(self, extracted: Sequence[Extracted]) -> None:
        await self._symbols.set_many({one.key: one.facts for one in extracted if one.key})
        await self._store_entries([one.entry for one in extracted])

    async def _store_entries(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        if self.writable:
            await self._store.replace(entries)  # first: what could not be stored must not count as known
        changes = [(entry.row.refused is None) - self._lists(entry.row.path) for entry in entries]
        self.listing += any(changes)
        self.served += sum(changes)
        self.rows.update((entry.row.path, entry.row) for entry in entries)
        self.generation += 1

    def _lists(self, path: str) -> bool:
        row = self.rows.get(path)
        return row is not None and row.refused is None

    def _key(self, one: _Seen) -> str:
        return facts_key(one.path, one.sha256, one.language, self.rules.encoding)

    def _same_content(self, one: _Seen) -> FileRow | None:
        row = self.rows.get(one.path)
        if row is None or isinstance(one.found, DropReason) or row.sha256 != one.sha256:
            return None
        return evolve(row, fingerprint=one.found.fingerprint, read_ns=one.read_ns)

    def _refuse(self, one: _Seen, reason: DropReason) -> Entry:
        return Entry(refused_row(self.rules, one.path, one.read_ns, reason))

    async def _recall(self, seen: Sequence[_Seen], pool: Pool) -> dict[str, Entry]:
        """The entries of files whose content was seen here before; what is damaged was not seen before."""
        keys = {one.path: self._key(one) for one in seen}
        facts = await self._symbols.get_many(list(keys.values()))
        known = [
            Recalled(one.path, one.found, one.read_ns, facts[keys[one.path]])
            for one in seen
            if isinstance(one.found, Text) and keys[one.path] in facts
        ]
        with suppress(JobFailed):
            entries = await pool.run(recall_files, self.rules, known) if known else []
            return {entry.row.path: entry for entry in entries if entry is not None}
        return {}

    async def _take_told(self, seen: Sequence[_Seen], pool: Pool) -> dict[str, Extracted]:
        """Files that other machines have parsed, extracted with what they tell; what does not fit they did not tell."""
        keys = {one.path: self._key(one) for one in seen}
        told = await self._symbols.get_foreign(list(keys.values()))
        heard = [
            Told(one.path, one.found, one.read_ns, told[keys[one.path]])
            for one in seen
            if isinstance(one.found, Text) and keys[one.path] in told
        ]
        with suppress(JobFailed):
            extracted = await pool.run(take_told, self.rules, heard) if heard else []
            return {one.entry.row.path: one for one in extracted if one is not None}
        return {}

    async def _extract(self, unknown: Sequence[_Seen], pool: Pool) -> list[Extracted]:
        """Extracts files in a worker; where that fails, one by one, then without a parser; what still fails is refused."""
        if not unknown:
            return []
        paths = [one.path for one in unknown]
        try:
            return await pool.run(extract_files, self.rules, paths)
        except JobFailed:
            if len(unknown) > 1:
                parts = [await self._extract([one], pool) for one in unknown]
                return [one for part in parts for one in part]
        with suppress(JobFailed):
            return await pool.run(extract_files, self.rules, paths, parse=False)
        return [Extracted(self._refuse(unknown[0], DropReason.UNREADABLE), "", b"")]


@frozen
class _Seen:
    """A file as it was just read."""

    path: str
    read_ns: int
    found: Text | DropReason
    language: str

    @property
    def sha256(self) -> str:
        return self.found.sha256 if isinstance(self.found, Text) else ""


def _read_all(rules: Rules, paths: Sequence[str]) -> list[_Seen]:
    seen = []
    for path in paths:
        read_ns = time.time_ns()
        found = read_text(rules.root, rules.root / path, rules.max_file_bytes)
        language = language_of(path, first_line(found.text)) if isinstance(found, Text) else ""
        seen.append(_Seen(path, read_ns, found, language))
    return seen
