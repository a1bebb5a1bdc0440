"""One suite for every backend: a fixture that makes caches of each kind."""

from itertools import count

import pytest

from clocks import FakeClock
from magnetar import CacheBackend, SmartCache

OVER_REDIS = "tiered-redis"
KINDS = ["memory", "sqlite", "redis", "tiered", OVER_REDIS]

numbers = count()


@pytest.fixture(params=KINDS)
def kind(request):
    """A backend's name; the last is the tiered one with all its tiers."""
    return request.param


@pytest.fixture
def backend(kind):
    return CacheBackend(kind.partition("-")[0])


@pytest.fixture
def place(kind, request, tmp_path):
    """Where values live: settings that two caches must have in common to have the same values."""
    settings = {"db_path": tmp_path / "cache" / "cache.db"}
    if "redis" in kind:
        server = request.getfixturevalue("redis_server")
        settings |= {"redis_url": server.url, "namespace": f"test-{next(numbers)}"}
    return settings


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def make(backend, place, clock):
    """Makes initialized caches over the same place; they are shut down at the end."""
    made = []

    async def make(**settings):
        cache = SmartCache(**{"backend": backend, "clock": clock, **place, **settings})
        made.append(cache)
        await cache.initialize()
        return cache

    yield make
    for cache in made:
        await cache.shutdown()


@pytest.fixture
async def cache(make):
    return await make()
