"""What a cache promises on every backend: values, times to live, limits, statistics, opening and closing."""

import asyncio
import json

import numpy as np
import pytest

from magnetar import CacheBackend, SmartCache
from magnetar.errors import CacheClosed

DAY = 86_400
DURABLE = (CacheBackend.SQLITE, CacheBackend.REDIS, CacheBackend.TIERED)


async def test_what_was_set_is_got_and_what_was_not_is_none(cache):
    assert await cache.set("k", {"a": [1, 2.5, None, True, "é"]}) is True
    assert await cache.get("k") == {"a": [1, 2.5, None, True, "é"]}
    assert await cache.get("other") is None
    assert (cache.stats.hits, cache.stats.misses) == (1, 1)


@pytest.mark.parametrize(
    "value",
    [None, "", 0, False, [], {"a": (1, {2: 3})}, 2**100, [float("inf")], "\ud800", "x" * 100_000],
    ids=lambda v: repr(v)[:20],
)
async def test_what_comes_back_is_what_json_would_bring(cache, value):
    await cache.set("k", value)
    assert await cache.get("k") == json.loads(json.dumps(value))
    assert cache.stats.hits == 1


async def test_an_embedding_comes_back_equal(cache):
    embedding = np.linspace(-1, 1, 256, dtype="f4")
    await cache.set("k", embedding)
    back = await cache.get("k")
    assert back.dtype == np.float32
    assert np.array_equal(back, embedding)


@pytest.mark.parametrize("value", [b"bytes", {"a": {1}}, object()], ids=lambda value: type(value).__name__)
async def test_what_is_not_json_is_a_type_error_and_nothing_is_stored(cache, value):
    await cache.set("k", "old")
    with pytest.raises(TypeError, match="'k'"):
        await cache.set("k", value)
    assert await cache.get("k") == "old"


async def test_changing_what_was_set_does_not_change_the_cache(cache):
    value = [1]
    await cache.set("k", value)
    value.append(2)
    assert await cache.get("k") == [1]


@pytest.mark.parametrize("key", ["", "file:/a b/ü.py", "a'\"%;--\x00\n", "\udcff"])
async def test_any_text_is_a_key(cache, key):
    await cache.set(key, "v")
    await cache.set(key + "x", "w")
    assert await cache.get(key) == "v"
    assert await cache.delete(key) is True
    assert await cache.get(key) is None
    assert await cache.get(key + "x") == "w"


@pytest.mark.parametrize("key", [None, 5, b"bytes", ("a",)], ids=lambda key: type(key).__name__)
async def test_what_is_no_text_is_no_key_and_harms_nothing(cache, key):
    for call in (lambda: cache.set(key, "v"), lambda: cache.delete(key), lambda: cache.delete_prefix(key)):
        with pytest.raises(TypeError, match=type(key).__name__):
            await call()
    assert await cache.set("k", "v") is True
    assert await cache.predict_next("k") == []
    assert cache.degraded is None


async def test_setting_again_replaces_value_size_and_ttl(cache, clock):
    await cache.set("k", "long" * 100, ttl=10)
    await cache.set("k", "v", ttl=100)
    clock.advance(50)
    assert await cache.get("k") == "v"
    assert (cache.stats.size, cache.stats.size_bytes) == (1, 3)


async def test_delete_says_whether_there_was_something(cache, clock):
    await cache.set("k", "v", ttl=10)
    assert await cache.delete("k") is True
    assert await cache.delete("k") is False
    await cache.set("k", "v", ttl=10)
    clock.advance(10)
    assert await cache.delete("k") is False
    assert cache.stats.size == 0


async def test_clear_removes_everything_and_delete_prefix_what_starts_so(cache):
    for key in ("a:1", "a:2", "b:1"):
        await cache.set(key, key)
    assert await cache.delete_prefix("a:") == 2
    assert await cache.get("a:1") is None
    assert await cache.get("b:1") == "b:1"
    assert await cache.clear() is None
    assert await cache.get("b:1") is None
    assert (cache.stats.size, cache.stats.size_bytes) == (0, 0)
    assert all(tier.entries == 0 for tier in cache.tiers())


# -- times to live -----------------------------------------------------------------------------------------------------


async def test_an_expired_value_is_a_miss_and_frees_its_bytes(cache, clock):
    await cache.set("k", "v", ttl=10)
    await cache.set("l", "v")
    clock.advance(9.9)
    assert await cache.get("k") == "v"
    clock.advance(0.1)
    assert await cache.get("k") is None
    assert (cache.stats.size, cache.stats.size_bytes) == (1, 3)
    assert cache.stats.evictions == 0
    clock.advance(290)
    assert await cache.get("l") is None


async def test_the_default_ttl_is_the_one_the_cache_was_made_with(make, clock):
    cache = await make(default_ttl=7)
    await cache.set("k", "v")
    clock.advance(6)
    assert await cache.get("k") == "v"
    clock.advance(1)
    assert await cache.get("k") is None


@pytest.mark.parametrize("ttl", [0, -1, float("nan")])
async def test_a_ttl_that_is_not_positive_is_a_value_error(cache, ttl):
    with pytest.raises(ValueError, match="ttl"):
        await cache.set("k", "v", ttl=ttl)
    assert await cache.get("k") is None


@pytest.mark.parametrize("ttl", [10**12, 10**30, float("inf")])
async def test_a_ttl_longer_than_anybody_waits_is_as_good_as_for_ever(cache, clock, ttl):
    assert await cache.set("k", "v", ttl=ttl) is True
    clock.advance(10**9)
    assert await cache.get("k") == "v"
    assert await cache.set("l", "w") is True
    assert cache.degraded is None


# -- limits ------------------------------------------------------------------------------------------------------------


async def test_limits_hold_after_every_set(make):
    cache = await make(max_size=20, max_size_bytes=1_000)
    for number in range(100):
        assert await cache.set(f"k{number}", "x" * (number % 90))
        stats = cache.stats
        assert stats.size <= 20
        assert stats.size_bytes <= 1_000
        assert await cache.get(f"k{number}") == "x" * (number % 90)
    assert cache.stats.evictions == 100 - cache.stats.size


async def test_limits_hold_when_many_set_at_once(make):
    cache = await make(max_size=10)
    await asyncio.gather(*[cache.set(str(number), "v") for number in range(50)])
    assert cache.stats.size <= 10


async def test_a_value_larger_than_the_cache_is_refused_and_leaves_no_older_one_behind(make):
    cache = await make(max_size_bytes=100)
    await cache.set("k", "old")
    assert await cache.set("k", "x" * 99) is False
    assert await cache.set("l", "x" * 99) is False
    assert await cache.get("k") is None
    assert await cache.get("l") is None
    assert cache.stats.size == 0
    assert await cache.set("k", "x" * 98) is True


async def test_what_is_used_stays_and_what_is_not_goes(backend, make):
    cache = await make(max_size=10)
    for number in range(10):
        await cache.set(f"k{number}", "v")
    for round_number in range(5):
        await asyncio.gather(*[cache.get(f"k{number}") for number in range(5)])
        await cache.set(f"new{round_number}", "v")
    assert [await cache.get(f"k{number}") for number in range(5)] == ["v"] * 5
    assert cache.stats.evictions == 5
    below = "v" if backend is CacheBackend.TIERED else None  # the disk has room
    assert [await cache.get(f"k{number}") for number in range(5, 10)] == [below] * 5


async def test_what_was_just_loaded_stays_while_something_else_can_go(make):
    cache = await make(max_size=2)
    for key in ("a", "b"):
        await cache.set(key, "v")
    await asyncio.gather(cache.get("a"), cache.get("b"))
    await cache.delete("none")  # what was accessed is written with it
    assert await cache.prefetch(["c"], str) == 1
    assert await cache.get("c") == "c"


async def test_what_was_stored_while_the_clock_was_ahead_has_expired_once_it_is_put_back(make, clock):
    cache = await make()
    await cache.set("before", 1, ttl=10 * DAY)
    clock.advance(3 * DAY)
    await cache.set("ahead", 2, ttl=100)
    await cache.set("set again", 3, ttl=100)
    clock.advance(-3 * DAY)
    assert [await cache.get(key) for key in ("before", "ahead", "set again")] == [1, None, None]
    await cache.set("set again", 4, ttl=100)
    clock.advance(-60)  # clocks may differ
    assert await cache.get("set again") == 4


@pytest.mark.parametrize("setting", ["max_size", "max_size_bytes", "default_ttl", "disk_max_bytes"])
def test_limits_must_be_positive(setting):
    with pytest.raises(ValueError, match=setting):
        SmartCache(**{setting: 0})


# -- blobs -------------------------------------------------------------------------------------------------------------


async def test_blobs_come_back_as_they_were_many_at_once(cache, clock):
    blobs = {f"symbols:{number}": bytes([number % 256]) * number for number in range(700)}
    assert await cache.set_blobs(blobs) == 700
    clock.advance(10**8)
    assert await cache.get_blobs([*blobs, "symbols:none"]) == blobs


async def test_blobs_are_no_accesses(cache):
    await cache.set_blobs({"a": b"1", "b": b"2"})
    await cache.get_blobs(["a", "b"])
    assert await cache.predict_next("a") == []
    assert await cache.set_blobs({}) == 0
    assert await cache.get_blobs([]) == {}


async def test_a_blob_with_a_ttl_expires_and_is_removed_by_prefix(cache, clock):
    await cache.set_blobs({"a:1": b"1"}, ttl=10)
    await cache.set_blobs({"a:2": b"2", "b": b"3"})
    clock.advance(10)
    assert await cache.get_blobs(["a:1", "a:2", "b"]) == {"a:2": b"2", "b": b"3"}
    assert await cache.delete_prefix("a:") == 1
    assert await cache.get_blobs(["a:1", "a:2", "b"]) == {"b": b"3"}


# -- opening and closing -----------------------------------------------------------------------------------------------


async def test_opening_and_closing_twice_is_fine(cache):
    await cache.initialize()
    await cache.set("k", "v")
    await cache.initialize()
    assert await cache.get("k") == "v"
    await cache.shutdown()
    await cache.shutdown()


async def test_a_closed_cache_says_so_and_can_be_opened_again(backend, cache):
    await cache.set("k", "v")
    await cache.shutdown()
    calls = [
        lambda: cache.get("k"),
        lambda: cache.set("k", "v"),
        lambda: cache.delete("k"),
        cache.clear,
        lambda: cache.predict_next("k"),
        lambda: cache.prefetch(["k"], str),
        lambda: cache.warm_cache("ws"),
        cache.background_refresh,
        lambda: cache.get_blobs(["k"]),
        lambda: cache.set_blobs({"k": b""}),
    ]
    for call in calls:
        with pytest.raises(CacheClosed):
            await call()
    assert cache.get_stats().max_size == 10_000
    await cache.initialize()
    assert await cache.get("k") == ("v" if backend in DURABLE else None)


async def test_a_cache_is_a_context_manager(backend, place):
    async with SmartCache(backend, **place) as cache:
        await cache.set("k", "v")
    with pytest.raises(CacheClosed):
        await cache.get("k")


async def test_many_tasks_may_open_use_and_close_one_cache(backend, place):
    cache = SmartCache(backend, **place, max_size=30)
    await asyncio.gather(*[cache.initialize() for _ in range(5)])

    async def work(number):
        for step in range(20):
            await cache.set(f"{number}:{step}", [number, step])
            value = await cache.get(f"{number}:{step}")
            assert value in (None, [number, step])
            await cache.delete(f"{(number + 1) % 5}:{step}")

    await asyncio.gather(*[work(number) for number in range(5)])
    assert cache.stats.size <= 30
    await asyncio.gather(*[cache.shutdown() for _ in range(5)])


async def test_statistics_name_the_limits_and_each_tier(kind, make):
    cache = await make(max_size=5, max_size_bytes=500)
    await cache.set("k", "value")
    stats = cache.get_stats()
    assert (stats.size, stats.size_bytes, stats.max_size, stats.max_size_bytes) == (1, 7, 5, 500)
    names = {"tiered": ["memory", "sqlite"], "tiered-redis": ["memory", "sqlite", "redis"]}.get(kind, [kind])
    assert [tier.name for tier in cache.tiers()] == names
    assert all((tier.entries, tier.size_bytes) == (1, 7) for tier in cache.tiers())
    assert cache.degraded is None
