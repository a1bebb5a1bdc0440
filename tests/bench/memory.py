"""Values in memory: against the leanest dictionary with the same bookkeeping, cachetools and cashews."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from types import ModuleType
from typing import Final

from magnetar import CacheBackend, SmartCache

from .contenders import Contender, rival, rows_of
from .floors import AwaitedDictionary
from .measure import Effort, Pair, Terms
from .workload import KILOBYTE, ROOM, TTL, fill, make_keys

TITLE: Final = "Memory"
NOTE: Final = """\
Values are texts of 1 KB; the cache is full. cachetools is called as it is, without `await`, and needs a lock of the caller's
where there are threads. The floor and cachetools keep the object they are given and cashews a shallow copy, so that a
change to what is in it changes what is cached; ours keeps what JSON brings back."""

_KEEPS_REFERENCES: Final = (
    "It keeps the caller's own object, where ours stores what JSON brings back and counts its bytes; and it knows no order "
    "but that of the last accesses, where ours orders by frequency too, and by expiry."
)


async def rows(effort: Effort) -> AsyncIterator[Pair]:
    """Compares the caches at each size."""
    for size in effort.sizes:
        keys = make_keys(size)
        async with AsyncExitStack() as stack:
            contenders = [await _ours(keys, stack), await _floor(keys)]
            if cachetools := rival("cachetools"):
                contenders += _cachetools(cachetools, keys)
            if cashews := rival("cashews"):
                contenders.append(await _cashews(cashews, keys, stack))
            async for pair in rows_of(contenders, size, effort.calls, effort):
                yield pair


async def _ours(keys: Sequence[str], stack: AsyncExitStack) -> Contender:
    cache = await stack.enter_async_context(SmartCache(CacheBackend.MEMORY, len(keys), ROOM, default_ttl=TTL))
    await fill(cache, keys, KILOBYTE)
    return Contender("SmartCache(MEMORY)", cache.get, cache.set, settle=cache.get_stats)


async def _floor(keys: Sequence[str]) -> Contender:
    cache = AwaitedDictionary(len(keys), TTL)
    for key in keys:
        await cache.set(key, KILOBYTE)
    return Contender(
        "floor: awaited dictionary",
        cache.get,
        cache.set,
        Terms(
            "learning, byte limit, threads; evicts by recency alone",
            "It is one function less, and queues nothing for learning or eviction.",
        ),
        Terms("check and copy of the value, learning, byte limit, threads; evicts by recency alone", _KEEPS_REFERENCES),
    )


def _cachetools(cachetools: ModuleType, keys: Sequence[str]) -> list[Contender]:
    contenders = []
    for name, cache, ttl in (
        ("cachetools LRUCache", cachetools.LRUCache(len(keys)), "TTL, "),
        ("cachetools TTLCache", cachetools.TTLCache(len(keys), TTL), "a TTL for each, "),
    ):
        for key in keys:
            cache[key] = KILOBYTE
        contenders.append(
            Contender(
                name,
                cache.__getitem__,
                cache.__setitem__,
                Terms(
                    f"{ttl}statistics, frequency, learning, threads, await", "It is a plain call that counts nothing."
                ),
                Terms(
                    f"{ttl}check and copy of the value, statistics, frequency, learning, threads, await",
                    _KEEPS_REFERENCES,
                ),
                awaited=False,
            )
        )
    return contenders


async def _cashews(cashews: ModuleType, keys: Sequence[str], stack: AsyncExitStack) -> Contender:
    cache = cashews.Cache()
    cache.setup(f"mem://?size={len(keys)}&check_interval=0")
    await cache.init()
    stack.push_async_callback(cache.close)
    set_value = partial(cache.set, expire=TTL)
    for key in keys:
        await set_value(key, KILOBYTE)
    return Contender(
        "cashews mem://",
        cache.get,
        set_value,
        Terms("statistics, frequency, learning, threads"),
        Terms(
            "check of the value and deep copy, byte limit, statistics, frequency, learning, threads", _KEEPS_REFERENCES
        ),
    )
