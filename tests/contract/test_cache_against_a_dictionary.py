"""Random operations, with time passing and caches reopened, against a dictionary that knows what is right."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from clocks import FakeClock
from magnetar import CacheBackend, SmartCache

EXAMPLES = {CacheBackend.MEMORY: 50, CacheBackend.SQLITE: 8, CacheBackend.REDIS: 8, CacheBackend.TIERED: 8}
STEPS = 30

keys = st.sampled_from(["a", "a:1", "a:2", "b", "b:1", "ü"])
values = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=3))


class AgainstADictionary(RuleBasedStateMachine):
    """`expected` holds what must be found: the value and when it expires."""

    backend = CacheBackend.MEMORY
    redis_url = None

    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.directory = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.expected = {}
        self.hits = self.misses = 0
        self.cache = self.open()

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def open(self):
        # Memory above is so small that the tiered cache keeps reading from below.
        small = {"max_size": 2} if self.backend is CacheBackend.TIERED else {}
        path = Path(self.directory.name) / "cache.db"
        place = {"db_path": path, "redis_url": self.redis_url, "namespace": f"machine-{id(self)}"}
        cache = SmartCache(self.backend, **place, clock=self.clock, default_ttl=50, **small)
        self.run(cache.initialize())
        return cache

    def live(self, key):
        value, expiry = self.expected.get(key, (None, 0))
        return value if expiry > self.clock() else None

    @rule(key=keys, value=values, ttl=st.none() | st.integers(1, 30))
    def set(self, key, value, ttl):
        assert self.run(self.cache.set(key, value, ttl=ttl))
        self.expected[key] = value, self.clock() + (ttl or 50)

    @rule(items=st.dictionaries(keys, values, min_size=1))
    def set_at_once(self, items):
        async def set_all():
            return await asyncio.gather(*[self.cache.set(key, value) for key, value in items.items()])

        assert all(self.run(set_all()))
        self.expected |= {key: (value, self.clock() + 50) for key, value in items.items()}

    @rule(key=keys)
    def get(self, key):
        assert self.run(self.cache.get(key)) == self.live(key)

    @rule(key=keys, first=values, second=values)
    def set_twice_and_read_meanwhile(self, key, first, second):
        async def race():
            return await asyncio.gather(
                self.cache.set(key, first), self.cache.get(key), self.cache.set(key, second), self.cache.get(key)
            )

        _, _, _, last = self.run(race())
        self.expected[key] = second, self.clock() + 50
        assert last == second

    @rule(key=keys, value=values)
    def delete_and_read_meanwhile(self, key, value):
        async def race():
            return await asyncio.gather(
                self.cache.get(key), self.cache.set(key, value), self.cache.delete(key), self.cache.get(key)
            )

        assert self.run(race())[3] is None
        self.expected.pop(key, None)

    @rule(key=keys)
    def delete(self, key):
        there = self.expected.pop(key, (None, 0))[1] > self.clock()
        assert self.run(self.cache.delete(key)) is there

    @rule(prefix=st.sampled_from(["a", "a:", "b", ""]))
    def delete_prefix(self, prefix):
        there = {key for key, (_, expiry) in self.expected.items() if key.startswith(prefix)}
        live = {key for key in there if self.expected[key][1] > self.clock()}
        assert self.run(self.cache.delete_prefix(prefix)) == len(live)
        for key in there:
            del self.expected[key]

    @rule(key=keys, value=values.filter(lambda value: value is not None))
    def prefetch(self, key, value):
        there = self.expected.get(key, (None, 0))[1] > self.clock()
        assert self.run(self.cache.prefetch([key], lambda _key: value)) == (not there)
        if not there:
            self.expected[key] = value, self.clock() + 50

    @rule(seconds=st.integers(1, 20))
    def pass_time(self, seconds):
        self.clock.advance(seconds)

    @rule()
    def reopen(self):
        self.run(self.cache.shutdown())
        if self.backend is CacheBackend.MEMORY:
            self.expected.clear()
        self.cache = self.open()

    @invariant()
    def sizes_are_right(self):
        for tier in self.cache.tiers():
            assert tier.entries <= len(self.expected)
            assert (tier.size_bytes == 0) == (tier.entries == 0)

    def teardown(self):
        self.run(self.cache.clear())
        self.run(self.cache.shutdown())
        self.loop.close()
        self.directory.cleanup()


def test_a_cache_is_a_dictionary_with_expiry(backend, place):
    parts = {"backend": backend, "redis_url": place.get("redis_url")}
    machine = type(f"{backend.name}AgainstADictionary", (AgainstADictionary,), parts)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES[backend],
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
