"""What only a process of its own can show: surviving `kill -9`, sharing a file, ending without being closed."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from magnetar import CacheBackend, SmartCache

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

WRITER = """
import asyncio, sys
from pathlib import Path
from magnetar import CacheBackend, SmartCache

async def main(backend, place, name, count):
    settings = {"redis_url": place} if backend == "redis" else {"db_path": Path(place)}
    async with SmartCache(CacheBackend(backend), **settings, namespace="processes", default_ttl=10**6) as cache:
        for number in range(int(count)):
            results = await asyncio.gather(*[cache.set(f"{name}:{number}:{part}", "x" * 500) for part in range(5)])
            assert all(results)
            print(number, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def start(*arguments):
    server = str(Path(__file__).parents[2] / "server")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([server, os.environ.get("PYTHONPATH", "")])}
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, *map(str, arguments)], stdout=subprocess.PIPE, text=True, env=environment
    )


@pytest.mark.parametrize("backend", ["sqlite", "tiered"])
async def test_what_was_acknowledged_survives_kill_dash_nine(backend, tmp_path):
    path = tmp_path / "cache.db"
    writer = start(backend, path, "w", 10**6)
    for _ in range(20):
        acknowledged = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    acknowledged = max([acknowledged, *map(int, writer.communicate()[0].split())])
    async with SmartCache(CacheBackend(backend), db_path=path) as cache:
        for number in range(acknowledged + 1):
            assert await cache.get(f"w:{number}:4") == "x" * 500
        assert cache.tiers()[-1].size_bytes == cache.tiers()[-1].entries * 502


@pytest.mark.parametrize("backend", ["sqlite", "redis"])
async def test_processes_share_one_store(backend, tmp_path, request):
    if backend == "redis":
        place = request.getfixturevalue("redis_server").url
        settings = {"redis_url": place, "namespace": "processes"}
    else:
        place = tmp_path / "cache.db"
        settings = {"db_path": place}
    writers = [start(backend, place, name, 30) for name in "abc"]
    async with SmartCache(CacheBackend(backend), **settings, default_ttl=10**6) as cache:
        for number in range(30):
            assert await cache.set(f"mine:{number}", number)
        for writer in writers:
            await asyncio.to_thread(writer.communicate)
        assert [writer.returncode for writer in writers] == [0, 0, 0]
        for name in "abc":
            assert [await cache.get(f"{name}:{number}:0") for number in range(30)] == ["x" * 500] * 30
        await cache.set("last", "v")
        assert cache.stats.size == 3 * 30 * 5 + 30 + 1
        assert await cache.delete_prefix("") == 481


def test_a_process_that_forgets_to_close_its_cache_ends_all_the_same(tmp_path):
    forgetful = WRITER.replace("async with SmartCache", "cache = SmartCache").replace(
        ", default_ttl=10**6) as cache:", "); await cache.initialize()\n    if True:"
    )
    server = str(Path(__file__).parents[2] / "server")
    done = subprocess.run(
        [sys.executable, "-c", forgetful, "sqlite", str(tmp_path / "cache.db"), "w", "3"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([server, os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n1\n2\n", "")
