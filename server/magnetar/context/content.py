"""Looking terms up in the facts of many files at once, and scoring by BM25 what is found.

Everything is arrays: postings of all files lie side by side, and no loop runs over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import log

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from magnetar.symbols.facts import Facts
from magnetar.symbols.terms import term_hash

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_K1 = 1.2
_FILE_B = 0.75
_PIECE_B = 0.5
_COMMON = 0.5
"""Terms in more than this share of the files say nothing."""
_FEW_FILES = 20
_LAST_HASH = np.uint32(0xFFFFFFFF)
"""The one hash that is never found: it has no successor."""


def idf(frequency: int, files: int) -> float:
    """Inverse document frequency, never negative; 0 for terms that nearly every file holds (Robertson and Zaragoza, 2009)."""
    if frequency > _COMMON * files and files > _FEW_FILES:
        return 0.0
    return log(1 + (files - frequency + 0.5) / (frequency + 0.5))


@frozen(eq=False)
class Hits:
    """Where needles stand: one row per (needle, piece) that has any."""

    needles: Mapping[int, int]
    """Term hash to its number."""
    file: Integers
    needle: Integers
    piece: Integers
    """Number of the piece, counted through all files."""
    count: Floats

    def weights(self, by_hash: Mapping[int, float]) -> Floats:
        """(needles,) the given weights in the order of the needles, 0 for the others."""
        found = np.zeros(len(self.needles))
        for key, weight in by_hash.items():
            number = self.needles.get(key)
            if number is not None:
                found[number] = weight
        return found


class Corpus:
    """The facts of some files side by side."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self.facts = facts
        self.sizes = np.fromiter((len(one.starts) for one in facts), np.int64, len(facts))
        self.offsets = np.concatenate(([0], np.cumsum(self.sizes)))
        self._posting_offsets = np.concatenate(
            ([0], np.cumsum(np.fromiter((len(one.terms) for one in facts), np.int64, len(facts))))
        )

    @cached_property
    def file_of_piece(self) -> Integers:
        """(pieces,) the file each piece belongs to."""
        return np.repeat(np.arange(len(self.facts)), self.sizes)

    @cached_property
    def file_tokens(self) -> Floats:
        """(files,) tokens of each file."""
        return np.fromiter((one.cumulative_tokens[-1] for one in self.facts), np.float64, len(self.facts))

    @cached_property
    def piece_tokens(self) -> Floats:
        """(pieces,) tokens of each piece."""
        return _joined([one.cumulative_tokens[one.ends] - one.cumulative_tokens[one.starts] for one in self.facts])

    @cached_property
    def _postings(self) -> tuple[Integers, Floats]:
        pieces = _joined([one.pieces for one in self.facts]).astype(np.int64)
        return pieces, _joined([one.counts for one in self.facts])

    def find(self, hashes: Sequence[int]) -> Hits:
        """Every piece that holds one of the terms."""
        needles = np.unique(np.asarray(hashes, dtype=np.uint32))
        needles = needles[needles < _LAST_HASH]
        count = len(needles)
        bounds = np.empty((len(self.facts), 2 * count), np.int64)
        ends = np.concatenate((needles, needles + np.uint32(1)))  # equal hashes end where the next one begins
        for number, one in enumerate(self.facts):
            bounds[number] = one.terms.searchsorted(ends)
        first, last = bounds[:, :count], bounds[:, count:]
        runs = (last - first).ravel()
        cells = np.repeat(np.arange(len(runs)), runs)
        file, needle = np.divmod(cells, max(count, 1))
        within = np.arange(len(cells)) - np.repeat(np.cumsum(runs) - runs, runs)
        rows = self._posting_offsets[file] + first.ravel()[cells] + within
        pieces, counts = self._postings
        return Hits(
            {int(value): number for number, value in enumerate(needles)},
            file,
            needle,
            self.offsets[file] + pieces[rows],
            counts[rows],
        )

    def frequencies(self, hits: Hits) -> Floats:
        """(files, needles) how often each needle stands in each file."""
        width = len(hits.needles)
        cells = hits.file * width + hits.needle
        return summed(cells, hits.count, len(self.facts) * width).reshape(len(self.facts), width)

    def file_scores(self, frequencies: Floats, weights: Floats) -> Floats:
        """(files,) BM25 of whole files; `weights` are query weight times idf for each needle."""
        return _saturated(frequencies, self.file_tokens[:, None], _FILE_B) @ weights

    def piece_scores(self, hits: Hits, weights: Floats) -> Floats:
        """(pieces,) BM25 of single pieces."""
        gains = _saturated(hits.count, self.piece_tokens[hits.piece], _PIECE_B, self._piece_average)
        return summed(hits.piece, gains * weights[hits.needle], int(self.offsets[-1]))

    @cached_property
    def _piece_average(self) -> float:
        return float(self.piece_tokens.mean()) if len(self.piece_tokens) else 1.0

    def best(self, piece_values: Floats) -> Floats:
        """(files,) the largest value among each file's pieces, 0 where it has none."""
        return segment_max(piece_values, self.offsets)

    def best_three(self, piece_values: Floats) -> Floats:
        """(files,) the sum of the three largest values among each file's pieces."""
        some = np.flatnonzero(piece_values)
        file = self.file_of_piece[some]
        order = np.lexsort((-piece_values[some], file))
        some, file = some[order], file[order]
        place = np.arange(len(file)) - np.searchsorted(file, file)
        top = place < 3
        return summed(file[top], piece_values[some[top]], len(self.facts))


def summed(places: Integers, values: Floats, size: int) -> Floats:
    """(size,) the values added up by place."""
    return np.bincount(places, values, minlength=size).astype(np.float64, copy=False)


def segment_max(values: Floats, offsets: Integers) -> Floats:
    """(segments,) the maximum of each run `offsets[i]:offsets[i + 1]`, 0 for empty ones."""
    found = np.zeros(len(offsets) - 1)
    full = np.flatnonzero(np.diff(offsets))
    if len(full):
        found[full] = np.maximum.reduceat(values, offsets[:-1][full])
    return found


def hashed(terms: Mapping[str, float]) -> dict[int, float]:
    """Weights by term hash."""
    return {term_hash(term): weight for term, weight in terms.items()}


def _saturated(count: Floats, length: Floats, b: float, average: float | None = None) -> Floats:
    if average is None:
        average = float(length.mean()) if length.size else 1.0
    return count * (_K1 + 1) / (count + _K1 * (1 - b + b * length / max(average, 1.0)))


def _joined(parts: Sequence[NDArray[np.generic]]) -> Floats:
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)
