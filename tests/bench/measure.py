"""How the benchmark times: one call at a time, and those it compares in turns, so that a busy machine is busy for all.

In every round each subject makes the same calls, after a few that are not counted, since those before it have filled the
processor's caches with something else; the order turns round from one round to the next. A figure is of single calls, less
what reading the clock costs. A ratio is the median of the ratios of the rounds: it stays true where the machine grows slower
meanwhile. Nothing here knows what is measured.
"""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from time import perf_counter_ns
from typing import Any, Final

from attrs import frozen

_NO_VALUE: Final = object()
_CLOCK_READINGS: Final = 20_001
_WARM_UP: Final = 0.1
"""Calls that are not counted, as a share of those that are."""


@frozen
class Effort:
    """How much is measured."""

    sizes: tuple[int, ...]
    """Entries of the caches."""
    rounds: int
    calls: int
    """Calls of one subject in one round, where a call costs microseconds."""
    slow_calls: int
    """The same, where it costs a transaction or a round trip."""
    fan_out: int
    """Most keys that follow one key."""


FULL: Final = Effort(sizes=(1_000, 10_000, 100_000), rounds=20, calls=500, slow_calls=50, fan_out=10_000)
QUICK: Final = Effort(sizes=(20, 40, 60), rounds=2, calls=10, slow_calls=4, fan_out=40)


@frozen
class Terms:
    """On what terms another one is compared with ours."""

    without: str = ""
    """What ours does and it does not."""
    why: str = ""
    """What it gains by that; said where it is faster."""


@frozen
class Subject:
    """One of those that are compared."""

    name: str
    call: Callable[..., Any]
    """Takes a key, and a value where one is to be stored."""
    awaited: bool = True
    expected: Any = None
    """What a call gives; checked once, so that nobody wins by answering nothing. None is not checked."""
    terms: Terms = Terms()
    settle: Callable[[], object] = lambda: None
    """Called after each round, outside of the time: work that the subject puts off to when it is idle."""


@frozen
class Timing:
    """Nanoseconds of single calls."""

    p50: float
    p99: float


@frozen
class Pair:
    """The first subject against one other."""

    operation: str
    size: str
    ours: str
    our_timing: Timing
    rival: str
    its_timing: Timing
    ratio: float
    """Ours divided by the rival's."""
    terms: Terms


@frozen
class LeftOut:
    """A comparison that could not be made here."""

    what: str
    reason: str


async def compare(
    operation: str,
    size: str,
    subjects: Sequence[Subject],
    keys_of: Callable[[int], Sequence[Any]],
    *,
    rounds: int,
    value: Any = _NO_VALUE,
) -> list[Pair]:
    """Times the subjects in turns.

    Args:
        operation: what they do.
        size: how large what they do it to is.
        subjects: ours first.
        keys_of: the keys of a round, by its number; those of round -1 warm up.
        rounds: how many count.
        value: what to store, where something is to be stored.
    """
    first = keys_of(-1)
    for subject in subjects:
        await _check(subject, first, value)
    warm_up = first[: max(1, int(len(first) * _WARM_UP))]
    gc.collect()
    clock_cost = _clock_cost()
    samples: dict[str, list[list[int]]] = {subject.name: [] for subject in subjects}
    for number in range(rounds):
        keys = keys_of(number)
        for subject in subjects if number % 2 else reversed(subjects):
            await _time(subject, warm_up, value)
            samples[subject.name].append(await _time(subject, keys, value))
        for subject in subjects:
            subject.settle()
    medians = {name: [max(median(calls) - clock_cost, 1.0) for calls in found] for name, found in samples.items()}
    timings = {name: _timing(found, clock_cost) for name, found in samples.items()}
    ours, *rivals = subjects
    return [
        Pair(
            operation,
            size,
            ours.name,
            timings[ours.name],
            rival.name,
            timings[rival.name],
            median([own / its for own, its in zip(medians[ours.name], medians[rival.name], strict=True)]),
            rival.terms,
        )
        for rival in rivals
    ]


async def _check(subject: Subject, keys: Sequence[Any], value: Any) -> None:
    for key in keys:
        answer = subject.call(key) if value is _NO_VALUE else subject.call(key, value)
        if subject.awaited:
            answer = await answer
        if subject.expected is not None and answer != subject.expected:
            raise RuntimeError(f"{subject.name} answers {answer!r:.80}, not {subject.expected!r:.80}")
    subject.settle()


async def _time(subject: Subject, keys: Sequence[Any], value: Any) -> list[int]:
    """Nanoseconds of each call, what reading the clock costs included."""
    if value is _NO_VALUE:
        return await _time_awaited(subject.call, keys) if subject.awaited else _time_called(subject.call, keys)
    if subject.awaited:
        return await _time_awaited_sets(subject.call, keys, value)
    return _time_called_sets(subject.call, keys, value)


# The same loop four times: a wrapper around the call would cost as much as what is to be measured.


async def _time_awaited(call: Callable[[Any], Awaitable[Any]], keys: Sequence[Any]) -> list[int]:
    clock, times = perf_counter_ns, []
    for key in keys:
        start = clock()
        await call(key)
        times.append(clock() - start)
    return times


def _time_called(call: Callable[[Any], Any], keys: Sequence[Any]) -> list[int]:
    clock, times = perf_counter_ns, []
    for key in keys:
        start = clock()
        call(key)
        times.append(clock() - start)
    return times


async def _time_awaited_sets(call: Callable[[Any, Any], Awaitable[Any]], keys: Sequence[Any], value: Any) -> list[int]:
    clock, times = perf_counter_ns, []
    for key in keys:
        start = clock()
        await call(key, value)
        times.append(clock() - start)
    return times


def _time_called_sets(call: Callable[[Any, Any], Any], keys: Sequence[Any], value: Any) -> list[int]:
    clock, times = perf_counter_ns, []
    for key in keys:
        start = clock()
        call(key, value)
        times.append(clock() - start)
    return times


def _clock_cost() -> float:
    clock, times = perf_counter_ns, []
    for _ in range(_CLOCK_READINGS):
        start = clock()
        times.append(clock() - start)
    return median(times)


def _timing(rounds: Sequence[Sequence[int]], clock_cost: float) -> Timing:
    times = sorted(time for calls in rounds for time in calls)
    return Timing(
        max(median(times) - clock_cost, 1.0), max(times[min(len(times) - 1, len(times) * 99 // 100)] - clock_cost, 1.0)
    )
