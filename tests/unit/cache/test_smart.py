"""The parts of the public API that no backend changes: exports, the singleton, backends that are not there, degrading."""

import asyncio
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import magnetar
from magnetar import CacheBackend, SmartCache, get_smart_cache
from magnetar.cache import singleton
from magnetar.cache.learning import LONG
from magnetar.cache.places import default_db_path
from magnetar.errors import BackendUnavailable, CacheClosed, SettingsConflict
from redis_server import free_port

SERVER = Path(__file__).parents[3] / "server"


def test_every_public_name_is_there_and_no_other():
    names = {"CacheBackend", "CacheEntry", "CacheStats", "PredictionModel", "SmartCache", "get_smart_cache"}
    assert set(magnetar.__all__) == names
    assert all(getattr(magnetar, name).__name__ == name for name in names)
    with pytest.raises(AttributeError, match="nothing"):
        _ = magnetar.nothing


def test_importing_magnetar_imports_none_of_its_parts():
    code = "import sys, magnetar; print(sorted(name for name in sys.modules if name.startswith('magnetar')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=SERVER, capture_output=True, text=True, check=True)
    assert done.stdout == "['magnetar']\n"


# -- one per process ---------------------------------------------------------------------------------------------------


@pytest.fixture
def no_cache_yet(monkeypatch):
    monkeypatch.setattr(singleton, "_made", None)


@pytest.mark.usefixtures("no_cache_yet")
def test_the_process_has_one_cache():
    cache = get_smart_cache(max_size=5)
    assert get_smart_cache() is cache
    assert get_smart_cache(max_size=5, backend=CacheBackend.MEMORY) is cache
    assert cache.stats.max_size == 5


@pytest.mark.usefixtures("no_cache_yet")
@pytest.mark.parametrize("other", [{"max_size": 6}, {"backend": CacheBackend.SQLITE}, {"default_ttl": 301}])
def test_asking_for_it_with_other_settings_is_a_conflict(other):
    get_smart_cache(max_size=5)
    with pytest.raises(SettingsConflict, match=next(iter(other))):
        get_smart_cache(**other)


@pytest.mark.usefixtures("no_cache_yet")
def test_a_setting_that_does_not_exist_is_a_type_error():
    with pytest.raises(TypeError, match="no_such"):
        get_smart_cache(no_such=1)
    assert singleton._made is None


# -- backends ----------------------------------------------------------------------------------------------------------


async def test_a_redis_that_is_down_is_unavailable_and_tiered_does_without_it(tmp_path):
    url = f"redis://:hush@127.0.0.1:{free_port()}/0"
    alone = SmartCache(CacheBackend.REDIS, redis_url=url)
    with pytest.raises(BackendUnavailable, match=r"Redis at redis://127\.0\.0\.1:\d+/0 cannot be reached") as raised:
        await alone.initialize()
    assert "hush" not in str(raised.value)
    with pytest.raises(CacheClosed):
        await alone.get("k")
    await alone.shutdown()
    told = []
    path = tmp_path / "c.db"
    async with SmartCache(CacheBackend.TIERED, db_path=path, redis_url=url, on_degraded=told.append) as cache:
        assert await cache.set("k", "v")
        assert await cache.get("k") == "v"
        assert "cannot be reached" in cache.degraded
        assert told == [cache.degraded]


@pytest.mark.parametrize(
    "url",
    [
        "redis://u:s3/cret@127.0.0.1:1/0",
        "redis://:pa#s3cret@127.0.0.1:1",
        "redis://:pa?s3cret@127.0.0.1:1",
        "user:s3cret@127.0.0.1:1",
        "redis:/u:s3cret@127.0.0.1",
        "redis://s3cret@[::1",
        "redis://:s3cret@127.0.0.1:1/0?socket_timeout=s3cret",
    ],
)
async def test_no_message_holds_a_part_of_a_password(url, caplog, tmp_path):
    with pytest.raises(BackendUnavailable) as raised:
        await SmartCache(CacheBackend.REDIS, redis_url=url).initialize()
    async with SmartCache(CacheBackend.TIERED, db_path=tmp_path / "c.db", redis_url=url) as cache:
        said = f"{raised.value} {cache.degraded} {caplog.text}"
    assert not [part for part in ("s3", "cret", "pa#", "pa?") if part in said]


@pytest.mark.usefixtures("no_cache_yet")
def test_a_conflict_of_urls_shows_neither():
    get_smart_cache(redis_url="redis://:s3cret@one")
    with pytest.raises(SettingsConflict, match="redis_url") as raised:
        get_smart_cache(redis_url="redis://:s4cret@two")
    assert "cret" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://localhost", "redis://localhost/?socket_timeout=soon", "redis://[::1"])
async def test_a_url_that_cannot_be_used_is_unavailable(url):
    with pytest.raises(BackendUnavailable, match="URL"):
        await SmartCache(CacheBackend.REDIS, redis_url=url).initialize()


@pytest.mark.parametrize("namespace", ["", "a{b", "a}b", "\udc80", "a\nb"])
def test_a_namespace_is_a_name_without_braces(namespace):
    with pytest.raises(ValueError, match="namespace"):
        SmartCache(CacheBackend.REDIS, namespace=namespace)


async def test_a_file_that_cannot_be_opened_is_unavailable_and_tiered_goes_on_in_memory(tmp_path):
    (tmp_path / "file").write_text("")
    told = []
    settings = {"db_path": tmp_path / "file" / "cache.db", "on_degraded": told.append}
    alone = SmartCache(CacheBackend.SQLITE, **settings)
    with pytest.raises(BackendUnavailable, match=r"cache\.db"):
        await alone.initialize()
    with pytest.raises(CacheClosed):
        await alone.get("k")
    tiered = SmartCache(CacheBackend.TIERED, **settings)
    with pytest.raises(BackendUnavailable, match=r"cache\.db"):
        await tiered.initialize()
    assert await tiered.set("k", "v")
    assert await tiered.get("k") == "v"
    assert await tiered.set_blobs({"b": b"1"}) == 1
    assert await tiered.get_blobs(["b"]) == {"b": b"1"}  # memory stands in for the disk
    assert "cache.db" in tiered.degraded
    (tmp_path / "file").unlink()
    await tiered.initialize()
    assert tiered.degraded is None
    assert told[-1] is None
    assert await tiered.get("k") == "v"
    assert await tiered.set_blobs({"b": b"1"}) == 1
    await tiered.shutdown()


async def test_a_file_that_fails_later_degrades(tmp_path):
    told = []
    async with SmartCache(CacheBackend.SQLITE, db_path=tmp_path / "c.db", on_degraded=told.append) as cache:
        await cache.set("k", "v")
        writer = cache._parts.stores.guards[0]._backend._database.writer
        ((pages,),) = await writer.execute_fetchall("PRAGMA page_count")
        await writer.execute_fetchall(f"PRAGMA max_page_count = {pages}")
        assert await cache.set("l", "x" * 100_000) is False
        assert "full" in cache.degraded
        assert await cache.get("k") == "v"
        await writer.execute_fetchall("PRAGMA max_page_count = 1000000")
        assert await cache.set("l", "x" * 100_000) is True
        assert cache.degraded is None
    assert len(told) == 2


def test_the_default_database_lies_in_the_cache_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("MAGNETAR_CACHE_DIR", str(tmp_path))
    assert default_db_path() == tmp_path / "v1" / "library.db"


# -- threads and time --------------------------------------------------------------------------------------------------


async def test_accesses_are_learned_when_there_is_time(tmp_path):
    async with SmartCache(db_path=tmp_path / "c.db") as cache:
        await cache.set("a", 1)
        await cache.set("b", 1)
        assert len(cache._learner.queue) == 2
        await asyncio.sleep(0.1)
        assert not cache._learner.queue


async def test_a_loop_that_never_rests_learns_as_it_goes():
    async with SmartCache() as cache:
        await cache.set("a", 1)
        for _ in range(3 * LONG):
            await cache.get("a")
        assert len(cache._learner.queue) <= LONG


async def test_memory_may_be_used_from_several_threads():
    cache = SmartCache(max_size=20)
    await cache.initialize()
    failures = []

    async def work(name):
        for number in range(200):
            await cache.set(f"{name}:{number % 30}", number)
            await cache.get(f"{name}:{number % 7}")
            await cache.predict_next(f"{name}:{number % 30}", top_k=1)

    def run(name):
        try:
            asyncio.run(work(name))
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=run, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert not failures
    assert cache.stats.size <= 20
    await cache.shutdown()


async def test_loading_says_nothing_in_the_log_when_all_is_well(caplog):
    with caplog.at_level(logging.DEBUG, "magnetar"):
        async with SmartCache() as cache:
            await cache.prefetch(["a"], str)
            await cache.get("a")
    assert not caplog.records
