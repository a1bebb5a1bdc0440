"""A store that fails behind a guard, and tiers that never bring back what was replaced."""

import asyncio
import threading
import time

import pytest

from magnetar.cache.backends.base import Limits, Record
from magnetar.cache.backends.guarded import GuardedBackend
from magnetar.cache.backends.memory import MemoryBackend, MemoryStore
from magnetar.cache.backends.outdated_file import OutdatedFile
from magnetar.cache.backends.tiered import TieredBackend
from magnetar.cache.codec import encode
from magnetar.errors import BackendUnavailable


class Flaky(MemoryBackend):
    """A store that can be out of order, for reading, writing or opening, and slow."""

    def __init__(self, size=10**6):
        super().__init__(MemoryStore(Limits(1_000, size)))
        self.broken = set()
        self.slow = None
        self.touched = []

    async def _pass(self, action):
        if action in self.broken:
            raise BackendUnavailable(f"cannot {action}")

    async def open(self):
        await self._pass("open")

    async def get_many(self, keys, *, access=True):
        await self._pass("read")
        found = await super().get_many(keys, access=access)
        if self.slow is not None:
            await self.slow()
        return found

    async def set_many(self, records, *, access=True):
        await self._pass("write")
        return await super().set_many(records, access=access)

    async def delete_many(self, keys):
        await self._pass("write")
        return await super().delete_many(keys)

    async def clear(self, prefix=""):
        await self._pass("write")
        return await super().clear(prefix)

    def touch(self, keys):
        self.touched += keys


def record(key, value="v"):
    encoded, stored = encode(key, value)
    return Record(key, stored, encoded, time.time(), 300)


async def value(backend, key):
    found = await backend.get_many([key])
    return found[key].value if key in found else None


@pytest.fixture
def store():
    return Flaky()


@pytest.fixture
def told():
    return []


@pytest.fixture
async def guarded(store, told):
    guarded = GuardedBackend(store, told.append)
    await guarded.open()
    return guarded


async def test_a_store_that_fails_is_empty_and_says_why_once(guarded, store, told, caplog):
    await guarded.set_many([record("k")])
    store.broken = {"read", "write"}
    assert await value(guarded, "k") is None
    assert await value(guarded, "k") is None
    assert await guarded.set_many([record("l")]) == 0
    assert await guarded.delete_many(["m"]) == 0
    assert guarded.degraded == "cannot read"
    assert told == ["cannot read"]
    assert len(caplog.records) == 1


async def test_a_store_that_works_again_is_used_again(guarded, store, told):
    await guarded.set_many([record("k")])
    store.broken = {"read", "write"}
    await guarded.get_many(["k"])
    await guarded.set_many([record("l")])
    store.broken = {"write"}
    assert await value(guarded, "k") == "v"
    assert guarded.degraded == "cannot write"
    store.broken = set()
    assert await guarded.set_many([record("l")]) == 1
    assert guarded.degraded is None
    assert told == ["cannot read", "cannot write", None]


@pytest.mark.parametrize("how", ["set", "delete"])
async def test_what_could_not_be_replaced_is_not_served_later_on(guarded, store, how):
    await guarded.set_many([record("k", "old"), record("other")])
    store.broken = {"write"}
    await (guarded.set_many([record("k", "new")]) if how == "set" else guarded.delete_many(["k"]))
    assert await value(guarded, "k") is None
    store.broken = set()
    assert await value(guarded, "k") is None
    assert await value(guarded, "other") == "v"
    await guarded.set_many([record("unrelated")])
    assert await value(store, "k") is None
    await guarded.set_many([record("k", "newer")])
    assert await value(guarded, "k") == "newer"


async def test_a_clear_that_failed_is_made_up_for_before_anything_else_is_written(guarded, store):
    await guarded.set_many([record("k", "old")])
    store.broken = {"write"}
    assert await guarded.clear() == 0
    store.broken = set()
    assert await value(guarded, "k") is None
    assert await guarded.set_many([record("l")]) == 1
    assert await value(guarded, "k") is None
    assert await value(guarded, "l") == "v"


async def test_a_store_that_cannot_be_opened_raises_and_is_then_empty_until_it_can(store, told):
    store.broken = {"open"}
    guarded = GuardedBackend(store, told.append)
    with pytest.raises(BackendUnavailable, match="cannot open"):
        await guarded.open()
    assert await guarded.set_many([record("k")]) == 0
    assert await value(guarded, "k") is None
    store.broken = set()
    await guarded.open()
    assert await guarded.set_many([record("k")]) == 1
    assert told == ["cannot open", None]


async def test_an_outage_that_missed_many_keys_costs_others_none_of_theirs(guarded, store):
    await store.set_many([record("others"), *[record(f"k{number}", "old") for number in range(500)]])
    store.broken = {"write"}
    await guarded.delete_many([f"k{number}" for number in range(150_000)])
    store.broken = set()
    assert await guarded.set_many([record("l")]) == 1
    assert await guarded.get_many([f"k{number}" for number in range(500)]) == {}
    await guarded.open()
    assert [await value(store, f"k{number}") for number in range(500)] == [None] * 500
    assert await value(store, "others") == "v"


class LockedFile(OutdatedFile):
    """One that another process has locked until it is `free`."""

    def __init__(self, path):
        super().__init__(path)
        self.free = threading.Event()

    def add(self, keys=(), prefixes=()):
        self.free.wait()
        super().add(keys, prefixes)


async def test_nobody_waits_for_a_locked_file_that_is_to_tell_what_was_missed(store, tmp_path):
    file = LockedFile(tmp_path / "missed.db")
    guarded = GuardedBackend(store, file=file)
    await guarded.open()
    store.broken = {"write"}
    missing = [guarded.set_many([record(key)]) for key in "abcde"]
    try:
        assert await asyncio.wait_for(asyncio.gather(*missing, guarded.clear("x")), 30) == [0] * 6
    finally:
        file.free.set()
    await guarded.close()
    found = OutdatedFile(tmp_path / "missed.db").load()
    assert (found.keys, found.prefixes) == (set("abcde"), {"x"})


async def test_a_file_of_what_was_missed_is_empty_once_that_was_made_up_for(store, tmp_path):
    file = LockedFile(tmp_path / "missed.db")
    guarded = GuardedBackend(store, file=file)
    await guarded.open()
    store.broken = {"write"}
    await guarded.set_many([record("k")])
    store.broken = set()
    assert await guarded.set_many([record("l")]) == 1
    file.free.set()  # only now does it hold what is outdated no more
    await guarded.close()
    assert not OutdatedFile(tmp_path / "missed.db").load()


# -- tiers -------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def tiers(guarded):
    upper = MemoryStore(Limits(2, 10**6), on_accesses=guarded.touch)
    tiers = TieredBackend(MemoryBackend(upper), guarded)
    tiers.memory = upper
    return tiers


async def test_what_is_found_below_is_promoted(tiers, store):
    await store.set_many([record("k")])
    assert await value(tiers, "k") == "v"
    store.broken = {"read"}
    assert await value(tiers, "k") == "v"


async def test_what_memory_gives_up_is_still_below(tiers):
    for key in "abcde":
        await tiers.set_many([record(key, key)])
    assert [await value(tiers, key) for key in "abcde"] == list("abcde")
    assert tiers.stats().size == 2


async def test_a_lower_tier_that_fails_is_done_without_and_never_out_of_date(tiers, store):
    await tiers.set_many([record("k", "old")])
    store.broken = {"read", "write"}
    assert await tiers.set_many([record("k", "new")]) == 1
    assert await value(tiers, "k") == "new"
    tiers.memory.clear()
    store.broken = set()
    assert await value(tiers, "k") is None


@pytest.mark.parametrize("change", ["set", "delete", "clear"])
async def test_what_changes_while_the_lower_tier_is_read_is_not_brought_back(tiers, store, change):
    await store.set_many([record("k", "old")])
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def slow():
        reading.set()
        await go_on.wait()

    store.slow = slow
    lookup = asyncio.create_task(tiers.get_many(["k"]))
    await reading.wait()
    store.slow = None
    if change == "set":
        await tiers.set_many([record("k", "new")])
    else:
        await (tiers.delete_many(["k"]) if change == "delete" else tiers.clear("k"))
    go_on.set()
    await lookup
    assert await value(tiers, "k") == ("new" if change == "set" else None)


async def test_hits_in_memory_keep_values_below_from_being_evicted(tiers, store):
    await tiers.set_many([record("k")])
    for _ in range(10):
        tiers.memory.get("k")
    await tiers.close()
    assert store.touched == ["k"] * 10


async def test_each_tier_counts_for_itself(tiers):
    await tiers.set_many([record("a"), record("b"), record("c")])
    await tiers.get_many(["a", "b", "c", "none"])
    memory, below = tiers.tiers()
    assert (memory.hits, memory.misses, memory.entries) == (2, 2, 2)
    assert (below.hits, below.misses, below.entries) == (1, 1, 3)
