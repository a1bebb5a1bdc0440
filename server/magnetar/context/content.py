"""Looking terms up in the facts of many files at once, and scoring by BM25 what is found.

Everything is arrays: postings of all files lie side by side, and no loop runs over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import log
from typing import TypeVar

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from magnetar.symbols.facts import Facts
from magnetar.symbols.terms import term_hash

_Number = TypeVar("_Number", bound=np.number)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_K1 = 1.2
_FILE_B = 0.75
_PIECE_B = 0.5
_COMMON = 0.5
"""Terms in more than this share of the files say nothing."""
_FEW_FILES = 20
_SIEVE = 1 << 16
"""Postings are sieved by the low bits of their term: that is many times faster than to compare every term."""


def idf(frequency: int, files: int) -> float:
    """Inverse document frequency, never negative; 0 for terms that nearly every file holds (Robertson and Zaragoza, 2009).

    A term may have been counted before files went: it stands in no more of them than there are.
    """
    frequency = min(frequency, files)
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


@frozen(eq=False)
class _Postings:
    """The postings of all files, one file after the other."""

    ends: Integers
    """(files,) where the postings of each file end."""
    terms: NDArray[np.uint32]
    sieved: NDArray[np.uint16]
    """The low bits of the terms."""
    pieces: NDArray[np.uint16]
    """Number of the piece within its file."""
    counts: NDArray[np.uint8]


class Corpus:
    """The facts of some files side by side."""

    def __init__(self, facts: Sequence[Facts]) -> None:
        self.facts = facts
        self.sizes = _sizes([one.starts for one in facts])
        self.offsets: Integers = np.concatenate(([0], np.cumsum(self.sizes)))

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
        sums = _joined([one.cumulative_tokens for one in self.facts], np.int32)
        sizes = _sizes([one.cumulative_tokens for one in self.facts])
        lines = np.repeat(np.cumsum(sizes) - sizes, self.sizes)
        starts = lines + _joined([one.starts for one in self.facts], np.int32)
        ends = lines + _joined([one.ends for one in self.facts], np.int32)
        return (sums[ends] - sums[starts]).astype(np.float64)

    @cached_property
    def _postings(self) -> _Postings:
        sizes = _sizes([one.terms for one in self.facts])
        terms = _joined([one.terms for one in self.facts], np.uint32)
        return _Postings(
            np.cumsum(sizes),
            terms,
            terms.astype(np.uint16),
            _joined([one.pieces for one in self.facts], np.uint16),
            _joined([one.counts for one in self.facts], np.uint8),
        )

    def find(self, hashes: Sequence[int]) -> Hits:
        """Every piece that holds one of the terms."""
        postings = self._postings
        needles = np.array(sorted(set(hashes)), dtype=np.uint32)
        sieve = np.zeros(_SIEVE, bool)
        sieve[needles.astype(np.uint16)] = True
        rows = np.flatnonzero(sieve.take(postings.sieved))  # a few that are not meant pass, too
        needle = needles.searchsorted(postings.terms[rows], "right") - 1
        meant = needles[needle] == postings.terms[rows]
        rows, needle = rows[meant], needle[meant]
        file = postings.ends.searchsorted(rows, "right")
        return Hits(
            {value: number for number, value in enumerate(needles.tolist())},
            file,
            needle,
            self.offsets[file] + postings.pieces[rows],
            postings.counts[rows].astype(np.float64),
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


def ranks_within(values: Floats, offsets: Integers) -> Integers:
    """(places,) the place of each value in its run `offsets[i]:offsets[i + 1]`, the largest first, from 0."""
    run = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    order = np.argsort(-values, kind="stable")
    order = order[np.argsort(run[order].astype(np.uint16), kind="stable")]  # sixteen bits are sorted without comparing
    ranks = np.empty(len(values), np.int64)
    ranks[order] = np.arange(len(values)) - offsets[run[order]]
    return ranks


def hashed(terms: Mapping[str, float]) -> dict[int, float]:
    """Weights by term hash."""
    return {term_hash(term): weight for term, weight in terms.items()}


def _saturated(count: Floats, length: Floats, b: float, average: float | None = None) -> Floats:
    if average is None:
        average = float(length.mean()) if length.size else 1.0
    return count * (_K1 + 1) / (count + _K1 * (1 - b + b * length / max(average, 1.0)))


def _sizes(parts: Sequence[NDArray[np.generic]]) -> Integers:
    return np.fromiter(map(len, parts), np.int64, len(parts))


def _joined(parts: Sequence[NDArray[np.generic]], kind: type[_Number]) -> NDArray[_Number]:
    return np.concatenate([np.zeros(0, kind), *parts], dtype=kind)
