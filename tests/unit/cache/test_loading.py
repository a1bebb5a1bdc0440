"""Loads: bounded, one per key at a time, each failure by itself, and never older than what was written meanwhile."""

import asyncio
import threading

import pytest

from magnetar.cache.loading import CONCURRENT_LOADS, Loads


@pytest.fixture
def stored():
    return {}


@pytest.fixture
async def loads(stored):
    async def store(key, value, _ttl):
        stored[key] = value
        return len(value)

    loads = Loads(store)
    yield loads
    await loads.close()
    assert not loads._flights


async def test_a_coroutine_function_is_awaited_and_a_plain_one_runs_in_a_thread(loads, stored):
    async def with_await(key):
        return key + threading.current_thread().name

    def in_thread(key):
        return key + threading.current_thread().name

    def gives_coroutine(key):
        return with_await(key)

    for key, loader in (("a", with_await), ("b", in_thread), ("c", gives_coroutine)):
        assert (await loads.load(key, loader, 300)).size_bytes
    main = threading.current_thread().name
    assert stored["a"] == "a" + main
    assert stored["b"] != "b" + main
    assert stored["c"] == "c" + main


async def test_simultaneous_loads_of_one_key_are_one(loads):
    calls = []
    started, ready = asyncio.Event(), asyncio.Event()

    async def loader(key):
        calls.append(key)
        started.set()
        await ready.wait()
        return "v"

    waiting = [asyncio.create_task(loads.load("k", loader, 300)) for _ in range(5)]
    await started.wait()
    ready.set()
    done = await asyncio.gather(*waiting)
    assert calls == ["k"]
    assert sorted(loaded.joined for loaded in done) == [False, True, True, True, True]


async def test_no_more_than_so_many_load_at_once(loads):
    running = most = 0

    async def loader(_key):
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(3):
            await asyncio.sleep(0)
        running -= 1
        return "v"

    await asyncio.gather(*[loads.load(str(number), loader, 300) for number in range(50)])
    assert most == CONCURRENT_LOADS


async def test_a_loader_that_raises_is_logged_by_key_and_concerns_nobody_else(loads, stored, caplog):
    async def loader(key):
        if key == "bad":
            raise LookupError("no such thing")
        return "v"

    bad, good = await asyncio.gather(loads.load("bad", loader, 300), loads.load("good", loader, 300))
    assert (bad.failed, bad.size_bytes, good.failed, good.size_bytes) == (True, 0, False, 1)
    assert list(stored) == ["good"]
    assert "bad" in caplog.text
    assert "LookupError" in caplog.text


async def test_none_stores_nothing_and_is_no_failure(loads, stored):
    loaded = await loads.load("k", lambda _key: None, 300)
    assert (loaded.size_bytes, loaded.failed) == (0, False)
    assert not stored


@pytest.mark.parametrize("how", ["written", "removed by prefix"])
async def test_what_was_written_or_removed_while_it_was_loading_is_not_overwritten(loads, stored, how):
    async def loader(_key):
        if how == "written":
            loads.supersede("key")
        else:
            loads.supersede_all("k")
        return "out of date"

    assert not (await loads.load("key", loader, 300)).size_bytes
    assert not stored


async def test_a_load_goes_on_while_anyone_waits_for_it_and_ends_with_the_last(loads, stored):
    started, ready, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def loader(_key):
        started.set()
        try:
            await ready.wait()
        finally:
            ended.set()
        return "v"

    first = asyncio.create_task(loads.load("k", loader, 300))
    second = asyncio.create_task(loads.load("k", loader, 300))
    await started.wait()
    first.cancel()
    await asyncio.wait({first})
    assert not ended.is_set()
    ready.set()
    assert (await second).size_bytes
    ready.clear()
    started.clear()
    ended.clear()
    third = asyncio.create_task(loads.load("other", loader, 300))
    await started.wait()
    third.cancel()
    await asyncio.wait({third})
    await ended.wait()
    assert "other" not in stored


async def test_a_key_whose_load_was_given_up_can_be_loaded_again_at_once(loads, stored):
    never = asyncio.Event()
    started = asyncio.Event()

    async def stuck(_key):
        started.set()
        await never.wait()

    given_up = asyncio.create_task(loads.load("k", stuck, 300))
    await started.wait()
    given_up.cancel()
    await asyncio.wait({given_up})
    assert (await loads.load("k", lambda _key: "v", 300)).size_bytes
    assert stored == {"k": "v"}
