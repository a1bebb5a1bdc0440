"""What is stored and asked for: keys as editors have them, texts of a kilobyte, and a walk that a predictor can learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

from magnetar import SmartCache

TTL: Final = 3_600
KILOBYTE: Final = ("def answer(question):\n    return 42\n" * 32)[:1_024]
ROOM: Final = 2**31
"""Bytes that nothing here fills."""

_FILL: Final = 1_000
_SUCCESSORS: Final = 6


def make_keys(number: int, folder: str = "src") -> list[str]:
    """Keys of so many files; their hashes are computed."""
    keys = [
        f"file:/home/somebody/project/{folder}/package_{place % 97}/module_{place:06d}.py" for place in range(number)
    ]
    for key in keys:
        hash(key)
    return keys


class Some:
    """Keys for each round: some of those that are there, drawn anew for each."""

    def __init__(self, keys: Sequence[str], most: int) -> None:
        self._keys = keys
        self._most = most

    def __call__(self, number: int) -> list[str]:
        """The keys of one round."""
        return Random(number).sample(self._keys, min(self._most, len(self._keys)))


class Fresh:
    """Keys for each round: none that was there before."""

    def __init__(self, most: int) -> None:
        self._most = most

    def __call__(self, number: int) -> list[str]:
        """The keys of one round."""
        return make_keys(self._most, f"new_{number + 1}")


async def fill(cache: SmartCache, keys: Sequence[str], value: Any) -> None:
    """Stores a value under each key, which is not learned from: it is no access.

    Raises:
        RuntimeError: it did not take them all, and measuring it would mean nothing.
    """

    async def load(_: str) -> Any:
        return value

    stored = sum([await cache.prefetch(part, load, ttl=TTL) for part in _portions(keys)])
    if stored != len(keys):
        raise RuntimeError(f"{cache.backend_type} took {stored} of {len(keys)} values")


def walk(keys: Sequence[str], steps: int) -> Iterator[str]:
    """Accesses in which each key has a few successors, the first of them the likeliest."""
    random = Random(0)
    place = 0
    for _ in range(steps):
        yield keys[place]
        branch = min(int(random.expovariate(1.0)), _SUCCESSORS - 1)
        place = (place * _SUCCESSORS + 7 * branch + 1) % len(keys)


def _portions(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), _FILL):
        yield keys[start : start + _FILL]
