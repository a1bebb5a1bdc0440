"""What `magnetar doctor` says of a real Redis, and of settings."""

import pytest
import redis
from attrs import evolve

from magnetar.app import NAMESPACE
from magnetar.cache.backends.redis_layout import Layout
from magnetar.cli.doctor import Status
from redis_server import PATIENCE, free_port, server_of_a_fixture


@pytest.fixture(scope="module")
def server():
    yield from server_of_a_fixture()


@pytest.fixture
def admin(server):
    with redis.Redis(unix_socket_path=str(server.socket)) as admin:
        yield admin
        admin.replicaof("NO", "ONE")
        for name, value in {"requirepass": "", "maxmemory": 0, "maxmemory-policy": "noeviction"}.items():
            admin.config_set(name, value)
        admin.flushall()


@pytest.fixture
def look(site, check):
    def look(name, **settings):
        return check(name, evolve(site, raw=settings))

    return look


@pytest.fixture
def redis_at(look):
    return lambda url: look("Redis", cache={"redisUrl": url + PATIENCE})


def test_a_sound_redis_is_said_to_be_so(redis_at, server, admin):
    admin.config_set("maxmemory", "1gb")
    admin.config_set("maxmemory-policy", "allkeys-lru")
    found = redis_at(server.url)
    assert (found.status, found.message) == (Status.OK, "Redis can be reached, and has room.")


def test_a_redis_that_is_away_is_named_without_its_password(redis_at):
    found = redis_at(f"redis://me:hunter2@127.0.0.1:{free_port()}/0")
    assert found.status is Status.FAIL
    assert "cannot be reached" in found.message
    assert "hunter2" not in found.message + found.remedy


@pytest.mark.parametrize("credentials", ["", ":wrong-one@"])
def test_a_wrong_password_is_named_and_not_shown(redis_at, server, admin, credentials):
    admin.config_set("requirepass", "right-one")
    found = redis_at(server.tcp_url.replace("://", f"://{credentials}"))
    assert found.status is Status.FAIL
    assert "Correct the user and password" in found.remedy
    assert "-one" not in found.message + found.remedy


def test_other_types_in_our_places_are_named(redis_at, server, admin):
    book = Layout(NAMESPACE).books[0]
    admin.set(book, "somebody else's")
    found = redis_at(server.url)
    assert found.status is Status.WARN
    assert book in found.message


def test_a_redis_that_evicts_nothing_is_named(redis_at, server, admin):
    admin.config_set("maxmemory", "1gb")
    found = redis_at(server.url)
    assert found.status is Status.WARN
    assert "maxmemory-policy" in found.remedy


def test_a_redis_that_is_full_is_named(redis_at, server, admin):
    admin.config_set("maxmemory", 1_000)
    found = redis_at(server.url)
    assert found.status is Status.FAIL
    assert "is full" in found.message


def test_a_replica_is_named(redis_at, server, admin):
    admin.replicaof("127.0.0.1", free_port())
    found = redis_at(server.url)
    assert found.status is Status.FAIL
    assert "replica" in found.message


def test_a_url_that_is_none_is_named(redis_at):
    found = redis_at("redis://127.0.0.1:many")
    assert found.status is Status.FAIL
    assert "URL" in found.message


def test_settings_that_cannot_be_used_are_named(look):
    found = look("settings", cache={"maxEntries": "many"}, prediction={"topK": 0})
    assert found.status is Status.WARN
    assert "magnetar.cache.maxEntries" in found.message
    assert "magnetar.prediction.topK" in found.message
    assert look("settings", cache={"maxEntries": 5}).message == "Every setting can be used."


@pytest.mark.parametrize(
    ("model", "status"),
    [
        ({"provider": "openai", "url": ""}, Status.WARN),
        ({"provider": "auto", "url": "localhost:11434"}, Status.WARN),
        ({"provider": "openai", "url": "http://127.0.0.1:11434/v1"}, Status.OK),
        ({"provider": "auto", "url": ""}, Status.OK),
        (None, Status.OK),
    ],
)
def test_a_model_without_an_address_is_named_where_one_is_wanted(look, model, status):
    found = look("model", model=model)
    assert found.status is status
    assert found.remedy or status is Status.OK
