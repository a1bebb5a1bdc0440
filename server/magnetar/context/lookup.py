"""Direct questions about a folder: where a text stands, and which symbols there are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from magnetar.cache.kinds import SearchResults
from magnetar.model import Position, Range, SearchHit, Signal, SymbolHit
from magnetar.symbols.terms import term_hash, text_terms
from magnetar.symbols.wording import Declaration, Wording
from magnetar.workspace.documents import Source
from magnetar.workspace.workspace import Workspace

_PER_FILE = 3
_PREVIEW = 200
_MOST_FILES = 50


async def search(workspace: Workspace, query: str, limit: int, results: SearchResults) -> list[SearchHit]:
    """The lines that match a query best, from the pieces of the files that match it best; at most three of a file.

    Args:
        workspace: The folder.
        query: Words.
        limit: Most hits.
        results: Where hits are kept, for as long as neither the index nor a buffer changes; `versions` of this folder.
    """
    terms = dict.fromkeys(text_terms(query), 1.0)
    if not terms or limit <= 0:
        return []
    buffers = [(buffer.path, buffer.version) for buffer in workspace.buffers]
    scope = repr((str(workspace.root), workspace.index_generation, buffers, limit))
    rows = await results.get(scope, query)
    if rows is None:
        rows = await _search(workspace, terms, limit)
        await results.set(scope, query, rows, [path for path, _, _ in rows])
    sources = await workspace.load(dict.fromkeys(path for path, _, _ in rows))
    return [
        _hit(workspace, sources[path], line, score)
        for path, line, score in rows
        if path in sources and line < len(sources[path].lines)
    ]


async def versions(workspace: Workspace, paths: Sequence[str]) -> dict[str, str]:
    """The hashes of documents as they are at this moment."""
    return {path: source.sha256 for path, source in (await workspace.load(paths)).items()}


async def find_symbols(workspace: Workspace, path: str | None, query: str | None, limit: int) -> list[SymbolHit]:
    """Symbols of one document in its order, or of the whole folder by name, best match first."""
    if path is not None:
        sources = await workspace.load([path])
        found = [(source, declaration) for source in sources.values() for declaration in source.facts.declarations]
        wanted = (query or "").lower()
        rows = [(source, declaration) for source, declaration in found if wanted in declaration.symbol.name.lower()]
    else:
        names = await workspace.definitions_like(query or "", limit)
        opened = [buffer.path for buffer in workspace.buffers]
        sources = await workspace.load(dict.fromkeys((*opened, *(path for _, path in names))))
        wanted = (query or "").lower()
        unsaved = [
            (name, path)
            for path in opened
            if path in sources
            for name in sources[path].facts.symbol_names
            if wanted in name.lower()
        ]
        declarations = {place: source.facts.declarations for place, source in sources.items()}
        rows = [
            (sources[place], declaration)
            for name, place in sorted({*unsaved, *names}, key=lambda row: (*_distance(row[0], query or ""), *row))
            if place in sources
            for declaration in declarations[place]
            if declaration.symbol.name == name
        ]
    return _declared(workspace, rows[:limit])


def _declared(workspace: Workspace, rows: Sequence[tuple[Source, Declaration]]) -> list[SymbolHit]:
    """Symbols with the words their documents declare them by."""
    wordings = {source.path: Wording(source.lines, source.facts.language) for source, _ in rows}
    return [
        SymbolHit(
            path=workspace.root / source.path,
            symbol=declaration.symbol,
            signature=wordings[source.path].signature(declaration),
            doc=wordings[source.path].doc(declaration),
            lines=source.lines,
        )
        for source, declaration in rows
    ]


def _distance(name: str, query: str) -> tuple[bool, bool, bool, int]:
    """Smaller for names that are nearer to a query they contain."""
    folded, wanted = name.lower(), query.lower()
    return name != query, folded != wanted, not folded.startswith(wanted), len(name)


async def _search(workspace: Workspace, terms: Mapping[str, float], limit: int) -> list[list[Any]]:
    """Path, line and score of each hit, best first."""
    ranked = await workspace.lexical(terms, min(_MOST_FILES, max(limit, 10)))
    opened = [buffer.path for buffer in workspace.buffers]  # what they hold is not indexed
    sources = await workspace.load([*(path for path, _ in ranked), *opened])
    frequency = await workspace.document_frequency(terms)
    total = max(1, len(workspace.files))
    weights = {term: math.log(1 + total / frequency.get(term, 1)) for term in terms}
    rows = [row for source in sources.values() for row in _rows(source, weights)]
    rows.sort(key=lambda row: (-row[2], row[0], row[1]))
    return rows[:limit]


def _rows(source: Source, weights: Mapping[str, float]) -> list[list[Any]]:
    scores = _piece_scores(source, weights)
    best = sorted(np.flatnonzero(scores).tolist(), key=lambda piece: (-scores[piece], piece))[:_PER_FILE]
    full = sum(weights.values())
    return [[source.path, _best_line(source, piece, weights), round(float(scores[piece]) / full, 6)] for piece in best]


def _hit(workspace: Workspace, source: Source, line: int, score: float) -> SearchHit:
    text = source.lines[line].rstrip("\r\n")
    return SearchHit(
        path=workspace.root / source.path,
        range=Range(Position(line, 0), Position(line, len(text.encode("utf-8", "surrogatepass")))),
        score=score,
        preview=text.strip()[:_PREVIEW],
        signals=(Signal.LEXICAL,),
        lines=source.lines,
    )


def _piece_scores(source: Source, weights: Mapping[str, float]) -> Sequence[float]:
    facts = source.facts
    scores = np.zeros(len(facts.starts))
    for term, weight in weights.items():
        first, last = np.searchsorted(facts.terms, [term_hash(term), term_hash(term) + 1])
        scores[facts.pieces[first:last]] += weight
    return scores  # type: ignore[return-value]


def _best_line(source: Source, piece: int, weights: Mapping[str, float]) -> int:
    def score(line: int) -> tuple[float, int]:
        return sum(weights.get(term, 0.0) for term in set(text_terms(source.lines[line]))), -line

    return max(range(int(source.facts.starts[piece]), int(source.facts.ends[piece])), key=score)
