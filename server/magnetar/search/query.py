"""Which of a question's terms the full-text index is searched for."""

from __future__ import annotations

from collections.abc import Mapping

_MOST_TERMS = 24
_WIDEST_TERM = 0.5
"""Terms in more than this share of the files tell nothing apart and are left out of a search."""
_FEW_FILES = 20
_MOST_POSTINGS = 10_000
"""Of all terms of a search together, each of which costs a good microsecond: searches in folders of some thousands of files seldom come near."""


def most_telling(weights: Mapping[str, float], frequency: Mapping[str, int], files: int) -> list[str]:
    """The terms to search for, best first; none where no file holds any.

    Args:
        weights: Of each term.
        frequency: In how many files it stands.
        files: How many there are.
    """
    widest = files if files <= _FEW_FILES else files * _WIDEST_TERM
    present = [term for term in weights if frequency.get(term, 0)]
    telling = [term for term in present if frequency[term] <= widest] or present
    telling.sort(key=lambda term: (-weights[term] / frequency[term] ** 0.5, term))
    return _affordable(telling[:_MOST_TERMS], frequency)


def _affordable(terms: list[str], frequency: Mapping[str, int]) -> list[str]:
    """The terms that a search has time for; where it has time for none, the first alone."""
    chosen: list[str] = []
    postings = 0
    for term in terms:
        if postings + frequency[term] <= _MOST_POSTINGS:
            chosen.append(term)
            postings += frequency[term]
    return chosen or terms[:1]
