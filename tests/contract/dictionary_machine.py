"""Random operations on a small cache, by one process or two, against a model with the same policy; crashes included.

Time is a fake clock's. A step ends with what was accessed being written, and with a look at every key there may be: values
are the model's, limits hold, and what is missing has expired, was removed, or was rightly evicted.
"""

import asyncio
import shutil
import tempfile
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from clocks import FakeClock
from contract.model_cache import Expected, MemoryModel, TransactionModel
from magnetar import CacheBackend, SmartCache

KEYS = ["a", "a:1", "a:2", "a:3", "b", "b:1", "ü"]
NO_KEY = "none"
MAX_SIZE, MAX_BYTES = 4, 100
DEFAULT_TTL = 5_000  # long enough that no server's own clock matters

keys = st.sampled_from(KEYS)
sizes = st.integers(6, 60)
ttls = st.none() | st.integers(1, 20).map(lambda number: 100 * number)
numbers = count()
memory_disk = Path("/dev/shm")  # files there cost no wait for a disk


class DictionaryMachine(RuleBasedStateMachine):
    """`model` holds what must be found. One cache; a subclass says of which backend."""

    backend = CacheBackend.MEMORY
    model_of = MemoryModel
    redis_url = None
    processes = 1

    def __init__(self):
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(dir=memory_disk if memory_disk.is_dir() else None))
        self.namespace = f"machine-{next(numbers)}"
        self.clock = FakeClock()
        self.model = self.model_of(self.clock, MAX_SIZE, MAX_BYTES)
        self.values = count(100)
        self.loop = asyncio.new_event_loop()
        self.caches = [self.open() for _ in range(self.processes)]

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def open(self):
        cache = SmartCache(
            self.backend,
            MAX_SIZE,
            MAX_BYTES,
            self.directory / "cache.db",
            self.redis_url,
            DEFAULT_TTL,
            namespace=self.namespace,
            clock=self.clock,
        )
        self.run(cache.initialize())
        return cache

    def entry(self, size, ttl=None):
        """A value of its own that takes `size` bytes as JSON."""
        text = str(next(self.values)).ljust(size - 2, ".")
        return Expected(text, len(text) + 2, self.clock() + (ttl or DEFAULT_TTL))

    def cache_of(self, process):
        return self.caches[process % self.processes]

    # -- steps -----------------------------------------------------------------------------------------------------

    @rule(process=st.integers(0, 1), key=keys, size=sizes, ttl=ttls)
    def set(self, process, key, size, ttl):
        entry = self.entry(size, ttl)
        cache = self.cache_of(process)
        evictions = cache.stats.evictions
        assert self.run(cache.set(key, entry.value, ttl=ttl)) is True
        self.model.set({key: entry})
        gone = self.look(cache)
        self.compare_evictions(cache.stats.evictions - evictions, gone)

    @rule(process=st.integers(0, 1), key=keys)
    def set_what_is_larger_than_the_cache(self, process, key):
        cache = self.cache_of(process)
        assert self.run(cache.set(key, "x" * (MAX_BYTES - 1))) is False
        self.model.delete([key])
        self.flush(cache)

    @rule(process=st.integers(0, 1), key=keys)
    def get(self, process, key):
        cache = self.cache_of(process)
        expected = self.model.value(key)
        assert self.run(cache.get(key)) == expected
        self.model.hit([key] if expected is not None else [])
        self.flush(cache)

    @rule(process=st.integers(0, 1), wanted=st.lists(keys, min_size=2, max_size=5))
    def get_at_once(self, process, wanted):
        cache = self.cache_of(process)
        self.flush(cache)  # or the first to find something expired would have it removed, and accesses written so far
        expected = [self.model.value(key) for key in wanted]

        async def get_all():
            return await asyncio.gather(*[cache.get(key) for key in wanted])

        assert self.run(get_all()) == expected
        self.model.hit([key for key, value in zip(wanted, expected, strict=True) if value is not None])
        self.flush(cache)

    @rule(process=st.integers(0, 1), key=keys, size=sizes)
    def set_twice_at_once(self, process, key, size):
        cache = self.cache_of(process)
        first, second = self.entry(size), self.entry(size)

        async def race():
            return await asyncio.gather(cache.set(key, first.value), cache.set(key, second.value), cache.get(key))

        assert self.run(race()) == [True, True, second.value]
        self.was_set_twice(cache, key, first, second)
        self.flush(cache)

    @rule(process=st.integers(0, 1), key=keys)
    def delete(self, process, key):
        cache = self.cache_of(process)
        assert self.run(cache.delete(key)) is (self.model.delete([key]) == 1)
        self.look(cache)

    @rule(process=st.integers(0, 1), prefix=st.sampled_from(["a", "a:", "b", "none", ""]))
    def delete_prefix(self, process, prefix):
        cache = self.cache_of(process)
        removed = self.run(cache.delete_prefix(prefix))
        assert removed == self.model.delete([key for key in KEYS if key.startswith(prefix)])
        self.look(cache)

    @rule(process=st.integers(0, 1), key=keys, size=sizes, ttl=ttls)
    def prefetch(self, process, key, size, ttl):
        cache = self.cache_of(process)
        entry = self.entry(size, ttl)
        missing = self.model.value(key) is None
        assert self.run(cache.prefetch([key], lambda _key: entry.value, ttl=ttl)) == missing
        if missing:
            self.model.set({key: entry}, access=False)
            self.look(cache)
        self.flush(cache)

    @rule(hundreds=st.integers(1, 20))
    def pass_time(self, hundreds):
        self.clock.advance(100 * hundreds)

    @rule(process=st.integers(0, 1))
    def close_and_open(self, process):
        number = process % self.processes
        self.run(self.caches[number].shutdown())
        self.caches[number] = self.open()
        self.reopened()

    @rule(process=st.integers(0, 1), key=keys)
    def crash_and_open(self, process, key):
        """The process ends before it has written what it accessed."""
        number = process % self.processes
        self.flush(self.caches[number])
        self.run(self.caches[number].get(key))
        self.crash(self.caches[number])
        self.caches[number] = self.open()
        self.reopened()

    # -- what differs ----------------------------------------------------------------------------------------------

    def was_set_twice(self, cache, key, first, second):
        """Both in the order in which they were made; both are as large, so that the second evicts nothing."""
        self.model.sweep()
        gone = self.model.entries.keys() - self.peek(cache).keys()
        self.model.set({key: first})
        self.model.conclude(gone)
        self.model.set({key: second})
        self.model.hit([key])

    def compare_evictions(self, counted, gone):
        assert counted == len(gone)

    def crash(self, cache):
        """Memory is lost with the process."""
        self.run(cache.shutdown())

    def reopened(self):
        self.model = self.model_of(self.clock, MAX_SIZE, MAX_BYTES)
        self.look(self.caches[0])

    # -- looking ---------------------------------------------------------------------------------------------------

    def flush(self, cache):
        """Has what was accessed written, by a change that changes nothing."""
        self.run(cache.delete(NO_KEY))
        self.model.flush()
        self.look(cache)

    def peek(self, cache):
        """Everything that is there; this is no access."""
        records = self.run(cache._parts.stores.backend.get_many(KEYS, access=False))
        return {key: record.value for key, record in records.items()}

    def look(self, cache):
        """Compares what every process sees with the model, by way of `cache` the totals; gives the keys that were evicted."""
        self.model.sweep()
        present = self.peek(cache)
        assert present.keys() <= self.model.entries.keys()
        gone = self.model.entries.keys() - present.keys()
        self.model.conclude(gone)
        assert present == {key: entry.value for key, entry in self.model.entries.items()}
        for other in self.caches:
            assert other is cache or self.peek(other) == present
        stats = cache.stats
        assert (stats.size, stats.size_bytes) == (len(present), self.model.size_bytes)
        assert stats.size <= MAX_SIZE
        assert stats.size_bytes <= MAX_BYTES
        return gone

    def teardown(self):
        for cache in self.caches:
            self.run(cache.clear())
            self.run(cache.shutdown())
        self.loop.close()
        shutil.rmtree(self.directory)


class TransactionMachine(DictionaryMachine):
    """Two processes over one store that outlives them."""

    model_of = TransactionModel
    processes = 2

    @rule(process=st.integers(0, 1), key=keys, size=sizes, turns=st.integers(1, 4))
    def crash_while_setting(self, process, key, size, turns):
        """What was not acknowledged is there as a whole or not at all."""
        number = process % self.processes
        cache, entry = self.caches[number], self.entry(size)
        self.flush(cache)
        setting = self.loop.create_task(cache.set(key, entry.value))
        for _ in range(turns):
            self.run(asyncio.sleep(0))
        self.crash(cache)
        setting.cancel()
        self.run(asyncio.wait({setting}))
        self.caches[number] = self.open()
        if self.peek(self.caches[number]).get(key) == entry.value:
            self.model.set({key: entry})
        self.look(self.caches[number])

    def reopened(self):
        self.model.sweep()
        for cache in self.caches:
            self.run(cache.delete(NO_KEY))  # totals are seen with a process's own next transaction
        self.look(self.caches[0])


def check(machine, examples, steps):
    """Runs a machine so often."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
