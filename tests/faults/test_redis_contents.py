"""What others put into, or take out of, a cache's part of Redis: keys of other types, garbage, lost books, other writers."""

import struct

import pytest

from magnetar.cache.backends.redis_layout import BOOKS
from waiting import until

HEADER = struct.Struct("<Bdd")
LONG_AGO, FOR_GOOD = 0.0, 1e12


@pytest.fixture
def tag(namespace):
    return f"{{magnetar:1:{namespace}}}"


@pytest.fixture
def admin(admin_of, server):
    return admin_of(server)


async def test_a_key_of_another_type_in_an_entrys_place_is_a_miss_and_is_overwritten(make, server, admin, tag):
    cache = await make(server)
    await admin.rpush(f"{tag}:entry:k", "not", "a", "string")
    assert await cache.get("k") is None
    assert await cache.get_blobs(["k"]) == {}
    assert await cache.set("k", "v")
    assert await cache.get("k") == "v"
    assert (cache.stats.size, cache.stats.size_bytes) == (1, 3)
    await admin.delete(f"{tag}:entry:k")
    await admin.sadd(f"{tag}:entry:k", "not")
    await cache.delete("k")
    assert await cache.get("k") is None
    assert cache.degraded is None


@pytest.mark.parametrize(
    ("book", "kind"),
    [(name, kind) for name, right in BOOKS for kind in ("string", "set", "zset", "hash") if kind != right.decode()],
)
async def test_a_key_of_another_type_in_a_books_place_is_put_right(make, server, admin, tag, book, kind):
    cache = await make(server)
    await cache.set("k", "v")
    await admin.delete(f"{tag}:{book}")
    put = {
        "string": lambda key: admin.set(key, "x"),
        "set": lambda key: admin.sadd(key, "x"),
        "zset": lambda key: admin.zadd(key, {"x": 1}),
        "hash": lambda key: admin.hset(key, "x", "y"),
    }
    await put[kind](f"{tag}:{book}")
    assert await cache.set("l", "v")
    assert await cache.get("l") == "v"
    assert await cache.get("k") == "v"
    assert await cache.delete("k")
    assert cache.degraded is None
    assert await (await make(server)).get("l") == "v"


@pytest.mark.parametrize("book", [name for name, _ in BOOKS])
async def test_limits_hold_after_a_book_was_lost(make, server, admin, tag, book):
    """A server that is short of memory may evict any of them."""
    cache = await make(server, max_size=10, max_size_bytes=500)
    for number in range(10):
        await cache.set(f"k{number}", "x" * 48)
    await admin.delete(f"{tag}:{book}")
    for number in range(10):
        assert await cache.set(f"l{number}", "y" * 48)
        assert await cache.get(f"l{number}") == "y" * 48

    async def small():
        await cache.set("l9", "y" * 48)
        return len(await admin.keys(f"{tag}:entry:*")) == cache.stats.size <= 10

    await until(small)
    assert cache.stats.size_bytes == 50 * cache.stats.size


@pytest.mark.parametrize("book", [name for name, _ in BOOKS])
async def test_nothing_that_was_cleared_comes_back_though_a_book_was_lost(make, server, admin, tag, book):
    cache = await make(server)
    for key in ("a:1", "a:2", "b:1"):
        await cache.set(key, "v")
    await admin.delete(f"{tag}:{book}")
    await cache.delete_prefix("a:")
    assert [await cache.get(key) for key in ("a:1", "a:2", "b:1")] == [None, None, "v"]
    await admin.delete(f"{tag}:{book}")
    await cache.clear()
    assert await cache.get("b:1") is None


async def test_a_user_who_may_not_look_for_lost_entries_is_told_and_served_nothing_old(make, server, admin, tag):
    await admin.execute_command("ACL", "SETUSER", "limited", "on", ">pw", "~*", "+@all", "-scan")
    cache = await make(f"unix://limited:pw@{server.socket}")
    await cache.set("k", "v")
    await admin.delete(f"{tag}:usage")
    await cache.clear()
    assert "scan" in cache.degraded
    assert await cache.get("k") is None


GARBAGE = {
    "nothing": b"",
    "a cut-off header": b"\x01abc",
    "an unknown form": HEADER.pack(77, FOR_GOOD, 10) + b"{}",
    "no JSON": HEADER.pack(1, FOR_GOOD, 10) + b"{",
    "no UTF-8": HEADER.pack(2, FOR_GOOD, 10) + b"\xff",
    "JSON nested too deep": HEADER.pack(2, FOR_GOOD, 10) + b"[" * 100_000,
    "a cut-off array": HEADER.pack(3, FOR_GOOD, 10) + b"\x04\x02\x01\x00\x00\x00",
    "an array of nothing known": HEADER.pack(3, FOR_GOOD, 10) + b"\x03\x01\x01\x00\x00\x00abc",
    "an array of too many dimensions": HEADER.pack(3, FOR_GOOD, 10) + b"\x04\xff" + b"\x01\x00\x00\x00" * 255 + b"abcd",
    "no times": HEADER.pack(1, float("nan"), float("nan")) + b"{}",
    "long expired": HEADER.pack(1, LONG_AGO, 10) + b"{}",
}


@pytest.mark.parametrize("what", GARBAGE)
async def test_garbage_is_a_miss_that_can_be_replaced(make, server, admin, tag, what):
    cache = await make(server)
    await admin.set(f"{tag}:entry:k", GARBAGE[what])
    assert await cache.get("k") is None
    assert await cache.get_blobs(["k"]) == {}
    assert await cache.prefetch(["k"], lambda _key: "loaded") == 1
    assert await cache.get("k") == "loaded"
    assert cache.degraded is None


async def test_entries_that_the_server_expires_leave_the_books_right(make, server, admin, tag):
    cache = await make(server)
    for number in range(20):
        await cache.set(f"short:{number}", "x" * 10, ttl=1)
    await cache.set("long", "v", ttl=1_000)
    assert (cache.stats.size, cache.stats.size_bytes) == (21, 20 * 12 + 3)
    await until(lambda: (cache.stats.size, cache.stats.size_bytes) == (1, 3))
    assert await admin.keys(f"{tag}:entry:*") == [f"{tag}:entry:long".encode()]
    assert await admin.zcard(f"{tag}:ranks") == await admin.hlen(f"{tag}:usage") == 1
    assert cache.stats.evictions == 0
    assert 990_000 < await admin.pttl(f"{tag}:entry:long") <= 1_000_000


async def test_limits_hold_whoever_writes(make, server, admin, tag):
    one, other = await make(server, max_size=10), await make(server, max_size=10)
    for number in range(20):
        assert await one.set(f"one:{number}", number)
        assert await other.set(f"other:{number}", number)
        assert len(await admin.keys(f"{tag}:entry:*")) <= 10
    assert await one.get("other:19") == 19
    assert await other.get("one:19") == 19
    await other.clear()
    assert await one.get("one:19") is None
    await one.set("k", "v")
    assert (one.stats.size, one.stats.size_bytes) == (1, 3)


async def test_namespaces_do_not_see_each_other(make, server):
    one, other = await make(server, namespace="one"), await make(server, namespace="one:more")
    await one.set("k", "one")
    await other.set("k", "other")
    await one.clear()
    assert await other.get("k") == "other"
    assert other.stats.size == 1
