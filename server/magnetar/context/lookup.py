"""Direct questions about a folder: where a text stands, and which symbols there are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from magnetar.model import Position, Range, SearchHit, Signal, SymbolHit
from magnetar.symbols.terms import term_hash, text_terms
from magnetar.symbols.wording import Declaration, Wording
from magnetar.workspace.documents import Source
from magnetar.workspace.workspace import Workspace

_PER_FILE = 3
_PREVIEW = 200
_MOST_FILES = 50


async def search(workspace: Workspace, query: str, limit: int) -> list[SearchHit]:
    """The lines that match a query best, from the pieces of the files that match it best; at most three of a file."""
    terms = dict.fromkeys(text_terms(query), 1.0)
    if not terms or limit <= 0:
        return []
    ranked = await workspace.lexical(terms, min(_MOST_FILES, max(limit, 10)))
    opened = [buffer.path for buffer in workspace.buffers]  # what they hold is not indexed
    sources = await workspace.load([*(path for path, _ in ranked), *opened])
    frequency = await workspace.document_frequency(terms)
    total = max(1, len(workspace.files))
    weights = {term: math.log(1 + total / frequency.get(term, 1)) for term in terms}
    hits = [hit for source in sources.values() for hit in _hits(workspace, source, weights)]
    hits.sort(key=lambda hit: (-hit.score, hit.path, hit.range.start))
    return hits[:limit]


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
            (symbol.name, path)
            for path in opened
            if path in sources
            for symbol in sources[path].facts.symbols
            if wanted in symbol.name.lower()
        ]
        rows = [
            (sources[place], declaration)
            for name, place in sorted({*unsaved, *names}, key=lambda row: (*_distance(row[0], query or ""), *row))
            if place in sources
            for declaration in sources[place].facts.declarations
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


def _hits(workspace: Workspace, source: Source, weights: Mapping[str, float]) -> list[SearchHit]:
    scores = _piece_scores(source, weights)
    best = sorted(np.flatnonzero(scores).tolist(), key=lambda piece: (-scores[piece], piece))[:_PER_FILE]
    full = sum(weights.values())
    hits = []
    for piece in best:
        line = _best_line(source, piece, weights)
        text = source.lines[line].rstrip("\r\n")
        hits.append(
            SearchHit(
                path=workspace.root / source.path,
                range=Range(Position(line, 0), Position(line, len(text.encode("utf-8", "surrogatepass")))),
                score=round(float(scores[piece]) / full, 6),
                preview=text.strip()[:_PREVIEW],
                signals=(Signal.LEXICAL,),
                lines=source.lines,
            )
        )
    return hits


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
