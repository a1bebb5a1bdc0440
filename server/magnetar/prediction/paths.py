"""What a key's spelling says: its folder, its words, and how much of them two keys share.

Keys are treated as `/`-separated paths where they look like one; any other string has an empty folder and still has
words. Nothing here touches a file system, and nothing depends on what was learned.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\dA-Za-z_]+")
_LONGEST_KEY = 1_024
"""Characters of a key that are looked at, so that an odd key costs no more than a long path."""


class Spelling(NamedTuple):
    """The parts of a key that kinship is judged by."""

    folder: str
    words: frozenset[str]
    """The words of its name, folded, without the extension."""


@lru_cache(maxsize=4_096)
def spelling(key: str) -> Spelling:
    """Takes a key apart."""
    folder, _, name = key[-_LONGEST_KEY:].rpartition("/")
    bare = name.rpartition(".")[0] or name
    return Spelling(folder, frozenset(word.lower() for word in _WORD.findall(bare) if len(word) > 1))


def kinship(one: frozenset[str], other: frozenset[str]) -> float:
    """How much the names of two keys have in common, from 0 to 1: Jaccard's coefficient of their words."""
    common = len(one & other)
    return common / (len(one) + len(other) - common) if common else 0.0
