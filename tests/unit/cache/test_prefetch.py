"""Loading ahead: nothing is loaded that another has stored by then, however slowly the backend tells what it holds."""

import asyncio
import random
import time

import pytest

from magnetar.cache.backends.base import Limits
from magnetar.cache.loading import Loads
from magnetar.cache.prefetch import Prefetcher
from magnetar.cache.refresh import Refresher


class SlowBackend:
    """Holds values; each look reads at once and is answered when it is let go, in whatever order."""

    def __init__(self):
        self.values = {}
        self.looks = asyncio.Queue()

    async def get_many(self, keys, *, access):
        assert not access
        found = {key: self.values[key] for key in keys if key in self.values}
        let_go = asyncio.Event()
        self.looks.put_nowait(let_go)
        await let_go.wait()
        return found

    async def store(self, key, value, _ttl):
        self.values[key] = value
        return len(value)


@pytest.fixture
def backend():
    return SlowBackend()


@pytest.fixture
async def prefetcher(backend):
    loads = Loads(backend.store)
    refresher = Refresher(backend, loads, {}, 10, time.time, random.random)
    yield Prefetcher(backend, loads, refresher, Limits(100, 1_000))
    await refresher.close()
    await loads.close()


async def test_what_another_stored_since_the_look_is_not_loaded_again(backend, prefetcher):
    calls = []

    async def loader(key):
        calls.append(key)
        return key

    first, second = (asyncio.create_task(prefetcher.load(["a", "b"], loader, 300)) for _ in range(2))
    looks = [await backend.looks.get() for _ in range(2)]
    looks[0].set()
    assert await first == {"a": 1, "b": 1}
    looks[1].set()
    assert await second == {}
    assert calls == ["a", "b"]


async def test_what_failed_since_the_look_is_tried_again(backend, prefetcher):
    calls = []

    async def loader(key):
        calls.append(key)
        return key if len(calls) > 1 else None

    first, second = (asyncio.create_task(prefetcher.load(["a"], loader, 300)) for _ in range(2))
    looks = [await backend.looks.get() for _ in range(2)]
    looks[0].set()
    assert await first == {}
    looks[1].set()
    assert await second == {"a": 1}
