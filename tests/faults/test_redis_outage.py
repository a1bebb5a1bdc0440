"""A Redis that dies, comes back, stands still or is full: callers get answers at once, and none that is wrong."""

import asyncio
import time

import pytest

from magnetar import CacheBackend
from waiting import until

BACKENDS = pytest.mark.parametrize("backend", [CacheBackend.REDIS, CacheBackend.TIERED], ids=lambda kind: kind.value)


async def recovered(cache):
    await until(lambda: cache.degraded is None)


@BACKENDS
async def test_a_server_that_is_killed_under_load_fails_nobody(make, server, backend):
    cache = await make(server, backend, max_size=50)
    reasons = []
    cache.on_degraded = reasons.append
    latest = {}
    stop = asyncio.Event()

    async def work(worker):
        number = 0
        while not stop.is_set():
            number += 1
            key = f"{worker}:{number % 20}"
            if number % 7 == 0:
                await cache.delete(key)
                latest.pop(key, None)
            elif number % 11 == 0:
                await cache.prefetch([f"{worker}:loaded"], lambda _key: "loaded")
            else:
                stored = await cache.set(key, number)
                latest[key] = number
                found = await cache.get(key)
                assert found == number or (found is None and (not stored or backend is CacheBackend.REDIS))
            await cache.get_blobs([f"symbols:{worker}"])
            await asyncio.sleep(0)

    workers = [asyncio.create_task(work(worker)) for worker in range(4)]
    await until(lambda: len(latest) > 40)
    for _ in range(2):
        server.kill()
        await until(lambda: cache.degraded)
        server.start()
        await recovered(cache)
    stop.set()
    await asyncio.gather(*workers)
    assert reasons.count(None) >= 2
    assert reasons[-1] is None
    assert all("Redis at unix" in reason for reason in reasons if reason)  # it may change while Redis is away
    for key, value in latest.items():
        assert await cache.get(key) in (value, None)

    async def works_again():  # on a loaded machine, an answer may still be late now and then
        return await cache.set("after", "v") and await cache.get("after") == "v"

    await until(works_again)


@BACKENDS
async def test_what_was_written_during_an_outage_is_right_afterwards(make, server, admin_of, backend):
    """The server keeps what it had: only the way to it is cut, as by a network."""
    cache = await make(server, backend)
    for key in ("set", "deleted", "kept", "cleared:1"):
        assert await cache.set(key, "old")
    admin = admin_of(server)
    server.socket.rename(server.socket.with_name("away"))  # nobody can connect anew
    admin = admin_of(f"redis://127.0.0.1:{server.port}")
    await admin.client_kill_filter(_type="normal", skipme=True)
    assert await cache.set("set", "new") is (backend is CacheBackend.TIERED)
    assert await cache.delete("deleted") is (backend is CacheBackend.TIERED)
    await cache.delete_prefix("cleared:")
    server.socket.with_name("away").rename(server.socket)
    await recovered(cache)
    other = await make(server)
    for key, wrong in (("set", "old"), ("deleted", "old"), ("cleared:1", "old")):
        assert await cache.get(key) != wrong, key
        assert await other.get(key) is None, key


@BACKENDS
async def test_a_server_that_stands_still_holds_up_one_call_and_no_more(make, server, admin_of, backend):
    cache = await make(server, backend)
    await cache.set("k", "v")
    await admin_of(f"redis://127.0.0.1:{server.port}").client_pause(5_000, all=True)
    paused = time.monotonic()
    await cache.get("unknown")
    assert time.monotonic() - paused < 3
    assert "Redis" in cache.degraded
    fastest = []
    for number in range(20):
        start = time.monotonic()
        await cache.get(f"unknown:{number}")
        await cache.set("k", number)
        fastest.append(time.monotonic() - start)
    assert sorted(fastest)[10] < 0.5
    await recovered(cache)
    assert time.monotonic() - paused > 4
    assert await cache.get("k") in (None, 19)
    assert await cache.set("k", "again")
    assert await cache.get("k") == "again"


async def test_a_server_that_is_full_and_may_not_evict_can_still_be_read(make, server, admin_of):
    cache = await make(server)
    reasons = []
    cache.on_degraded = reasons.append
    await cache.set("k", "old")
    admin = admin_of(server)
    await admin.config_set("maxmemory", "1mb")
    await admin.config_set("maxmemory-policy", "noeviction")
    assert await cache.set("k", "new") is False
    assert await cache.set("large", "x" * 1_000) is False
    assert await cache.get("k") is None  # the old one is outdated
    assert "refuses" in cache.degraded
    assert len(reasons) == 1
    await admin.config_set("maxmemory", "0")
    assert await cache.set("other", "v")
    assert cache.degraded is None
    assert reasons[1:] == [None]
    assert await (await make(server)).get("k") is None


async def test_a_full_server_gives_nobody_what_was_replaced_or_removed(make, server, admin_of):
    cache, other = await make(server), await make(server)
    reasons = []
    cache.on_degraded = reasons.append
    for key in ("replaced", "deleted", "kept", "cleared:1"):
        await cache.set(key, "old")
    await admin_of(server).config_set("maxmemory", "1mb")
    assert await cache.set("replaced", "new") is False
    assert await cache.set("symbols:1", "old") is False  # what is keyed by its content is never outdated
    assert await cache.delete("deleted") is True
    assert await cache.delete_prefix("cleared:") == 1
    found = [await other.get(key) for key in ("replaced", "deleted", "kept", "cleared:1")]
    assert found == [None, None, "old", None]
    assert [bool(reason) for reason in reasons] == [True]  # that something could be removed does not end it


async def test_a_write_that_works_is_not_undone_by_one_that_makes_up_for_an_earlier_failure(make, server, admin_of):
    cache = await make(server)
    admin = admin_of(server)
    await admin.config_set("maxmemory", "1mb")
    assert await cache.set("k", "refused") is False
    await admin.config_set("maxmemory", "0")
    assert await asyncio.gather(cache.set("other", "v"), cache.set("k", "new")) == [True, True]
    assert await cache.get("k") == "new"


async def test_what_is_not_outdated_is_read_from_a_full_server(make, server, admin_of):
    cache = await make(server)
    await cache.set("k", "v")
    await admin_of(server).config_set("maxmemory", "1mb")
    assert await cache.set("l", "w") is False
    assert await cache.get("k") == "v"


async def test_a_server_that_evicts_of_its_own_accord_never_makes_anything_wrong(make, server, admin_of):
    admin = admin_of(server)
    used = (await admin.info("memory"))["used_memory"]
    await admin.config_set("maxmemory", used + 600_000)
    await admin.config_set("maxmemory-policy", "allkeys-lru")
    cache = await make(server)
    for number in range(600):
        await cache.set(f"k{number}", f"{number:05}" * 500)
        value = await cache.get(f"k{number * 7 % 600}")
        assert value in (None, f"{number * 7 % 600:05}" * 500)
    assert (await admin.info("stats"))["evicted_keys"] > 100
    await admin.config_set("maxmemory", 0)
    await cache.clear()
    for number in range(600):
        assert await cache.get(f"k{number}") is None
    assert (cache.stats.size, cache.stats.size_bytes) == (0, 0)


async def test_books_converge_to_what_is_really_there(make, server, admin_of, namespace):
    """The server, or somebody, removed entries behind the cache's back."""
    cache = await make(server)
    for number in range(40):
        await cache.set(f"k{number}", "v")
    admin = admin_of(server)
    await admin.delete(*[f"{{magnetar:1:{namespace}}}:entry:k{number}" for number in range(20)])

    async def right():
        await cache.set("k39", "v")
        return (cache.stats.size, cache.stats.size_bytes) == (20, 60)

    await until(right)


async def test_everything_removed_under_a_cache_is_no_failure(make, server, admin_of):
    cache = await make(server)
    await cache.set("k", "v")
    admin = admin_of(server)
    await admin.flushall()
    assert await cache.get("k") is None
    assert await cache.set("l", "w")
    assert (cache.stats.size, cache.stats.size_bytes) == (1, 3)
    await admin.script_flush()
    assert await cache.set("l", "new")
    assert await cache.get("l") == "new"
    assert cache.degraded is None


async def gone(admin):
    """When the server knows of no connection of ours."""

    async def none_is_ours():
        return all(client["name"] != "magnetar" for client in await admin.client_list())

    await until(none_is_ours)


@BACKENDS
async def test_a_connection_that_the_server_closed_for_idleness_is_no_outage(make, server, admin_of, backend):
    cache = await make(server, backend)
    reasons = []
    cache.on_degraded = reasons.append
    await cache.set("k", "v")
    admin = admin_of(f"redis://127.0.0.1:{server.port}")
    await admin.config_set("timeout", 1)
    await gone(admin)
    assert await cache.get("unknown") is None
    assert await cache.set("k", "new")
    assert await cache.get("k") == "new"
    assert reasons == []


@BACKENDS
async def test_a_connection_that_is_killed_between_commands_is_no_outage(make, server, admin_of, backend):
    cache = await make(server, backend)
    reasons = []
    cache.on_degraded = reasons.append
    await cache.set("k", "v")
    admin = admin_of(f"redis://127.0.0.1:{server.port}")
    await admin.client_kill_filter(_type="normal", skipme=True)
    await gone(admin)
    assert await cache.get("unknown") is None
    assert await cache.get("k") == "v"
    assert await cache.set("k", "new")
    assert reasons == []


@pytest.mark.parametrize("turns", range(8))
async def test_closing_ends_whatever_a_command_under_way_is_waiting_for(make, server, turns):
    cache = await make(server)
    setting = asyncio.create_task(cache.set("k", "v"))
    for _ in range(turns):
        await asyncio.sleep(0)
    await asyncio.wait_for(cache.shutdown(), 10)
    assert await setting in (True, False)
