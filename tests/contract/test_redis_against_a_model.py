"""A namespace in Redis is a dictionary with expiry, limits and the documented policy, whoever's connection breaks."""

from contract.dictionary_machine import TransactionMachine, check
from magnetar import CacheBackend


class RedisMachine(TransactionMachine):
    """Every change is a transaction. None is made by a timer here, for the test says when accesses are told."""

    backend = CacheBackend.REDIS

    def open(self):
        cache = super().open()
        self.run(cache._parts.stores.backend._backend._stop_settling())
        return cache

    def crash(self, cache):
        guard = cache._parts.stores.backend
        self.run(guard._backend._link.close())
        self.run(guard.close())


def test_redis_is_what_the_model_says(redis_server):
    machine = type("MachineOfOneServer", (RedisMachine,), {"redis_url": redis_server.url})
    check(machine, examples=300, steps=15)
