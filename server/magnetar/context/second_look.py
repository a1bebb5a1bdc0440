"""A second look, once the likeliest files are open: each piece beside the others of its file, each file by its pieces.

What a piece says counts for more where its neighbours say it too, and for less where the whole file says it. And a file
whose best piece fits is likelier to matter than its words in all can tell. Both are linear in few features, as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import evolve, frozen

from magnetar.context.content import Corpus, Floats, Integers, ranks_within, segment_max, summed
from magnetar.context.features import Table
from magnetar.context.ranking import expect, rank
from magnetar.context.shortlist import Shortlist
from magnetar.context.weights import Weights
from magnetar.workspace.documents import Source

_LEAST = 1e-4
"""What a piece is worth at least, where its logarithm is taken."""
_OF_FILE = ("test", "ln", "nohist", "near")
"""Features of the first look at pieces that count again."""
_OF_BEST = ("fsg", "bmg", "h1", "h2", "h3", "h4", "fref", "fdef", "dfq", "rfq")
"""Features of pieces whose highest value in a file says something of the file."""
OF_BEST_PIECE = "best:"
"""The prefix of those."""


@frozen(eq=False)
class Layers:
    """Which pieces belong together: those of one file lie side by side."""

    offsets: Integers
    """(files + 1,) where the pieces of each file begin."""
    tokens: Floats
    """(pieces,) what each costs."""

    @classmethod
    def of(cls, corpus: Corpus) -> Layers:
        """The pieces of a corpus."""
        return cls(corpus.offsets, corpus.piece_tokens)


def look_again(
    sources: Sequence[Source], layers: Layers, table: Table, shortlist: Shortlist, weights: Weights, *, focused: bool
) -> tuple[dict[str, Floats], Shortlist]:
    """Judges the pieces of some documents, and ranks the documents anew.

    Args:
        sources: the documents that were opened.
        layers: their pieces.
        table: the features of these.
        shortlist: the ranking that led to them.
        weights: what is learned.
        focused: whether there is a focused document.

    Returns:
        Path to the share of what matters that each piece is expected to hold, and the new ranking.
    """
    first = expect(table, weights.pieces(1, focused=focused))
    values = expect(beside_others(first, layers, table), weights.pieces(2, focused=focused))
    offsets = layers.offsets
    by_path = {source.path: values[offsets[place] : offsets[place + 1]] for place, source in enumerate(sources)}
    candidates = shortlist.candidates
    known = [(place, candidates.place[one.path]) for place, one in enumerate(sources) if one.path in candidates.place]
    if not known:
        return by_path, shortlist
    opened, places = (np.array(column, np.int64) for column in zip(*known, strict=True))
    evidence = {name: column[opened] for name, column in by_pieces(values, layers, table).items()}
    before = shortlist.ranked
    anew = rank(evidence, weights.files(3, focused=focused), before.only(places))
    return by_path, evolve(shortlist, ranked=before.with_first(places, anew))


def beside_others(values: Floats, layers: Layers, table: Mapping[str, Floats]) -> Table:
    """The second look's features of pieces.

    Args:
        values: (pieces,) what the first look expects of each.
        layers: the pieces.
        table: the first look's features.
    """
    offsets = layers.offsets
    file = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    own = np.log(values + _LEAST)
    before, after = np.full(len(own), np.log(_LEAST)), np.full(len(own), np.log(_LEAST))
    same = file[1:] == file[:-1]
    before[1:][same], after[:-1][same] = own[:-1][same], own[1:][same]
    highest = np.log(segment_max(values, offsets) + _LEAST)
    total = np.log(summed(file, values, len(offsets) - 1) + _LEAST)
    return {
        "own": own,
        "own2": own * own / 10,
        "likelier": np.maximum(before, after),
        "unlikelier": np.minimum(before, after),
        "below": own - highest[file],
        "rank": 1 / (1 + ranks_within(own, offsets)),
        "total": total[file],
        "tokens": np.log1p(layers.tokens),
        **{name: table[name] for name in _OF_FILE},
    }


def by_pieces(values: Floats, layers: Layers, table: Mapping[str, Floats]) -> Table:
    """What the pieces say of their files.

    Args:
        values: (pieces,) what the second look expects of each.
        layers: the pieces.
        table: the first look's features of them.
    """
    offsets = layers.offsets
    file = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    found: Table = {
        "highest": np.log(segment_max(values, offsets) + _LEAST),
        "sum": np.log(summed(file, values, len(offsets) - 1) + _LEAST),
        "pieces": np.log1p(np.diff(offsets)).astype(np.float64),
    }
    return found | {OF_BEST_PIECE + name: segment_max(table[name], offsets) for name in _OF_BEST}
