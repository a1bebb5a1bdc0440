"""Full caches that are to be compared, and the three things that each of them does. Which caches is for others to say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final

from attrs import frozen

from .measure import Effort, LeftOut, Pair, Subject, Terms, compare
from .workload import KILOBYTE, Fresh, Some, make_keys

RIVALS: Final = ("cachetools", "cashews", "diskcache")


@frozen
class Contender:
    """A cache that is full of what `make_keys` gives, a kilobyte each."""

    name: str
    get: Callable[[str], Any]
    set: Callable[[str, Any], Any] | None = None
    on_get: Terms = Terms()
    on_set: Terms = Terms()
    awaited: bool = True
    settle: Callable[[], object] = lambda: None
    confine: Callable[[], object] = lambda: None
    """Called before what is set has to push something out."""

    def getting(self) -> Subject:
        """This cache when it is asked for what it has."""
        return Subject(self.name, self.get, self.awaited, KILOBYTE, self.on_get, self.settle)

    def setting(self) -> list[Subject]:
        """This cache when it is given something, if it takes anything."""
        return [] if self.set is None else [Subject(self.name, self.set, self.awaited, None, self.on_set, self.settle)]


def rival(name: str) -> ModuleType | None:
    """A library, where it is installed."""
    return import_module(name) if find_spec(name) else None


def missing_rivals() -> list[LeftOut]:
    """What cannot be compared because its library is not here."""
    return [
        LeftOut(f"every row against {name}", f"{name} is not installed (dependency group `bench`)")
        for name in RIVALS
        if find_spec(name) is None
    ]


async def rows_of(contenders: Sequence[Contender], size: int, calls: int, effort: Effort) -> AsyncIterator[Pair]:
    """Compares hits, sets that replace, and sets into a full cache."""
    there, fresh, label = Some(make_keys(size), calls), Fresh(calls), f"{size:,}"
    getting = [contender.getting() for contender in contenders]
    setting = [subject for contender in contenders for subject in contender.setting()]
    for pair in await compare("get, hit", label, getting, there, rounds=effort.rounds):
        yield pair
    for pair in await compare("set, replacing", label, setting, there, rounds=effort.rounds, value=KILOBYTE):
        yield pair
    for contender in contenders:
        contender.confine()
    for pair in await compare("set, evicting", label, setting, fresh, rounds=effort.rounds, value=KILOBYTE):
        yield pair
