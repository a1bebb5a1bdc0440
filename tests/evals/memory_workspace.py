"""A workspace that lives in memory: what the context engine asks, answered from dictionaries.

It stands in for the indexed workspace where a test or the training of the weights needs thousands of them, each built in
milliseconds from facts that are already there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from math import log
from pathlib import Path

from magnetar.model import DropReason, IndexState, IndexStatus, Prediction
from magnetar.symbols.build import build_facts
from magnetar.symbols.facts import Facts
from magnetar.symbols.lines import Lines
from magnetar.symbols.terms import name_stem
from magnetar.symbols.words import path_terms
from magnetar.workspace.catalogue import Known
from magnetar.workspace.documents import Source
from magnetar.workspace.history import History
from magnetar.workspace.imports import import_keys, module_keys


class MemoryWorkspace:
    """Files given as text, or with facts and term counts that were built before."""

    def __init__(
        self,
        texts: Mapping[str, str],
        history: History | None = None,
        *,
        root: Path = Path("/workspace"),
        built: Mapping[str, tuple[Facts, Mapping[str, int]]] | None = None,
        secret_lines: Mapping[str, Sequence[tuple[int, int]]] | None = None,
        refused: Mapping[str, DropReason] | None = None,
    ):
        self.root = root
        self.generation = 1
        self.index_generation = 1
        self.history = history
        self.focused_document: str | None = None
        self._recent: list[str] = []
        self._edited: list[str] = []
        self._refused = dict(refused or {})
        self._texts = dict(sorted(texts.items()))
        self._secrets = secret_lines or {}
        self._facts: dict[str, Facts] = {}
        self._bags: dict[str, Mapping[str, int]] = {}
        for path, text in self._texts.items():
            known = built.get(path) if built is not None else None
            self._facts[path], self._bags[path] = known or self._build(path, text)
        self._index()

    def _build(self, path: str, text: str) -> tuple[Facts, Mapping[str, int]]:
        built = build_facts(path, text, secret_lines=self._secrets.get(path, ()))
        return built.facts, Counter(built.lexicon.split())

    def _index(self) -> None:
        self.files = {
            path: Known(path, len(text), self._facts[path].language, self._facts[path].line_count)
            for path, text in self._texts.items()
            if path not in self._refused
        }
        self._documents: dict[str, list[str]] = {}
        self._definers: dict[str, list[str]] = {}
        self._importers: dict[str, list[str]] = {}
        self._modules: dict[str, list[str]] = {}
        self._named: dict[str, list[str]] = {}
        for path, facts in self._facts.items():
            for term in self._bags[path]:
                self._documents.setdefault(term, []).append(path)
            for name in dict.fromkeys(name for name, _ in facts.defined):
                self._definers.setdefault(name, []).append(path)
            for key in import_keys(path, facts.imports):
                self._importers.setdefault(key, []).append(path)
            for key in module_keys(path):
                self._modules.setdefault(key, []).append(path)
            self._named.setdefault(name_stem(path), []).append(path)

    def write(self, path: str, text: str | None) -> None:
        """Changes, adds or deletes a file."""
        if text is None:
            del self._texts[path], self._facts[path], self._bags[path]
        else:
            self._texts[path] = text
            self._facts[path], self._bags[path] = self._build(path, text)
            self._texts = dict(sorted(self._texts.items()))
            self._facts = dict(sorted(self._facts.items()))
        self.generation += 1
        self.index_generation += 1
        self._index()

    def visit(self, *paths: str) -> None:
        """The user was in these documents, the last one now."""
        self._recent = [*reversed(paths), *self._recent]
        self.focused_document = paths[-1]
        self.generation += 1

    @property
    def status(self) -> IndexStatus:
        return IndexStatus(IndexState.READY, len(self.files), len(self.files))

    def recent(self) -> Sequence[str]:
        return tuple(dict.fromkeys(self._recent))[:50]

    def edited(self) -> Sequence[str]:
        return tuple(self._edited)

    def predict(self, path: str, top_k: int) -> Sequence[Prediction]:
        del path, top_k
        return ()

    def refusal(self, path: Path) -> DropReason | None:
        if not path.is_relative_to(self.root):
            return DropReason.OUTSIDE_WORKSPACE
        relative = path.relative_to(self.root).as_posix()
        return self._refused.get(relative) or (None if relative in self._texts else DropReason.MISSING)

    async def lexical(self, terms: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
        scores: dict[str, float] = {}
        wanted = set(terms)
        for term in wanted:
            paths = self._documents.get(term, ())
            rarity = log(1 + len(self.files) / (len(paths) + 0.5))
            for path in paths:
                count = self._bags[path][term]
                length = self._facts[path].cumulative_tokens[-1] / 1_000
                scores[path] = scores.get(path, 0.0) + rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length))
        for path in self.files if len(self.files) < 5_000 else ():
            hits = wanted.intersection(path_terms(path).split())
            if hits:
                scores[path] = scores.get(path, 0.0) + 2.0 * len(hits)
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]

    async def document_frequency(self, terms: Iterable[str]) -> dict[str, int]:
        return {term: len(self._documents[term]) for term in terms if term in self._documents}

    async def defining(self, names: Iterable[str], most: int | None = None) -> dict[str, tuple[str, ...]]:
        found = {name: tuple(self._definers[name]) for name in names if name in self._definers}
        return found if most is None else {name: paths for name, paths in found.items() if len(paths) <= most}

    async def importers(self, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
        return {key: tuple(self._importers[key]) for key in keys if key in self._importers}

    async def modules(self, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
        return {key: tuple(self._modules[key]) for key in keys if key in self._modules}

    async def named(self, stems: Iterable[str]) -> dict[str, tuple[str, ...]]:
        return {stem: tuple(self._named[stem]) for stem in stems if stem in self._named}

    async def facts(self, paths: Iterable[str], patience: float = 0.0) -> dict[str, Facts]:  # noqa: ARG002 - nothing is ever lost here
        return {path: self._facts[path] for path in paths if path in self._facts}

    async def load(self, paths: Iterable[str]) -> dict[str, Source]:
        return {path: self._source(path) for path in paths if path in self._texts and path not in self._refused}

    def proof(self, sources: Iterable[Source]) -> Callable[[], bool] | None:
        del sources
        return lambda: True

    def _source(self, path: str) -> Source:
        text = self._texts[path]
        return Source(
            path=path,
            lines=Lines(text),
            facts=self._facts[path],
            sha256=sha256(text.encode()).hexdigest(),
            from_buffer=False,
            version=None,
            mtime=0.0,
            cached=True,
        )

    def lines(self, path: str) -> Sequence[str]:
        """The lines of a file."""
        return Lines(self._texts[path])
