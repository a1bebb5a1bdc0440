"""The files an answer is chosen from, and what their paths and facts alone say about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from math import log1p
from posixpath import dirname

import numpy as np
from numpy.typing import ArrayLike, NDArray

from magnetar.context.content import Corpus, Floats, Integers, idf
from magnetar.symbols.facts import Facts
from magnetar.symbols.terms import IDENTIFIER, is_test, name_stem, stems

_PROSE = frozenset(
    "plaintext markdown restructuredtext json jsonc yaml toml ini xml html css scss less properties csv log"
    " dockerfile makefile gitignore ignore diff".split()
)
_LONG_FILE = 7.0
"""log(1 + lines) of a file of about a thousand lines."""
_NAME_IN_NAME = 0.4
_SHORTEST_INNER = 4
_NO_NAME, _UNKNOWN = -1, -2


@lru_cache(maxsize=65_536)
def _path_facts(path: str) -> tuple[str, str, bool, str, tuple[str, ...]]:
    """Name stem, directory, whether it is a test, suffix, and the stems of the path's words."""
    bare, _, suffix = path.rpartition(".")
    words = (stem for word in IDENTIFIER.findall(bare or path) for stem in stems(word))
    return name_stem(path), dirname(path), is_test(path), suffix.lower() if bare else "", tuple(dict.fromkeys(words))


class Candidates:
    """Files side by side, in path order."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        self.paths: tuple[str, ...] = tuple(sorted(facts))
        self.place = {path: place for place, path in enumerate(self.paths)}
        self.corpus = Corpus([facts[path] for path in self.paths])
        self._described = [_path_facts(path) for path in self.paths]
        self._stems = _Distinct([one[0] for one in self._described])
        self._directories = _Directories([one[1] for one in self._described])

    def __len__(self) -> int:
        return len(self.paths)

    def column(self, scores: Mapping[str, float]) -> Floats:
        """Scores by path as an array in the order of the candidates."""
        found = np.zeros(len(self.paths))
        place = self.place
        for path, score in scores.items():
            at = place.get(path)
            if at is not None:
                found[at] = score
        return found

    @cached_property
    def is_test(self) -> Floats:
        """1 for test code."""
        return np.fromiter((test for _, _, test, _, _ in self._described), np.float64, len(self))

    @cached_property
    def is_code(self) -> Floats:
        """1 for source code, 0 for prose and data."""
        return np.fromiter((one.language not in _PROSE for one in self.corpus.facts), np.float64, len(self))

    @cached_property
    def length(self) -> Floats:
        """How long each file is, about 1 at a thousand lines."""
        return np.fromiter((log1p(one.line_count) / _LONG_FILE for one in self.corpus.facts), np.float64, len(self))

    def same_suffix(self, path: str) -> Floats:
        """1 where a file's name ends like that of `path`."""
        suffix = _path_facts(path)[3]
        return np.fromiter((one[3] == suffix for one in self._described), np.float64, len(self))

    def same_directory(self, path: str) -> Floats:
        """1 for the files beside `path`."""
        return self._directories.holding(dirname(path)).astype(np.float64)

    def name_likeness(self, path: str) -> Floats:
        """1 for the same name stem, less where one name holds the other."""
        stem = name_stem(path)
        inner = len(stem) >= _SHORTEST_INNER
        found = self._stems.each(
            [
                _NAME_IN_NAME if (inner and stem in other) or (len(other) >= _SHORTEST_INNER and other in stem) else 0.0
                for other in self._stems.values
            ]
        )
        found[self._stems.holding(stem)] = 1.0
        if path in self.place:
            found[self.place[path]] = 0.0
        return found

    def path_nearness(self, path: str) -> Floats:
        """The share of directories that a file has in common with `path`."""
        return self._directories.each(self._directories.nearness(dirname(path)))

    def path_match(self, terms: Mapping[str, float]) -> Floats:
        """How well the words of each path match a query's terms, by rarity among the candidates' paths."""
        asked = terms.keys()
        wanted = {
            place: [stem for stem in one[4] if stem in terms]
            for place, one in enumerate(self._described)
            if not asked.isdisjoint(one[4])
        }
        frequency = Counter(stem for found in wanted.values() for stem in found)
        gain = {stem: terms[stem] * max(idf(count, 2 * len(self)), 0.0) for stem, count in frequency.items()}
        matches = np.zeros(len(self))
        for place, found in wanted.items():
            matches[place] = sum([gain[stem] for stem in found]) / (1 + len(self._described[place][4])) ** 0.5
        return matches


class _Distinct:
    """A text of each candidate, by its distinct values: what is asked of a text is worked out once for each of those."""

    def __init__(self, texts: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        self._number = np.array([numbers.setdefault(text, len(numbers)) for text in texts], np.int64)
        self._place = numbers
        self.values = tuple(numbers)

    def holding(self, text: str) -> NDArray[np.bool_]:
        """(candidates,) whether it is their text."""
        held: NDArray[np.bool_] = self._number == self._place.get(text, _UNKNOWN)
        return held

    def each(self, answers: ArrayLike) -> Floats:
        """(candidates,) the answers for the values in their order, one for each candidate."""
        return np.asarray(answers, np.float64)[self._number]


class _Directories(_Distinct):
    """The directory of each candidate, and its names as numbers."""

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate({name: 0 for one in self._split for name in one})}

    @cached_property
    def _split(self) -> list[list[str]]:
        return [_names(directory) for directory in self.values]

    @cached_property
    def _depths(self) -> Integers:
        return np.array([len(names) for names in self._split], np.int64)

    @cached_property
    def _table(self) -> Integers:
        """(directories, depth) the number of each name, padded."""
        table = np.full((len(self._split), self._depths.max(initial=0)), _NO_NAME)
        inside = np.arange(table.shape[1]) < self._depths[:, None]
        table[inside] = [self._numbers[name] for names in self._split for name in names]
        return table

    def nearness(self, directory: str) -> Floats:
        """(directories,) the share of the longer one's names that each has in common with one from the root on."""
        own = [self._numbers.get(name, _UNKNOWN) for name in _names(directory)][: self._table.shape[1]]
        common = np.logical_and.accumulate(self._table[:, : len(own)] == own, axis=1).sum(axis=1)
        shares: Floats = common / np.maximum(self._depths, max(len(_names(directory)), 1))
        return shares


def _names(directory: str) -> list[str]:
    return directory.split("/") if directory else []
