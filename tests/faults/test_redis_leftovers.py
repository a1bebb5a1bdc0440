"""What an outage of Redis leaves behind: values that are outdated, and writes that arrive when nobody waits for them any more."""

import asyncio
import contextlib
import os
import signal
import sqlite3
from contextlib import closing

import pytest
import redis.asyncio

from faults.project import helper
from magnetar import CacheBackend
from magnetar.cache import stores
from magnetar.cache.backends import outdated, outdated_file
from magnetar.cache.backends.redis_link import RedisLink
from magnetar.errors import ConnectionLost
from waiting import until

USER = """
import asyncio, sys
from pathlib import Path
from magnetar import CacheBackend, SmartCache
from magnetar.cache.backends import guarded

guarded._FILING_SECONDS = 60  # the disk of a loaded machine is slow

async def use(url, db_path, namespace):
    cache = SmartCache(CacheBackend.TIERED, redis_url=url, db_path=Path(db_path), namespace=namespace)
    await cache.initialize()
    for key in ("set", "deleted", "kept", "cleared:1"):
        assert await cache.set(key, "old")
    print("stored", flush=True)
    sys.stdin.readline()
    assert await cache.set("set", "new")
    assert await cache.delete("deleted")
    assert await cache.delete_prefix("cleared:")
    print("written", flush=True)
    sys.stdin.read()

asyncio.run(use(*sys.argv[1:]))
"""


async def cut(server, admin_of):
    """The server keeps what it has, but nobody can reach it any more by its socket; gives what restores it."""
    server.socket.rename(server.socket.with_name("away"))
    await admin_of(server.tcp_url).client_kill_filter(_type="normal", skipme=True)
    return lambda: server.socket.with_name("away").rename(server.socket)


async def known_to(other, cache, key, value):
    """Sets a value until another cache finds it: on a loaded machine, an answer of the server may be late now and then."""

    async def arrived():
        await cache.set(key, value)
        return await other.get(key) == value

    await until(arrived)


async def test_what_an_outage_left_outdated_is_remembered_by_the_next_process(
    make, server, admin_of, namespace, tmp_path
):
    with helper(USER, f"{server.url}?socket_timeout=20", tmp_path / "cache.db", namespace) as user:
        restore = await cut(server, admin_of)
        user.stdin.write("\n")
        user.stdin.flush()
        assert user.stdout.readline() == "written\n"
    restore()  # the process was killed
    cache = await make(server, CacheBackend.TIERED)
    await until(lambda: cache.degraded is None)
    other = await make(server)
    found = [await cache.get(key) for key in ("set", "deleted", "kept", "cleared:1")]
    assert found == ["new", None, "old", None]
    assert [await other.get(key) for key in ("set", "deleted", "cleared:1")] == [None] * 3
    await until(lambda: other.get("kept"))
    await known_to(other, cache, "deleted", "again")
    await cache.shutdown()
    after = await make(server, CacheBackend.TIERED)
    await until(lambda: after.degraded is None)
    await until(lambda: other.get("deleted"))  # what was made up for once is not made up for again


async def test_where_too_much_became_outdated_nothing_from_before_is_served(make, server, admin_of, monkeypatch):
    monkeypatch.setattr(outdated, "_MOST_KEYS", 8)
    first = await make(server, CacheBackend.TIERED)
    for number in range(12):
        assert await first.set(f"k{number}", "old")
    restore = await cut(server, admin_of)
    for number in range(10):
        assert await first.delete(f"k{number}")
    await first.shutdown()
    restore()
    cache = await make(server, CacheBackend.TIERED)
    await until(lambda: cache.degraded is None)
    assert [await cache.get(f"k{number}") for number in range(10)] == [None] * 10
    other = await make(server)
    assert [await other.get(f"k{number}") for number in range(12)] == [None] * 12
    await known_to(other, cache, "k", "new")


async def test_while_nobody_can_read_what_was_left_outdated_redis_keeps_what_others_have_there(
    make, server, monkeypatch
):
    monkeypatch.setattr(outdated_file, "_PATIENCE_SECONDS", 0.01)
    url = f"{server.url}?socket_timeout=20"
    others = await make(url)
    for key in ("outdated", "theirs"):
        assert await others.set(key, "old")
    cache = await make(url, CacheBackend.TIERED, initialize=False)
    path = stores._missed_by(url, cache._settings)
    outdated_file.OutdatedFile(path).add(["outdated"])
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN EXCLUSIVE")
        await cache.initialize()
        await until(lambda: "locked" in (cache.degraded or ""))
        assert [await cache.get(key) for key in ("outdated", "theirs")] == [None, None]
        assert [await others.get(key) for key in ("outdated", "theirs")] == ["old", "old"]
    await until(lambda: cache.degraded is None)
    assert [await cache.get(key) for key in ("outdated", "theirs")] == [None, "old"]
    assert [await others.get(key) for key in ("outdated", "theirs")] == [None, "old"]


class SlowWay:
    """A way to a server on which what a client sends can be held back for as long as one likes."""

    def __init__(self, port):
        self._port = port
        self._writers = []
        self.open = True
        self._held = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.url = f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0?socket_timeout=0.5"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*[writer.wait_closed() for writer in self._writers], return_exceptions=True)

    async def _join(self, reader, writer):
        above_reader, above = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, above]
        await asyncio.gather(self._there(reader, above), self._back(above_reader, writer))

    async def _there(self, reader, above):
        while data := await reader.read(65_536):
            if self.open:
                above.write(data)
            else:
                self._held.append((above, data))

    async def _back(self, above_reader, writer):
        with contextlib.suppress(OSError):
            while data := await above_reader.read(65_536):
                writer.write(data)

    async def deliver(self):
        """What was held back arrives, where there is still a connection to arrive on."""
        assert self._held
        for above, data in self._held:
            with contextlib.suppress(OSError):
                above.write(data)
                await above.drain()


@pytest.mark.parametrize("backend", [CacheBackend.REDIS, CacheBackend.TIERED], ids=lambda kind: kind.value)
async def test_a_write_that_timed_out_and_arrives_late_undoes_no_newer_one(make, server, backend):
    async with SlowWay(server.port) as way:
        cache = await make(way.url, backend)
        other = await make(f"{server.url}?socket_timeout=20")
        await known_to(other, cache, "k", "first")
        way.open = False
        await cache.set("k", "late")
        assert cache.degraded
        way.open = True
        await until(lambda: cache.degraded is None)
        await known_to(other, cache, "k", "newest")
        await way.deliver()
        for _ in range(20):  # what has arrived by now is done before these
            assert await other.get("k") == "newest"
        await cache.shutdown()


def halt(process):
    """Until it is killed, it takes what is sent to it and answers nothing."""
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)


async def test_ending_what_was_given_up_ends_nobody_elses_connection_after_a_restart(server, admin_of):
    """All connections by one socket have one address, and a server that was started again numbers them from the beginning."""
    link = RedisLink(f"{server.url}?socket_timeout=1")

    async def connected():  # on a loaded machine, an answer may be late
        with contextlib.suppress(ConnectionLost):
            await link.connect("k")
        return link.connected

    await until(connected)
    halt(server.process)
    with pytest.raises(ConnectionLost):
        await link.call("PING")
    server.kill()
    server.start()
    names = {f"other-{number}" for number in range(8)}
    async with contextlib.AsyncExitStack() as others:
        for name in names:
            other = redis.asyncio.Redis.from_url(server.url, single_connection_client=True)
            await (await others.enter_async_context(other)).client_setname(name)
        await until(connected)
        assert names <= {client["name"] for client in await admin_of(server).client_list()}
    await link.close()
