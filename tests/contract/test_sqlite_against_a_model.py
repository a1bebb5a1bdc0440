"""A cache in an SQLite file is a dictionary with expiry, limits and the documented policy, whoever crashes."""

import asyncio

from hypothesis import strategies as st
from hypothesis.stateful import rule

from contract.dictionary_machine import TransactionMachine, check, keys, sizes
from magnetar import CacheBackend


class SqliteMachine(TransactionMachine):
    """What is asked for at once is written in one transaction."""

    backend = CacheBackend.SQLITE

    def was_set_twice(self, cache, key, _first, second):
        self.model.hit([key, key])
        self.model.set({key: second})
        self.look(cache)

    @rule(process=st.integers(0, 1), items=st.dictionaries(keys, sizes, min_size=2))
    def set_at_once(self, process, items):
        cache = self.cache_of(process)
        entries = {key: self.entry(size) for key, size in items.items()}

        async def set_all():
            return await asyncio.gather(*[cache.set(key, entry.value) for key, entry in entries.items()])

        assert all(self.run(set_all()))
        self.model.set(entries)
        self.look(cache)

    def crash(self, cache):
        owner = cache._parts.stores.backend._backend._owner
        owner.cancel()
        self.run(asyncio.wait({owner}))


def test_sqlite_is_what_the_model_says():
    check(SqliteMachine, examples=300, steps=15)
