"""What a key's spelling says: its directory, its words, its kind of file, and how alike two keys are.

Keys are treated as `/`-separated paths where they look like one; any other string has an empty directory and still has
words. Nothing here touches a file system, and nothing depends on what was learned.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\dA-Za-z_]+")
_NEAREST_FOLDERS = 4
"""Folders compared, counted from the file: the long common start of absolute paths says nothing."""
_LONGEST_KEY = 1_024
"""Characters of a key that are looked at, so that an odd key costs no more than a long path."""


class Spelling(NamedTuple):
    """The parts of a key that kinship is judged by."""

    directory: str
    words: frozenset[str]
    extension: str
    folders: frozenset[str]


class Kinship(NamedTuple):
    """How alike two keys are, each from 0 to 1."""

    words: float
    folders: float
    extension: float


@lru_cache(maxsize=65_536)
def spelling(key: str) -> Spelling:
    """Takes a key apart."""
    directory, _, name = key[-_LONGEST_KEY:].rpartition("/")
    bare, dot, extension = name.rpartition(".")
    words = frozenset(word.lower() for word in _WORD.findall(bare if dot and bare else name) if len(word) > 1)
    folders = frozenset(directory.split("/")[-_NEAREST_FOLDERS:])
    return Spelling(directory, words, extension if bare else "", folders)


@lru_cache(maxsize=131_072)
def kinship(one: str, other: str) -> Kinship:
    """Compares two keys; symmetric."""
    a, b = spelling(one), spelling(other)
    return Kinship(_overlap(a.words, b.words), _overlap(a.folders, b.folders), float(a.extension == b.extension))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard's coefficient."""
    common = len(one & other)
    return common / (len(one) + len(other) - common) if common else 0.0
