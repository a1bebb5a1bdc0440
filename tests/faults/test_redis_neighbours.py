"""What one machine does, or what befalls it, must not harm the others that use the same Redis."""

import asyncio
import signal
import time

import pytest
import redis

from magnetar import CacheBackend
from waiting import until


async def test_what_is_removed_by_prefix_while_the_server_stands_still_is_removed_and_nothing_else(make, server):
    cache = await make(server, CacheBackend.TIERED)
    for number in range(100):
        await cache.set(f"kept:{number}", number)
        await cache.set(f"gone:{number}", number)
    server.process.send_signal(signal.SIGSTOP)
    await cache.set("notice", "this")
    assert cache.degraded is not None
    assert await cache.delete_prefix("gone:") == 100
    assert await cache.delete_prefix("file:") == 0
    server.process.send_signal(signal.SIGCONT)
    await until(lambda: cache.degraded is None)
    other = await make(server)
    assert [await other.get(f"kept:{number}") for number in range(100)] == list(range(100))
    assert [await other.get(f"gone:{number}") for number in range(100)] == [None] * 100


def wait_for_fewer(url, namespace):
    """Returns once some entries are gone, seen from outside of the event loop."""
    with redis.Redis.from_url(url) as client:
        while client.hlen(f"{{magnetar:1:{namespace}}}:usage") >= 5_000:
            pass


async def test_many_entries_are_cleared_some_at_a_time_and_what_is_set_meanwhile_stays(
    make, server, namespace, admin_of
):
    cache, other = await make(server, max_size=100_000), await make(server, max_size=100_000)
    await cache.set_blobs({f"old:{number}": b"v" for number in range(5_000)})
    await admin_of(server).execute_command("SLOWLOG", "RESET")
    await until(lambda: other.stats.size == 5_000)
    clearing = asyncio.create_task(cache.clear())
    await asyncio.to_thread(wait_for_fewer, server.url, namespace)
    assert await other.set("new", "v")
    await clearing
    assert await other.get("new") == "v"
    assert await other.get_blobs([f"old:{number}" for number in range(5_000)]) == {}
    slow = await admin_of(server).slowlog_get()
    assert not [entry for entry in slow if entry["duration"] > 500_000]


async def test_statistics_follow_what_others_write(make, server):
    cache, other = await make(server), await make(server)
    await other.set_blobs({str(number): b"12345" for number in range(50)})
    await until(lambda: (cache.stats.size, cache.stats.size_bytes) == (50, 250))


async def test_the_server_tells_the_time_to_machines_whose_clocks_differ(make, server, monkeypatch):
    cache = await make(server)
    await cache.set("k", "v", ttl=300)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 400)
    fast = await make(server)
    assert await fast.set("other", "w")
    assert await fast.get("k") == "v"
    monkeypatch.setattr(time, "time", real)
    assert await cache.get("k") == "v"
    await until(lambda: cache.stats.size == 2)


async def test_a_full_server_stays_a_warning_when_the_cache_is_opened_again(make, server, admin_of):
    cache = await make(server)
    await admin_of(server).config_set("maxmemory", "1mb")
    assert await cache.set("k", "v" * 1_000) is False
    reasons = []
    cache.on_degraded = reasons.append
    await cache.initialize()
    assert cache.degraded is not None
    assert reasons == []


async def test_a_new_reason_for_a_warning_is_told(make, server, admin_of):
    cache = await make(server)
    reasons = []
    cache.on_degraded = reasons.append
    await admin_of(server).config_set("maxmemory", "1mb")
    assert await cache.set("k", "v" * 1_000) is False
    server.kill()
    assert await cache.get("another") is None
    assert "memory" in reasons[0]
    assert "cannot be reached" in reasons[1]


async def test_opening_does_not_wait_for_a_server_that_stands_still(make, server, admin_of):
    await admin_of(server).execute_command("CLIENT", "PAUSE", 10_000, "ALL")
    loop = asyncio.get_running_loop()
    took = []
    for _ in range(5):
        cache = await make(server, CacheBackend.TIERED, initialize=False)
        started = loop.time()
        await cache.initialize()
        took.append(loop.time() - started)
    assert min(took) < 0.9  # less than the time-out of one command
    assert await cache.set("k", "v")
    assert await cache.get("k") == "v"


@pytest.mark.parametrize("field", ["bytes", "now", "runs"])
async def test_books_that_somebody_spoiled_are_begun_anew(make, server, namespace, admin_of, field):
    cache = await make(server)
    await cache.set("k", "v")
    await admin_of(server).hset(f"{{magnetar:1:{namespace}}}:totals", field, "abc")
    assert await cache.set("l", "w") is True
    assert await cache.get("k") == "v"
    assert cache.degraded is None
