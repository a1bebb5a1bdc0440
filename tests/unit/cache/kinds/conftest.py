import pytest

from clocks import FakeClock
from magnetar import CacheBackend, SmartCache


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture(params=["memory", "sqlite", "tiered"])
async def cache(request, tmp_path, clock):
    async with SmartCache(CacheBackend(request.param), db_path=tmp_path / "cache" / "c.db", clock=clock) as cache:
        yield cache
