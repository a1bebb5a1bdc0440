"""Round trips to a real Redis server: against redis-py doing the same over the same kind of connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from random import Random
from typing import Any, Final

import orjson
from attrs import frozen
from redis.asyncio import Redis
from tests.redis_server import MISSING, PROGRAM, RedisServer

from magnetar import CacheBackend, SmartCache

from .measure import Effort, LeftOut, Pair, Subject, Terms, compare
from .workload import KILOBYTE, ROOM, TTL, Some, fill, make_keys

TITLE: Final = "Redis"
NOTE: Final = """\
One real server on this machine, which keeps nothing on disk, 1,000 entries of each kind. redis-py is its asyncio client
with hiredis and its default pool: a connection for each caller at the same time, where ours sends over one."""

_OURS: Final = "SmartCache(REDIS)"
_BARE: Final = "redis-py"
_MOST_ENTRIES: Final = 1_000
_MANY: Final = 50
_PATIENCE: Final = 60
"""Seconds: on a machine that is busy with something else, a late answer is no reason to stop."""

_ON_GET: Final = Terms(
    "reading JSON, statistics, recency, frequency, learning, failing softly", "It hands out the bytes as they come."
)
_ON_GET_MANY: Final = Terms(
    "a header to read, statistics, recency, frequency, failing softly",
    "It hands out the bytes as they come; ours makes a record of each value.",
)
_ON_SET: Final = Terms(
    "limits, order of eviction, accounting by bytes, check of the value, learning",
    "It is one plain command, where ours runs a script that keeps the books of all entries right, whoever writes.",
)


async def rows(effort: Effort) -> AsyncIterator[Pair | LeftOut]:
    """Compares lookups, many at once, and sets, over both kinds of connection."""
    if PROGRAM is None:
        yield LeftOut("every row with Redis", MISSING)
        return
    server = RedisServer()
    try:
        for connection, address in (("Unix socket", server.url), ("TCP", server.tcp_url)):
            url = f"{address}?socket_timeout={_PATIENCE}&socket_connect_timeout={_PATIENCE}"
            cache = SmartCache(CacheBackend.REDIS, 4 * _MOST_ENTRIES, ROOM, redis_url=url, namespace=connection)
            async with cache, Redis.from_url(url) as bare:
                async for pair in _rows_over(connection, _RoundTrips(cache, bare), effort):
                    yield pair
    finally:
        server.close()


@frozen
class _RoundTrips:
    """A cache and a bare client of one server, which never see each other's keys."""

    cache: SmartCache
    bare: Redis

    def pair(
        self,
        ours: Callable[..., Awaitable[Any]],
        its: Callable[..., Awaitable[Any]],
        terms: Terms,
        expected: tuple[Any, Any] = (None, None),
    ) -> list[Subject]:
        """Both of them doing one thing."""
        return [
            Subject(_OURS, ours, expected=expected[0], settle=self.cache.get_stats),
            Subject(_BARE, its, expected=expected[1], terms=terms),
        ]

    async def get_blobs(self, keys: Sequence[str]) -> int:
        return len(await self.cache.get_blobs(keys))

    async def mget(self, keys: Sequence[str]) -> int:
        return sum(value is not None for value in await self.bare.mget(keys))

    async def get_each(self, keys: Sequence[str]) -> int:
        return sum(value is not None for value in await asyncio.gather(*map(self.cache.get, keys)))

    async def get_each_bare(self, keys: Sequence[str]) -> int:
        return sum(value is not None for value in await asyncio.gather(*map(self.bare.get, keys)))


async def _rows_over(connection: str, trips: _RoundTrips, effort: Effort) -> AsyncIterator[Pair]:
    cache, bare = trips.cache, trips.bare
    entries = min(_MOST_ENTRIES, effort.sizes[-1])
    for size, text in (("1 KB", KILOBYTE), ("8 KB", 8 * KILOBYTE)):
        keys, label = make_keys(entries, size), f"{size}, {connection}"
        payload = orjson.dumps(text)
        await fill(cache, keys, text)
        await bare.mset(dict.fromkeys(keys, payload))
        some = Some(keys, effort.slow_calls)
        hits = trips.pair(cache.get, bare.get, _ON_GET, (text, payload))
        for pair in await compare("get, hit", label, hits, some, rounds=effort.rounds):
            yield pair
        sets = trips.pair(cache.set, partial(_set_bare, bare, payload), _ON_SET)
        for pair in await compare("set", label, sets, some, rounds=effort.rounds, value=text):
            yield pair
    keys, label = make_keys(entries, "many"), f"{_MANY} of 1 KB, {connection}"
    blobs = dict.fromkeys(keys, KILOBYTE.encode())
    await cache.set_blobs(blobs, TTL)
    await bare.mset(blobs)
    handfuls = _Handfuls(keys, max(effort.slow_calls // 5, 1))
    for operation, ours, its, terms in (
        ("get, many keys in one call", trips.get_blobs, trips.mget, _ON_GET_MANY),
        ("get, many callers at once", trips.get_each, trips.get_each_bare, _ON_GET),
    ):
        subjects = trips.pair(ours, its, terms, (_MANY, _MANY))
        for pair in await compare(operation, label, subjects, handfuls, rounds=effort.rounds):
            yield pair


async def _set_bare(bare: Redis, payload: bytes, key: str, _: str) -> Any:
    return await bare.set(key, payload, ex=TTL)


class _Handfuls:
    """For each call of a round, some keys that are there."""

    def __init__(self, keys: Sequence[str], calls: int) -> None:
        self._keys = keys
        self._calls = calls

    def __call__(self, number: int) -> list[list[str]]:
        """The keys of one round."""
        random = Random(number)
        return [random.sample(self._keys, _MANY) for _ in range(self._calls)]
