"""Predicting the next key: against a dictionary that counts transitions, since the other libraries predict nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import chain, islice
from typing import Final

from magnetar import CacheBackend, SmartCache

from .floors import MarkovCounter
from .measure import Effort, Pair, Subject, Terms, compare
from .workload import Some, make_keys, walk

TITLE: Final = "Prediction"
NOTE: Final = """\
Sizes are numbers of keys, each accessed about once on a walk in which a key has six successors. None of the libraries
predicts, so the floor is a dictionary of counters: it knows only what followed a key directly."""

_FLOOR: Final = "floor: order-1 Markov counter"
_HUB: Final = "file:/home/somebody/project/src/hub.py"

_LESS: Final = "probabilities, sessions, folders and words, forgetting, a bound on memory, contexts, threads"
_ON_LOOKING_UP: Final = Terms(
    _LESS, "It sorts one row of counts; ours has the answer ready, and notes it to see later whether it came true."
)
_ON_PREDICTING: Final = Terms(
    _LESS,
    "It sorts one row of counts; ours puts itself in the place of a user at that key and weighs 32 candidates by 18 features: "
    "half of the time goes into these numbers, a fifth into weighing them, an eighth into finding the candidates, a twelfth "
    "into the user's place. Weighing in the loop that makes the numbers was tried, and saves an eighth at the price of one "
    "function that does everything; with fewer candidates the answers are others.",
)
_ON_LEARNING: Final = Terms(
    _LESS, "It adds one to one count; ours learns how its last prediction turned out and makes the next one."
)


async def rows(effort: Effort) -> AsyncIterator[Pair]:
    """Compares, at each number of keys, predictions at the latest key, at any, and at one that very many follow."""
    for size in effort.sizes:
        keys = make_keys(size)
        async with SmartCache(CacheBackend.MEMORY) as cache:
            model, floor = cache.prediction_model, MarkovCounter()
            for key in chain(walk(keys, size), _followers(keys[: effort.fan_out]), keys[:1]):
                model.record_access(key)
                floor.record_access(key)
            ours = Subject("SmartCache.predict_next", cache.predict_next)
            looking_up = [ours, Subject(_FLOOR, floor.predict_next, terms=_ON_LOOKING_UP)]
            predicting = [ours, Subject(_FLOOR, floor.predict_next, terms=_ON_PREDICTING)]
            learning = [
                Subject("PredictionModel.record_access", model.record_access, awaited=False),
                Subject(_FLOOR, floor.record_access, awaited=False, terms=_ON_LEARNING),
            ]
            for operation, subjects, keys_of in (
                ("predict, latest key", looking_up, _Same(keys[0], effort.calls)),
                ("predict, any key", predicting, Some(keys, effort.slow_calls)),
                ("predict, very many successors", predicting, _Same(_HUB, effort.slow_calls)),
                ("learn an access", learning, _Walk(keys, effort.slow_calls)),
            ):
                for pair in await compare(operation, f"{size:,}", subjects, keys_of, rounds=effort.rounds):
                    yield pair


def _followers(keys: Sequence[str]) -> Iterator[str]:
    """Accesses that return to one key again and again, each time from another."""
    for key in keys:
        yield from (_HUB, key)


class _Same:
    """One key for every call."""

    def __init__(self, key: str, calls: int) -> None:
        self._keys = [key] * calls

    def __call__(self, _: int) -> list[str]:
        """The keys of one round."""
        return self._keys


class _Walk:
    """For each round the next part of a walk."""

    def __init__(self, keys: Sequence[str], calls: int) -> None:
        self._keys = keys
        self._calls = calls

    def __call__(self, number: int) -> list[str]:
        """The keys of one round."""
        end = (number + 2) * self._calls
        return list(islice(walk(self._keys, end), end - self._calls, None))
