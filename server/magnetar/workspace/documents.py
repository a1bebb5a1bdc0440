"""Documents as they are at this moment: the buffer where one is open, else the bytes on disk, with their facts.

Nothing the index or the cache says is trusted unless the file's fingerprint proves it. Lines with a secret are blanked
before a text is kept anywhere, so nothing built on it can show them.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Protocol

from attrs import evolve, frozen

from magnetar.cache.kinds import CachedFile, FileContents, Symbols
from magnetar.files.fingerprint import Fingerprint
from magnetar.files.read import Text
from magnetar.model import DropReason, document_path
from magnetar.symbols.build import shown_lines
from magnetar.symbols.facts import Facts
from magnetar.symbols.languages import language_of
from magnetar.symbols.lines import Lines, first_line
from magnetar.symbols.words import count_words, identifiers
from magnetar.workspace.buffers import Buffer, Buffers
from magnetar.workspace.decoded import DecodedFacts
from magnetar.workspace.extraction import Extracted, Rules, extract_text, facts_key
from magnetar.workspace.pool import JobFailed, Pool
from magnetar.workspace.proof import Proof

_MOST_SOURCES = 512
"""Documents kept ready: as long as the cache holds the very bytes they were made of."""


@frozen(eq=False)
class Source:
    """A document as it is at this moment, verified: text and facts belong together."""

    path: str
    lines: Lines
    """The text split at LSP line ends (CR LF, LF, CR), terminators kept; lines with a secret are blank."""
    facts: Facts
    sha256: str
    from_buffer: bool
    version: int | None
    mtime: float | None
    cached: bool
    """Nothing was read, parsed or embedded for it in this request."""

    @cached_property
    def identifiers(self) -> tuple[str, ...]:
        """Every distinct word that is no keyword, most frequent first, at most 2,000."""
        return identifiers(count_words(self.lines, self.facts.runs), self.facts.language)


@frozen(eq=False)
class _Text:
    """A text on its way to a `Source`."""

    path: str
    text: str
    sha256: str
    language: str
    stamp: Fingerprint
    read_ns: int
    buffer: Buffer | None
    cached: bool
    origin: object
    """The buffer or the cached file it was made of."""


class Owner(Protocol):
    """What a loader needs of the folder it loads from."""

    @property
    def rules(self) -> Rules:
        """How files are read and priced."""

    def read(self, path: str) -> Text | DropReason:
        """The text of a file that can be served, or why it can't."""

    def may_show(self, path: str) -> bool:
        """Whether an open document's name is one that can be served."""

    def refused(self, paths: Iterable[str]) -> set[str]:
        """The regular files among some that can't be served by now."""

    def header_tokens(self, path: str) -> int | None:
        """Tokens of an indexed document's header."""

    def keep(self, extracted: Sequence[Extracted], texts: Mapping[Path, CachedFile]) -> None:
        """Takes, without waiting, what was found out on the way: facts, and texts for the cache."""


class Documents:
    """Loads documents of one folder."""

    def __init__(
        self,
        owner: Owner,
        buffers: Buffers,
        contents: FileContents,
        symbols: Symbols,
        pool: Pool,
        facts_bytes: int,
    ) -> None:
        """Makes a loader that extracts what is not known in `pool`, and keeps so many bytes of facts ready for use."""
        self._owner = owner
        self._buffers = buffers
        self._contents = contents
        self._symbols = symbols
        self._pool = pool
        self._facts = DecodedFacts(facts_bytes)
        self._sources: OrderedDict[str, tuple[_Text, Source]] = OrderedDict()

    async def load(self, paths: Iterable[str]) -> dict[str, Source]:
        """The documents among `paths` that can be served, verified at this moment."""
        wanted = list(dict.fromkeys(paths))
        texts = {path: found for path in wanted if (found := self._open_text(path)) is not None}
        on_disk = [path for path in wanted if path not in self._buffers]
        texts.update(await self._cached([path for path in on_disk if path not in texts]))
        texts.update(await self._read([path for path in on_disk if path not in texts]))
        return await self._with_facts([texts[path] for path in wanted if path in texts])

    def proof(self, sources: Iterable[Source]) -> Proof | None:
        """What proves that documents are unchanged; None where one was read too soon after it changed, or is not kept."""
        buffers, files = {}, {}
        for source in sources:
            text, _ = self._sources.get(source.path, (None, None))
            if text is None or text.sha256 != source.sha256 or (text.stamp.racy(text.read_ns) and text.buffer is None):
                return None
            if text.buffer is not None:
                buffers[text.path] = text.buffer
            else:
                files[text.path] = text.stamp
        return Proof(self._owner.rules.root, buffers, files)

    async def refresh(self, age: float) -> int:
        """Reads the documents in use again that were read at least `age` seconds ago; how many.

        They are then kept for another time to live, and whoever asks for them next need not wait for the disk.
        """
        before = time.time_ns() - int(age * 1e9)
        due = [path for path, (text, _) in self._sources.items() if text.buffer is None and text.read_ns <= before]
        return len(await self._with_facts(list((await self._read(due)).values())))

    async def facts(self, rows: Sequence[tuple[str, str, int]]) -> dict[str, Facts]:
        """Facts as indexed, unverified, by (path, key, header tokens); those that are damaged are not known."""
        found = {path: facts for path, key, header in rows if (facts := self._facts.get(key, header)) is not None}
        missing = [row for row in rows if row[0] not in found]
        blobs = await self._symbols.get_many([key for _, key, _ in missing])
        for path, key, header in missing:
            if key in blobs:
                with suppress(ValueError):
                    found[path] = self._facts.decode(key, header, blobs[key])
        return found

    def _open_text(self, path: str) -> _Text | None:
        buffer = self._buffers.get(path)
        if buffer is None:
            return None
        if not self._owner.may_show(path):
            return None
        made = self._made_of(path, buffer)
        if made is not None:
            return made
        language = language_of(path, first_line(buffer.text))
        return _Text(
            path, buffer.text, buffer.sha256, language, Fingerprint(0, 0, 0, 0), 0, buffer, cached=True, origin=buffer
        )

    async def _cached(self, paths: Sequence[str]) -> dict[str, _Text]:
        """Cached texts of files that may still be served and have the fingerprint they were read with."""
        root = self._owner.rules.root
        prefix = f"{root}{os.sep}"
        stamps = {path: stamp for path in paths if (stamp := Fingerprint.at(prefix + path)) is not None}
        for path in self._owner.refused(stamps):
            del stamps[path]
        files = await self._contents.current({document_path(root, path): stamp for path, stamp in stamps.items()})
        return {
            path: self._made_of(path, file) or _of_file(path, file)
            for path in stamps
            if (file := files.get(document_path(root, path))) is not None
        }

    async def _read(self, paths: Sequence[str]) -> dict[str, _Text]:
        if not paths:
            return {}

        def read() -> dict[str, _Text]:
            found = {}
            for path in paths:
                read_ns = time.time_ns()
                text = self._owner.read(path)
                if isinstance(text, Text):
                    language = language_of(path, first_line(text.text))
                    stamp = text.fingerprint
                    found[path] = _Text(
                        path, text.text, text.sha256, language, stamp, read_ns, None, cached=False, origin=None
                    )
            return found

        return await asyncio.to_thread(read)

    def _made_of(self, path: str, origin: object) -> _Text | None:
        """The text that was made of this very buffer, or of this very file in the cache, before."""
        made = self._sources.get(path)
        return made[0] if made is not None and made[0].origin is origin else None

    async def _with_facts(self, wanted: Sequence[_Text]) -> dict[str, Source]:
        made = {one.path: self._sources[one.path] for one in wanted if one.path in self._sources}
        sources = {one.path: made[one.path][1] for one in wanted if one.path in made and made[one.path][0] is one}
        texts = [one for one in wanted if one.path not in sources]
        encoding = self._owner.rules.encoding
        rows = [
            (text.path, facts_key(text.path, text.sha256, text.language, encoding), header)
            for text in texts
            if (header := self._owner.header_tokens(text.path)) is not None
        ]
        lines = {text.path: Lines(text.text) for text in texts}
        known = await self.facts(rows)
        facts = {
            text.path: known[text.path]
            for text in texts
            if text.path in known and known[text.path].fits(text.language, len(lines[text.path]))
        }
        blanked = {text.path for text in texts if text.path not in facts and text.buffer is None and text.cached}
        anew = await self._read(sorted(blanked))  # a cached text lacks its secrets, and facts have to name their lines
        texts = [anew.get(text.path, text) for text in texts if text.path not in blanked or text.path in anew]
        lines.update({path: Lines(text.text) for path, text in anew.items()})
        extracted = await self._extract([text for text in texts if text.path not in facts])
        for one in extracted:
            path, header = one.entry.row.path, one.entry.row.header_tokens
            facts[path] = self._facts.decode(one.key, header, one.facts)
        keep = {}
        parsed = {one.entry.row.path for one in extracted}
        for text in texts:
            if text.path in facts:
                source = _source(
                    text, lines[text.path], facts[text.path], cached=text.cached and text.path not in parsed
                )
                sources[text.path] = source
                if text.origin is not None:
                    self._recall(text, source)
                if text.buffer is None and not text.cached:
                    shown = source.lines.text
                    keep[self._owner.rules.root / text.path] = CachedFile(shown, text.sha256, text.stamp, text.read_ns)
        on_disk = {text.path for text in texts if text.buffer is None}
        self._owner.keep([one for one in extracted if one.entry.row.path in on_disk], keep)
        return {one.path: sources[one.path] for one in wanted if one.path in sources}

    async def _extract(self, texts: Sequence[_Text]) -> list[Extracted]:
        """Extracts unknown texts in the worker; one that it fails on even unparsed is left out: it may hold secrets."""
        rules = self._owner.rules
        jobs = [(rules, t.path, t.text, t.sha256, t.stamp, t.read_ns) for t in texts]

        async def extract(job: tuple[Rules, str, str, str, Fingerprint, int]) -> Extracted | None:
            for parse in (True, False):
                with suppress(JobFailed):
                    return await self._pool.run(extract_text, *job, parse=parse)
            return None

        found = await asyncio.gather(*map(extract, jobs))
        return [one for one in found if one is not None]

    def _recall(self, text: _Text, source: Source) -> None:
        self._sources[text.path] = (text, evolve(source, cached=True))
        self._sources.move_to_end(text.path)
        if len(self._sources) > _MOST_SOURCES:
            self._sources.popitem(last=False)


def _source(text: _Text, lines: Lines, facts: Facts, *, cached: bool) -> Source:
    if facts.secret_lines:
        lines = Lines("".join(shown_lines(text.text, facts.secret_lines)))
    return Source(
        path=text.path,
        lines=lines,
        facts=facts,
        sha256=text.sha256,
        from_buffer=text.buffer is not None,
        version=text.buffer.version if text.buffer else None,
        mtime=None if text.buffer else text.stamp.mtime_ns / 1e9,
        cached=cached,
    )


def _of_file(path: str, file: CachedFile) -> _Text:
    language = language_of(path, first_line(file.text))
    return _Text(path, file.text, file.sha256, language, file.fingerprint, file.read_ns, None, cached=True, origin=file)
