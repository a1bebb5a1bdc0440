"""Bounded tables of what was observed: weights between keys, members of groups, facts of a key.

Every table has a fixed capacity and forgets the least used first, so a model's memory has a ceiling whatever is
recorded. Nothing here decides what a count means for a prediction.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from math import exp, log, sqrt
from typing import Final, TypeVar

from attrs import Factory, define, field

from magnetar.prediction.paths import Spelling

HEAT_HALF_LIFE: Final = 150.0
"""Accesses after which the heat of a document is halved: a few days' work."""
COOLING: Final = log(2.0) / HEAT_HALF_LIFE

_BATCH: Final = 1_024
"""The share of a full table that is dropped at once, as its inverse."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

Row = dict[str, float]

_NOTHING: Row = {}


@define
class Neighbours:
    """Weights between pairs of keys: rows of at most `width` neighbours, `capacity` pairs in all.

    A row is ordered by use, the neighbour used last at its end. A full row drops its lightest quarter; a full table
    drops the rows used least recently.
    """

    width: int
    capacity: int
    rows: dict[str, Row] = Factory(dict)
    _pairs: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._pairs = sum(map(len, self.rows.values()))

    def __len__(self) -> int:
        return self._pairs

    def row(self, key: str) -> Row:
        """The neighbours of a key, the one used last at the end."""
        return self.rows.get(key, _NOTHING)

    def add(self, key: str, neighbour: str, weight: float) -> None:
        """Adds to the weight of a pair and marks it as used last."""
        row = self.rows.pop(key, None)
        if row is None:
            row = {}
        self.rows[key] = row
        known = row.pop(neighbour, None)
        row[neighbour] = weight if known is None else known + weight
        if known is None:
            self._pairs += 1
            if len(row) > self.width:
                self._thin(row)
            if self._pairs > self.capacity:
                self._drop_oldest_rows()

    def raise_to(self, key: str, neighbour: str, weight: float) -> None:
        """Makes the weight of a pair at least this."""
        missing = weight - self.row(key).get(neighbour, 0.0)
        if missing > 0:
            self.add(key, neighbour, missing)

    def rename(self, names: Mapping[str, str]) -> None:
        """Gives keys their new names; rows and weights that meet are added up."""
        for key in [key for key in self.rows if key in names]:
            self._merge(names[key], self.rows.pop(key))
        for key, row in self.rows.items():
            if not row.keys().isdisjoint(names.keys()):
                self._pairs -= len(row)
                self.rows[key] = renamed = rename_weights(row, names)
                renamed.pop(key, None)
                self._pairs += len(renamed)

    def _merge(self, key: str, row: Row) -> None:
        self._pairs -= len(row)
        for neighbour, weight in row.items():
            self.add(key, neighbour, weight)

    def _drop_oldest_rows(self) -> None:
        room = self.capacity - self.capacity // _BATCH
        for key in list(islice(self.rows, self._pairs - room)):
            if self._pairs <= room:
                break
            self._pairs -= len(self.rows.pop(key))

    def _thin(self, row: Row) -> None:
        """Drops the lightest quarter, the longest unused first among equals, never the newest."""
        newest = next(reversed(row))
        for neighbour in sorted(row, key=row.__getitem__)[: self.width // 4 + 1]:
            if neighbour != newest:
                del row[neighbour]
                self._pairs -= 1


@define
class Groups:
    """The members of each group that were added last: at most `width` of each of `capacity` groups."""

    width: int
    capacity: int
    members: dict[str, dict[str, None]] = Factory(dict)

    def add(self, group: str, member: str) -> None:
        """Puts a member at the end of its group and the group at the end of the table."""
        found = self.members.pop(group, None)
        if found is None:
            found = {}
        self.members[group] = found
        found.pop(member, None)
        found[member] = None
        drop_oldest(found, self.width)
        drop_oldest(self.members, self.capacity)

    def latest(self, group: str, most: int) -> islice[str]:
        """Members, the one added last first."""
        return islice(reversed(self.members.get(group, {})), most)


@define
class Document:
    """What is known of one key; ticks count the accesses of a context."""

    accesses: int = 0
    last: int = 0
    """The tick of its last access."""
    heat: float = 0.0
    """Accesses as of `last`, each of which loses half of its weight every `HEAT_HALF_LIFE` ticks."""
    rarity: float = field(init=False)
    """One for a key never accessed, falling with the square root of its accesses."""
    spelled: Spelling | None = field(init=False, default=None)
    """What the key says by itself, taken apart once; None where nobody has."""

    def __attrs_post_init__(self) -> None:
        self.rarity = 1.0 / sqrt(self.accesses + 1.0)

    def access(self, tick: int) -> None:
        """Counts an access."""
        self.heat = self.heat_at(tick) + 1.0
        self.last = tick
        self.accesses += 1
        self.rarity = 1.0 / sqrt(self.accesses + 1.0)

    def heat_at(self, tick: int) -> float:
        """The heat that is left at a later tick."""
        return self.heat * exp((self.last - tick) * COOLING)

    def worth(self, tick: int) -> float:
        """How much speaks for an access when nothing else is known: of the forms tried, this warmed the most hits."""
        return float((self.accesses + 1) ** 0.4 / (tick + 1 - self.last) ** 0.18)

    def join(self, other: Document | None) -> Document:
        """This document with what is known of another that turned out to be the same."""
        if other is None:
            return self
        newer = max(self, other, key=lambda document: document.last)
        return Document(self.accesses + other.accesses, newer.last, newer.heat)


def rename_weights(weights: Mapping[str, float], names: Mapping[str, str]) -> Row:
    """The same weights in the same order under new names; those that meet are added up."""
    renamed: Row = {}
    for key, weight in weights.items():
        name = names.get(key, key)
        renamed[name] = renamed.get(name, 0.0) + weight
    return renamed


def drop_oldest(items: dict[_Key, _Value], most: int) -> None:
    """Drops items from the front where there are more than `most`; in a large table some at once.

    A dictionary finds its first item only after passing over those deleted before it, so one at a time would be slow.
    """
    if len(items) > most:
        for key in list(islice(items, len(items) - most + most // _BATCH)):
            del items[key]
