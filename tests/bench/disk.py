"""Values on disk: against the bare statement and diskcache, which is called as it is and from an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Final

from magnetar import CacheBackend, SmartCache

from .committing import KEYS, committing
from .contenders import Contender, rival, rows_of
from .floors import BareStatement
from .measure import Effort, Pair, Subject, Terms, compare
from .workload import KILOBYTE, ROOM, TTL, Some, fill, make_keys

TITLE: Final = "Disk"
NOTE: Final = """\
Values are texts of 1 KB; the cache is full. Both files are written ahead with `synchronous = NORMAL`: what a set has returned
from survives the end of the process. diskcache stores any picklable object; its eviction looks at bytes and the age of
storing, ours at entries, bytes, recency and frequency. *In a thread* is how an event loop has to call it. The process that
commits stores 20 values of 8 KB at a time in the same file, without a pause, as a server that indexes does."""

_VALUE: Final = KILOBYTE * 8
_FLOOR: Final = "floor: aiosqlite, one SELECT"
_ON_STATEMENT: Final = Terms(
    "TTL, statistics, recency, frequency, learning, values that are still being written, failing softly",
    "It is one statement and nothing else.",
)
_LESS: Final = "limit of entries, recency, frequency, statistics, learning"
_BLOCKS: Final = (
    "It works in the caller's thread: no task switch, but the event loop stands still while the disk is waited for. `TIERED` "
    "answers hits from memory instead."
)


async def rows(effort: Effort) -> AsyncIterator[Pair]:
    """Compares the caches at each size."""
    for size in effort.sizes:
        keys = make_keys(size)
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="magnetar-bench-")))
            library = rival("diskcache")
            rivals = _diskcache(library, folder / "diskcache", keys, stack) if library else []
            file = await _ours(CacheBackend.SQLITE, folder / "sqlite.db", keys, stack)
            floor = await _floor(folder / "sqlite.db", stack)
            tiers = await _ours(CacheBackend.TIERED, folder / "tiered.db", keys, stack)
            hits = [contender.getting() for contender in (tiers, *rivals)]
            some = Some(keys, effort.calls)
            for pair in await compare("get, hit in memory", f"{size:,}", hits, some, rounds=effort.rounds):
                yield pair
            async for pair in rows_of([file, floor, *rivals], size, effort.slow_calls, effort):
                yield pair
    async for pair in _rows_of_large_values(max(effort.sizes), effort):
        yield pair


async def _rows_of_large_values(size: int, effort: Effort) -> AsyncIterator[Pair]:
    """Compares hits on many large values, alone and beside a process that writes."""
    keys, entries = make_keys(size), size + KEYS
    some, label = Some(keys, effort.slow_calls), f"{size:,} of 8 KB"
    async with AsyncExitStack() as stack:
        path = Path(stack.enter_context(TemporaryDirectory(prefix="magnetar-bench-"))) / "sqlite.db"
        cache = await stack.enter_async_context(SmartCache(CacheBackend.SQLITE, entries, ROOM, path, default_ttl=TTL))
        await fill(cache, keys, _VALUE)
        statement = await BareStatement.open(path)
        stack.push_async_callback(statement.close)
        subjects = [
            Subject("SmartCache(SQLITE)", cache.get, expected=_VALUE, settle=cache.get_stats),
            Subject(_FLOOR, statement.get, expected=_VALUE, terms=_ON_STATEMENT),
        ]
        for pair in await compare("get, hit", label, subjects, some, rounds=effort.rounds):
            yield pair
        await stack.enter_async_context(committing(path, entries))
        operation = "get, hit, while a process commits"
        for pair in await compare(operation, label, subjects, some, rounds=effort.rounds):
            yield pair


async def _ours(backend: CacheBackend, path: Path, keys: Sequence[str], stack: AsyncExitStack) -> Contender:
    cache = await stack.enter_async_context(SmartCache(backend, len(keys), ROOM, path, default_ttl=TTL))
    await fill(cache, keys, KILOBYTE)
    return Contender(f"SmartCache({backend.name})", cache.get, cache.set, settle=cache.get_stats)


async def _floor(path: Path, stack: AsyncExitStack) -> Contender:
    statement = await BareStatement.open(path)
    stack.push_async_callback(statement.close)
    return Contender(
        _FLOOR,
        statement.get,
        on_get=_ON_STATEMENT,
    )


def _diskcache(diskcache: ModuleType, folder: Path, keys: Sequence[str], stack: AsyncExitStack) -> list[Contender]:
    cache = stack.enter_context(diskcache.Cache(str(folder), size_limit=ROOM))
    with cache.transact():
        for key in keys:
            cache.set(key, KILOBYTE, expire=TTL)
    set_value = partial(cache.set, expire=TTL)
    terms = Terms(f"await, {_LESS}", _BLOCKS)
    getting_in_a_thread = Terms(
        _LESS, "Both are one statement in another thread, and ours also counts what was accessed."
    )
    setting_in_a_thread = Terms(
        _LESS,
        "Its transaction writes one row and culls the oldest; ours also sweeps what has expired, ranks what was accessed and "
        "evicts by that. One of ours carries every set that waits.",
    )
    return [
        Contender(
            "diskcache",
            cache.get,
            set_value,
            terms,
            terms,
            awaited=False,
            confine=lambda: cache.reset("size_limit", cache.volume()),
        ),
        Contender(
            "diskcache, in a thread",
            partial(asyncio.to_thread, cache.get),
            partial(asyncio.to_thread, set_value),
            getting_in_a_thread,
            setting_in_a_thread,
        ),
    ]
