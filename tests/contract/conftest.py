"""One suite for every backend: a fixture that makes caches of each kind."""

import pytest

from clocks import FakeClock
from magnetar import CacheBackend, SmartCache

BACKENDS = [CacheBackend.MEMORY, CacheBackend.SQLITE, CacheBackend.TIERED]


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.value)
def backend(request):
    return request.param


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def make(backend, tmp_path, clock):
    """Makes initialized caches over the same place; they are shut down at the end."""
    made = []

    async def make(**settings):
        settings = {"backend": backend, "db_path": tmp_path / "cache" / "cache.db", "clock": clock, **settings}
        cache = SmartCache(**settings)
        made.append(cache)
        await cache.initialize()
        return cache

    yield make
    for cache in made:
        await cache.shutdown()


@pytest.fixture
async def cache(make):
    return await make()
