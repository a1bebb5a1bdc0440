"""What stores are made of: each database of a server has a file of its own for what it missed."""

import pytest

from magnetar import CacheBackend
from magnetar.cache.backends.base import Limits
from magnetar.cache.stores import StoreSettings, make_stores

LIMITS = Limits(10, 10**6)


@pytest.fixture
def missed(tmp_path):
    """The files there are once the servers at these URLs, which nobody has connected to, have missed something."""

    async def missed(*urls):
        for url in urls:
            settings = StoreSettings(CacheBackend.TIERED, LIMITS, LIMITS, tmp_path / "cache.db", url)
            shared = make_stores(settings, lambda _: None).shared
            await shared.delete_many(["k"])
            await shared.close()
        return len(list(tmp_path.glob("cache.missed-*.db")))

    return missed


@pytest.mark.parametrize("server", ["unix://u:p@/run/redis.sock", "redis://u:p@h"])
async def test_databases_of_one_server_share_no_file_of_what_they_missed(missed, server):
    assert await missed(server, f"{server}?db=1", f"{server}?socket_timeout=5&db=2") == 3


async def test_a_password_or_an_option_makes_no_other_file(missed):
    urls = ["redis://u:p@h/1", "redis://u:new@h/1", "redis://h/1?socket_timeout=5", "redis://h/1?password=p@w"]
    assert await missed(*urls) == 1
