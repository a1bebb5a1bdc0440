"""The memory store by itself: limits, expiry, statistics, threads."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from clocks import FakeClock
from magnetar.cache.backends.base import Limits, Record
from magnetar.cache.backends.memory import MISSING, MemoryStore
from magnetar.cache.codec import encode


def record(key, value="v", ttl=300, at=1_000_000.0):
    encoded, stored = encode(key, value)
    return Record(key, stored, encoded, at, ttl)


@pytest.fixture
def clock():
    return FakeClock()


def test_an_expired_value_is_a_miss_and_frees_its_bytes_also_when_nobody_asks_for_it(clock):
    store = MemoryStore(Limits(10, 1_000), clock)
    store.set(record("a", ttl=10), access=True)
    store.set(record("b", ttl=20), access=True)
    clock.advance(10)
    assert store.stats().size == 1
    assert store.get("a") is MISSING
    assert store.get("b") == "v"
    assert store.stats().size_bytes == 3


def test_a_hit_reads_the_value_and_nothing_else_that_is_kept_for_it(clock):
    store = MemoryStore(Limits(10, 1_000), clock)
    store.set(record("a"), access=True)
    store._entries = None
    assert store.get("a") == "v"


def test_a_value_is_served_until_it_expires_though_another_has_expired_before(clock):
    store = MemoryStore(Limits(10, 1_000), clock)
    store.set(record("a", ttl=10), access=True)
    store.set(record("b", ttl=20), access=True)
    clock.advance(10)
    assert store.get("b") == "v"
    assert store.get("a") is MISSING
    clock.advance(10)
    assert store.get("b") is MISSING
    assert store.stats().hits == 1


def test_what_has_expired_goes_before_anything_is_evicted(clock):
    store = MemoryStore(Limits(2, 1_000), clock)
    store.set(record("a", ttl=1_000), access=True)
    store.set(record("b", ttl=10), access=True)
    clock.advance(10)
    store.set(record("c", at=clock()), access=True)
    assert store.get("a") == "v"
    assert store.stats().evictions == 0


def test_the_value_being_set_is_never_the_victim_however_seldom_it_was_used(clock):
    store = MemoryStore(Limits(3, 1_000), clock)
    for key in "abc":
        store.set(record(key), access=True)
        for _ in range(50):
            store.get(key)
    for _ in range(3):
        store.set(record("new"), access=False)
        assert store.get("new") == "v"
    assert store.stats().size == 3


def test_a_larger_value_for_the_same_key_evicts_others_and_not_itself(clock):
    store = MemoryStore(Limits(10, 100), clock)
    for key in "ab":
        store.set(record(key, "x" * 40), access=True)
    assert store.set(record("a", "x" * 90), access=True)
    assert store.stats().size_bytes == 92
    assert store.get("b") is MISSING
    assert store.stats().evictions == 1


def test_hits_are_told_in_batches_and_none_is_lost(clock):
    told = []
    store = MemoryStore(Limits(10, 1_000), clock, on_accesses=told.extend)
    store.set(record("a"), access=True)
    for _ in range(1_000):
        store.get("a")
    store.settle()
    assert len(told) == 1_000


def test_a_peek_is_no_access(clock):
    store = MemoryStore(Limits(2, 1_000), clock)
    for key in "ab":
        store.set(record(key), access=False)
    store.get("b")
    for _ in range(10):
        assert store.peek("a").value == "v"
    store.set(record("c"), access=True)
    assert store.peek("a") is None
    assert store.stats().hits == 1


class Interrupted(dict):
    """A dictionary right after whose first lookup another thread has its turn."""

    turn = None

    def get(self, key, default=None):
        found = super().get(key, default)
        turn, self.turn = self.turn, None
        if turn is not None:
            turn()
        return found


def test_what_has_expired_is_not_served_though_another_thread_replaces_it_meanwhile(clock):
    store = MemoryStore(Limits(10, 1_000), clock)
    store._values = interrupted = Interrupted()
    store.set(record("k", "old", ttl=10), access=True)
    clock.advance(10)
    interrupted.turn = lambda: store._lock.locked() or store.set(record("k", "new", at=clock()), access=True)
    assert store.get("k") in {MISSING, "new"}


def test_a_peek_never_joins_a_value_with_the_age_of_another(clock):
    store = MemoryStore(Limits(10, 1_000), clock)
    store._values = interrupted = Interrupted()
    store.set(record("k", "old"), access=True)
    clock.advance(10)
    interrupted.turn = lambda: store._lock.locked() or store.set(record("k", "new", at=clock()), access=True)
    found = store.peek("k")
    assert (found.value, clock() - found.created_at) in {("old", 10), ("new", 0)}


def test_threads_lose_no_count_and_limits_hold():
    store = MemoryStore(Limits(50, 10_000))
    store.set(record("hot", at=4e9), access=True)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def work(number):
        hits = 0
        for step in range(500):
            hits += store.get("hot") is not MISSING
            store.set(record(f"{number}:{step % 60}", at=4e9), access=True)
            hits += store.get(f"{step % 4}:{step % 60}") is not MISSING
            store.delete(f"{number}:{(step * 7) % 60}")
        return hits

    try:
        with ThreadPoolExecutor(4) as threads:
            hits = sum(threads.map(work, range(4)))
    finally:
        sys.setswitchinterval(interval)
    stats = store.stats()
    assert stats.hits == hits
    assert stats.size <= 50
    assert stats.size_bytes == sum(entry.size_bytes for entry in store._entries.values())
    assert len(store._entries) == stats.size == len(store._values)
