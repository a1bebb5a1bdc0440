"""Two cache directories over one Redis: what follows from content is found by the other machine, what is local is not."""

from itertools import count

import numpy as np
import pytest

from magnetar import CacheBackend, SmartCache
from magnetar.cache import keys
from magnetar.cache.keys import sharing

numbers = count()


@pytest.fixture
async def machines(redis_server, tmp_path):
    """Makes machines that have a team's Redis in common and nothing else."""
    namespace = f"team-{next(numbers)}"
    made = []

    async def machine(**settings):
        cache = SmartCache(
            CacheBackend.TIERED,
            db_path=tmp_path / f"machine-{len(made)}" / "cache.db",
            redis_url=redis_server.url,
            namespace=namespace,
            **settings,
        )
        made.append(cache)
        await cache.initialize()
        return cache

    yield machine
    for cache in made:
        await cache.shutdown()


SYMBOLS = keys.symbols_key("ab" * 32, 1)
EMBEDDING = keys.embedding_key("ab" * 32, "model")


async def test_what_follows_from_content_is_found_and_not_loaded_again(machines):
    first, second = await machines(), await machines()
    loaded = []

    def load(key):
        loaded.append(key)
        return {"symbols": [key]}

    assert await first.prefetch([SYMBOLS], load) == 1
    assert await second.prefetch([SYMBOLS], load) == 0
    assert loaded == [SYMBOLS]
    assert await second.get(SYMBOLS) == {"symbols": [SYMBOLS]}
    embedding = np.linspace(-1, 1, 64, dtype="f4")
    assert await first.set(EMBEDDING, embedding)
    assert np.array_equal(await second.get(EMBEDDING), embedding)


async def test_blobs_of_content_are_found_and_kept_by_the_machine_that_found_them(machines):
    first, second = await machines(), await machines()
    blobs = {keys.symbols_key(f"{number:064}", 1): bytes(10) for number in range(300)}
    assert await first.set_blobs(blobs) == 300
    assert await second.get_blobs(list(blobs)) == blobs
    assert [tier.entries for tier in second.tiers()[:2]] == [0, 300]


LOCAL = [
    "file:/home/a/b.py",
    "directory:/home/a",
    keys.search_key("scope", "query"),
    keys.conversation_key("owner", "conversation"),
    "index:/home/a",
    keys.history_key("ab" * 20),
]


@pytest.mark.parametrize("key", LOCAL, ids=lambda key: key.partition(":")[0])
async def test_what_is_keyed_by_a_place_stays_on_its_machine(machines, key):
    first, second = await machines(), await machines()
    assert await first.set(key, "mine")
    await first.set_blobs({key + "x": b"mine"})
    await first.set_blobs({key + "y": b"mine"}, hot=True)
    assert await second.get(key) is None
    assert await second.get_blobs([key + "x"]) == {}
    assert await second.get_blobs([key + "y"], hot=True) == {}
    assert first.tiers()[-1].entries == 0
    assert await second.set(key, "theirs")
    assert await second.delete(key)
    assert await first.get(key) == "mine"


async def test_contents_of_files_are_shared_where_that_is_said_and_nothing_else_is(machines):
    share = {"may_share": sharing(contents=True, own_keys=False)}
    first, second = await machines(**share), await machines(**share)
    for key in (*LOCAL, "own:key"):
        assert await first.set(key, "mine")
    found = [key for key in (*LOCAL, "own:key") if await second.get(key) == "mine"]
    assert found == ["file:/home/a/b.py"]


async def test_a_machine_that_forgets_what_is_its_own_takes_nothing_from_the_team(machines):
    first, second = await machines(), await machines()
    await first.set(SYMBOLS, "v")
    await second.get(SYMBOLS)
    assert await second.delete_prefix("", shared=False) == 1
    assert [tier.entries for tier in second.tiers()[:2]] == [0, 0]
    assert await second.get(SYMBOLS) == "v"
    await first.clear()
    third = await machines()
    assert await third.get(SYMBOLS) is None


async def test_a_value_from_the_team_lives_no_longer_than_where_it_was_made(machines):
    clock_of = {"now": 1_000_000.0}
    first, second = [await machines(clock=lambda: clock_of["now"]) for _ in range(2)]
    await first.set(SYMBOLS, "v", ttl=100)
    clock_of["now"] += 60
    assert await second.get(SYMBOLS) == "v"
    clock_of["now"] += 40
    assert await second.get(SYMBOLS) is None
