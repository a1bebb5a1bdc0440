"""One session of a context: where its user is, was and looked, and what usually goes with that.

A session is an editor window or an agent. It holds no counts that outlive it; those are the context's tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from attrs import Factory, define, field, setters
from attrs.validators import ge

from magnetar.prediction.tables import drop_oldest, rename_weights

MOST_VISITED: Final = 256
"""Keys a session remembers having visited; a working day of one editor window seldom has more."""
MOST_SHOWN: Final = 24
"""Results looked at in one list; nobody reads further before searching again."""
_TRAIL: Final = 48
"""Neighbours a trail keeps; candidates come from its heaviest few."""
_TOO_LARGE: Final = 1e100
"""Where a trail's scale is brought back to one, long before floats overflow."""
BURST_SECONDS: Final = 1.0
"""Accesses closer than this are one act: a commit, a "save all", parallel calls of an agent."""
_HABIT: Final = 0.25
"""The share of the newest observation in a running average of a session's habits."""


@define(on_setattr=setters.NO_OP)  # what is checked is what comes from a file
class Trail:
    """A sum of table rows in which each later row weighs `1 / decay` times more; the scale grows instead of the sum shrinking."""

    decay: float
    sums: dict[str, float] = Factory(dict)
    scale: float = field(default=1.0, validator=ge(1.0))
    """The weight of the next row."""

    def add(self, row: Mapping[str, float], factor: float) -> None:
        """Adds a row that is now the newest."""
        self.scale /= self.decay
        if self.scale > _TOO_LARGE:
            self.sums = {key: weight / self.scale for key, weight in self.sums.items()}
            self.scale = 1.0
        sums, unit = self.sums, factor * self.scale
        for key, weight in row.items():
            sums[key] = sums.get(key, 0.0) + weight * unit
        if len(sums) > 2 * _TRAIL:
            self.sums = {key: sums[key] for key in self.heaviest(_TRAIL)}

    def heaviest(self, most: int) -> list[str]:
        """The keys with the largest sums, largest first."""
        return sorted(self.sums, key=self.sums.__getitem__, reverse=True)[:most]

    def rename(self, names: Mapping[str, str]) -> None:
        """Carries the sums over to new names."""
        self.sums = rename_weights(self.sums, names)

    def copy(self) -> Trail:
        """An independent copy."""
        return Trail(self.decay, dict(self.sums), self.scale)


@define
class Session:
    """The state of one session; `visit` moves it on."""

    current: str | None = None
    previous: str | None = None
    edited: bool = False
    """Whether the current key was edited since it was reached."""
    at: float | None = None
    length: int = 0
    """How many accesses to a different key there were."""
    visits: dict[str, int] = Factory(dict)
    """Visits of each key, the latest last."""
    burst: dict[str, None] = Factory(dict)
    """Keys accessed in the same act as the current one."""
    results: tuple[str, ...] = ()
    """The last result list."""
    fresh: bool = False
    """Whether that came after the last access."""
    searched: bool = False
    near: Trail = field(factory=lambda: Trail(0.6))
    """What goes with the last few keys."""
    far: Trail = field(factory=lambda: Trail(0.85))
    """What shares sessions with what this one visited."""
    together: Trail = field(factory=lambda: Trail(1.0))
    """What changes in one act with the keys of the burst."""
    shown: Trail = field(factory=lambda: Trail(0.85))
    """Results of all searches, the latest heaviest."""
    returning: float = 0.5
    """How often the next key was one visited before."""
    toggling: float = 0.1
    """How often it was the previous one."""

    def in_burst(self, at: float | None) -> bool:
        """Whether an access at this time belongs to the same act as the last one."""
        return at is not None and self.at is not None and 0 <= at - self.at <= BURST_SECONDS

    def show(self, keys: Sequence[str]) -> None:
        """A result list came up."""
        self.results = tuple(keys[:MOST_SHOWN])
        self.fresh = self.searched = True
        self.shown.add(dict.fromkeys(self.results, 1.0), 1.0)

    def visit(self, key: str, at: float | None) -> None:
        """Moves to a different key; habits are updated, trails are not."""
        if self.current is not None:
            self.returning += _HABIT * ((key in self.visits) - self.returning)
            self.toggling += _HABIT * ((key == self.previous) - self.toggling)
        if not self.in_burst(at):
            self.burst = {}
            self.together = Trail(1.0)
        self.burst[key] = None
        drop_oldest(self.burst, MOST_VISITED)
        self.previous, self.current = self.current, key
        self.at, self.edited, self.fresh = at, False, False
        self.length += 1
        self.visits[key] = self.visits.pop(key, 0) + 1
        drop_oldest(self.visits, MOST_VISITED)

    def recent(self, most: int) -> islice[str]:
        """Visited keys, latest first, the current one among them."""
        return islice(reversed(self.visits), most)

    def rename(self, names: Mapping[str, str]) -> None:
        """Carries everything over to new names."""
        self.current, self.previous = (
            None if key is None else names.get(key, key) for key in (self.current, self.previous)
        )
        visits, self.visits = self.visits, {}
        for key, times in visits.items():
            name = names.get(key, key)
            self.visits[name] = self.visits.pop(name, 0) + times
        self.burst = {names.get(key, key): None for key in self.burst}
        self.results = tuple(names.get(key, key) for key in self.results)
        for trail in (self.near, self.far, self.together, self.shown):
            trail.rename(names)

    def known(self) -> set[str]:
        """Every key the session remembers."""
        trails = (self.near, self.far, self.together, self.shown)
        return {*self.visits, *self.results, *(key for trail in trails for key in trail.sums)}

    def copy(self) -> Session:
        """A copy in which a visit outside of the burst can be tried out: what that replaces is left out."""
        return Session(
            current=self.current,
            previous=self.previous,
            length=self.length,
            visits=self.visits.copy(),
            results=self.results,
            searched=self.searched,
            near=self.near.copy(),
            far=self.far.copy(),
            shown=self.shown,
            returning=self.returning,
            toggling=self.toggling,
        )
