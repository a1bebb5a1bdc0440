"""Redis servers that fail, and caches that use them."""

from itertools import count
from pathlib import Path

import pytest
import redis.asyncio

from magnetar import CacheBackend, SmartCache
from redis_server import server_of_a_fixture

numbers = count()
PATIENCE = 300
"""Seconds that a test may take: those that start many servers take a minute and more where others use the machine, too."""


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture
def server():
    """A server of this test's own, which it may end."""
    yield from server_of_a_fixture()


@pytest.fixture
def namespace():
    return f"fault-{next(numbers)}"


@pytest.fixture
async def make(tmp_path, namespace):
    """Makes caches that are shut down at the end; they are initialized unless told otherwise."""
    made = []

    async def make(server, backend=CacheBackend.REDIS, *, initialize=True, **settings):
        place = {"redis_url": getattr(server, "url", server), "db_path": tmp_path / "cache.db", "namespace": namespace}
        cache = SmartCache(backend, **{**place, **settings})
        made.append(cache)
        if initialize:
            await cache.initialize()
        return cache

    yield make
    for cache in made:
        await cache.shutdown()


@pytest.fixture
async def admin_of():
    """Bare clients, for what only the one who runs a server does."""
    made = []

    def admin_of(server):
        client = redis.asyncio.Redis.from_url(getattr(server, "url", server))
        made.append(client)
        return client

    yield admin_of
    for client in made:
        await client.aclose()
