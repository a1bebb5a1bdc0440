"""Tiers are a dictionary with expiry: what memory has no room for comes from below, which here has room for all."""

import math

from contract.dictionary_machine import MAX_BYTES, MAX_SIZE, DictionaryMachine, check
from contract.model_cache import TransactionModel
from magnetar import CacheBackend


class TieredMachine(DictionaryMachine):
    """Memory is lost in a crash and the file is not; memory's limits hold."""

    backend = CacheBackend.TIERED

    @staticmethod
    def model_of(clock, _max_size, _max_bytes):
        return TransactionModel(clock, math.inf, math.inf)

    def compare_evictions(self, _counted, gone):
        assert not gone

    def crash(self, cache):
        for guard in cache._parts.stores.guards:
            self.run(self.break_off(guard))

    async def break_off(self, guard):
        """Ends a store as the end of the process would: nothing more is written."""
        store = guard._backend
        if hasattr(store, "_owner"):
            await store._dismiss_owner()
        else:
            await store._link.close()
            await guard.close()

    def reopened(self):
        self.model.forget_accesses()
        self.look(self.caches[0])

    def look(self, cache):
        self.model.sweep()
        present = self.peek(cache)
        self.model.conclude(self.model.entries.keys() - present.keys())
        assert present == {key: entry.value for key, entry in self.model.entries.items()}
        assert cache.stats.size <= MAX_SIZE
        assert cache.stats.size_bytes <= MAX_BYTES
        sizes = [(tier.entries, tier.size_bytes) for tier in cache.tiers()]
        assert sizes[0] == (cache.stats.size, cache.stats.size_bytes)
        return set()


def test_memory_over_a_file_is_what_the_model_says():
    check(TieredMachine, examples=150, steps=15)


def test_memory_over_a_file_over_redis_is_what_the_model_says(redis_server):
    machine = type("MachineOverRedis", (TieredMachine,), {"redis_url": redis_server.url})
    check(machine, examples=100, steps=15)
