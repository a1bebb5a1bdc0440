"""What more than one suite needs: a Redis server, one for all tests of a worker."""

import pytest

from redis_server import MISSING, PROGRAM, RedisServer


@pytest.fixture(scope="session")
def redis_server():
    if PROGRAM is None:
        pytest.skip(MISSING)
    server = RedisServer()
    yield server
    server.close()
