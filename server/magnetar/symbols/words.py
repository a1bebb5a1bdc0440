"""The words of a text: what a document is about, and what the full-text index stores of it.

They are text, so none of this is kept in `Facts`: it is worked out from the verified document where it is wanted, and a
split into pieces that is known is all it takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from magnetar.symbols.keywords import keywords
from magnetar.symbols.terms import IDENTIFIER, stems, text_terms

_MOST_IDENTIFIERS = 2_000
_MOST_REPEATS = 6


def count_words(lines: Sequence[str], pieces: Iterable[tuple[int, int]]) -> Counter[str]:
    """How often each word stands in all pieces together, in the order of their first appearance."""
    total: Counter[str] = Counter()
    for start, end in pieces:
        total.update(IDENTIFIER.findall("".join(lines[start:end])))
    return total


def identifiers(words: Counter[str], language: str) -> tuple[str, ...]:
    """Every distinct word that is no keyword, most frequent first, at most 2,000."""
    reserved = keywords(language)
    return tuple(word for word, _ in words.most_common(_MOST_IDENTIFIERS) if word not in reserved)


def count_terms(lines: Sequence[str], pieces: Iterable[tuple[int, int]]) -> list[Counter[str]]:
    """How often each term stands in each piece."""
    return [Counter(text_terms("".join(lines[start:end]))) for start, end in pieces]


def total_of(bags: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """How often each term stands in all pieces together, in the order of their first appearance."""
    total: dict[str, int] = {}
    for bag in bags:
        for term, count in bag.items():
            total[term] = total.get(term, 0) + count
    return total


def lexicon_of(bag: Mapping[str, int]) -> str:
    """Every term, repeated as often as it stands in the text up to a limit, separated by spaces."""
    return " ".join([term for term, count in bag.items() for _ in range(min(count, _MOST_REPEATS))])


def path_terms(path: str) -> str:
    """The stems of a path."""
    return " ".join(stem for word in IDENTIFIER.findall(path) for stem in stems(word))
