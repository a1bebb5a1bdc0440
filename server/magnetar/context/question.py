"""What the user asked, taken apart: weighted terms, identifiers, and the file names it spells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache

from attrs import frozen

from magnetar.symbols.terms import IDENTIFIER, STOP_WORDS, exact, name_stem, stems, text_terms

_TITLE_WEIGHT = 2.0
_WEAK_NAME = 0.35
_NAME_SHAPE = re.compile(r"_|[a-z][A-Z]")
_PATH_SHAPE = re.compile(  # each begins where no other could have, and has an end: else a long word takes seconds
    r"(?<![\w@~+-])[\w@~+-][\w@~./+-]{0,255}\.\w+|(?<![\w@~.+-])[\w@~.+-]{1,255}(?:/[\w@~.+-]{1,255})+"
)
_SHORTEST_NAME = 3
_SHORTEST_STEM = 4
_LONGEST_QUERY = 20_000


@frozen
class Question:
    """A query and everything that is read out of it once."""

    text: str

    @classmethod
    def of(cls, query: str) -> Question:
        """Takes a query as it comes; a pasted document is cut."""
        return cls(query[:_LONGEST_QUERY])

    @cached_property
    def terms(self) -> Mapping[str, float]:
        """Stems and exact terms; those of the first line weigh double."""
        found: dict[str, float] = {}
        for number, line in enumerate(self.text.split("\n")):
            weight = 1.0 if number else _TITLE_WEIGHT
            for term in text_terms(line):
                found[term] = max(found.get(term, 0.0), weight)
        return found

    @cached_property
    def names(self) -> Mapping[str, float]:
        """Words that may be identifiers; 1 where they look or are quoted like one, less where they may be prose."""
        text = self.text
        found = {
            word: _WEAK_NAME
            for word in dict.fromkeys(IDENTIFIER.findall(text))
            if len(word) >= _SHORTEST_NAME and word.lower() not in STOP_WORDS
        }
        for word in found:
            if _NAME_SHAPE.search(word) or f"`{word}`" in text or f"{word}(" in text or f".{word}" in text:
                found[word] = 1.0
        return found

    @cached_property
    def file_stems(self) -> tuple[str, ...]:
        """Name stems of the files the query may mean, in order."""
        words = [word for word in IDENTIFIER.findall(self.text) if len(word) >= _SHORTEST_STEM]
        return tuple(dict.fromkeys(name_stem(word) for word in [*self.spelled_paths, *words]))

    @cached_property
    def spelled_paths(self) -> tuple[str, ...]:
        """File names and paths as they are spelled, folded."""
        return tuple(dict.fromkeys(path.strip("./").lower() for path in _PATH_SHAPE.findall(self.text)))


@lru_cache(maxsize=65_536)
def name_term(name: str) -> str:
    """The term under which the index knows an identifier: exact where it has several sub-words, else its stem."""
    parts = stems(name)
    return parts[0] if len(parts) == 1 else exact(name)
