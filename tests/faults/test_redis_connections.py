"""Every way to a Redis that a URL can name, and what is said where there is none."""

import shutil
import socket
import subprocess

import pytest

from magnetar import CacheBackend, SmartCache
from magnetar.errors import BackendUnavailable
from redis_server import PROGRAM, RedisServer, free_port
from waiting import until

PASSWORD = "correct-horse-battery"

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
cluster_tool = pytest.mark.skipif(shutil.which("redis-cli") is None, reason="no redis-cli to make a cluster with")


@pytest.fixture
def start():
    """Starts servers with options; they end with the test."""
    if PROGRAM is None:
        pytest.skip("no redis-server")
    started = []

    def start(*options, **settings):
        server = RedisServer(*options, **settings)
        started.append(server)
        return server

    yield start
    for server in started:
        server.close()


async def works(cache):
    assert await cache.set("k", "v")
    assert await cache.get("k") == "v"
    assert cache.degraded is None


# -- credentials -------------------------------------------------------------------------------------------------------


async def test_the_right_password_is_let_in(make, start):
    server = start("--requirepass", PASSWORD)
    await works(await make(f"redis://:{PASSWORD}@127.0.0.1:{server.port}/0"))


@pytest.mark.parametrize("credentials", ["", ":wrong-secret@", "somebody:wrong-secret@"], ids=["none", "wrong", "user"])
async def test_a_wrong_password_is_an_error_that_names_the_place_and_no_secret(make, start, caplog, credentials):
    server = start("--requirepass", PASSWORD)
    url = f"redis://{credentials}127.0.0.1:{server.port}/0"
    cache = await make(url, initialize=False)
    with pytest.raises(BackendUnavailable, match=f"127.0.0.1:{server.port}") as raised:
        await cache.initialize()
    said = str(raised.value) + caplog.text + str(cache.degraded)
    assert "wrong-secret" not in said
    assert "somebody" not in said
    assert "password" in str(raised.value)

    tiered = await make(url, CacheBackend.TIERED)
    await until(lambda: tiered.degraded)
    assert f"127.0.0.1:{server.port}" in tiered.degraded
    assert "wrong-secret" not in tiered.degraded + caplog.text
    assert await tiered.set("k", "v")
    assert await tiered.get("k") == "v"


async def test_a_password_in_a_url_with_escapes_and_a_user_with_few_rights(make, start, admin_of):
    server = start()
    await admin_of(server).execute_command(
        "ACL", "SETUSER", "cache", "on", ">p@ss/w:rd", "~{magnetar:*", "+@all", "-@dangerous"
    )
    cache = await make(f"redis://cache:p%40ss%2Fw%3Ard@127.0.0.1:{server.port}")
    await works(cache)
    assert await cache.delete_prefix("k") == 1
    await cache.clear()
    assert cache.degraded is None


async def test_a_user_without_the_right_to_write_can_read(make, start, admin_of):
    server = start()
    await works(await make(server))
    await admin_of(server).execute_command("ACL", "SETUSER", "reader", "on", ">pw", "~*", "+@all", "-@write")
    cache = await make(f"redis://reader:pw@127.0.0.1:{server.port}", CacheBackend.TIERED)
    assert "pw" not in (cache.degraded or "").replace("password", "")
    assert await cache.set("mine", "v")
    assert await cache.get("mine") == "v"


# -- places ------------------------------------------------------------------------------------------------------------


async def test_a_unix_socket_and_a_database_number(make, start, admin_of):
    server = start()
    await works(await make(f"unix://{server.socket}?db=5"))
    await works(await make(f"redis://127.0.0.1:{server.port}/7"))
    space = await admin_of(server).info("keyspace")
    assert sorted(space) == ["db5", "db7"]


@pytest.fixture
def certificate(tmp_path):
    """A certificate that nobody has signed but itself, and its key."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key


@openssl
async def test_tls_with_a_certificate_that_the_url_names(make, start, certificate):
    certificate, key = certificate
    server = start(
        "--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate),
        "--tls-auth-clients", "no", "--requirepass", PASSWORD, tls=True,
    )  # fmt: skip
    place = f":{PASSWORD}@127.0.0.1:{server.port}/0"
    await works(await make(f"rediss://{place}?ssl_ca_certs={certificate}"))
    for url in (f"rediss://{place}", f"redis://{place}"):  # not trusted; not encrypted
        cache = await make(url, initialize=False)
        with pytest.raises(BackendUnavailable, match=f"127.0.0.1:{server.port}") as raised:
            await cache.initialize()
        assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://u:secret@h",
        "redis://u:secret@h:port",
        "redis://u:secret@h/0?socket_timeout=x",
        "redis://u:secret@[h",
        "x",
    ],
)
async def test_a_url_that_cannot_be_one_is_an_error_without_its_secret(make, url):
    cache = await make(url or "redis://127.0.0.1:1", initialize=False)
    with pytest.raises(BackendUnavailable, match="Redis") as raised:
        await cache.initialize()
    assert "secret" not in str(raised.value)


async def test_an_address_where_something_else_answers(make):
    """It takes the connection, and says nothing that Redis would."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        cache = await make(f"redis://127.0.0.1:{listener.getsockname()[1]}", initialize=False)
        with pytest.raises(BackendUnavailable):
            await cache.initialize()
        assert await cache_answers(make, listener.getsockname()[1])


async def cache_answers(make, port):
    tiered = await make(f"redis://127.0.0.1:{port}", CacheBackend.TIERED)
    await tiered.set("k", "v")
    return await tiered.get("k") == "v"


async def test_a_server_that_comes_up_later_is_used_then(tmp_path, start):
    port = free_port()
    async with SmartCache(
        CacheBackend.TIERED, db_path=tmp_path / "cache.db", redis_url=f"redis://127.0.0.1:{port}"
    ) as cache:
        await cache.set("k", "old")
        await until(lambda: cache.degraded and "Redis" in cache.degraded)
        server = start("--port", str(port))  # the later option counts
        await until(lambda: cache.degraded is None)
        await cache.set("k", "new")
        async with SmartCache(CacheBackend.REDIS, redis_url=server.url) as other:
            assert await other.get("k") == "new"


# -- a cluster ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def cluster(start):
    """Three nodes."""
    nodes = [start("--cluster-enabled", "yes", "--cluster-port", str(free_port())) for _ in range(3)]
    addresses = [f"127.0.0.1:{node.port}" for node in nodes]
    made = subprocess.run(
        ["redis-cli", "--cluster", "create", *addresses, "--cluster-yes"],
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    return nodes


@cluster_tool
async def test_any_node_of_a_cluster_leads_to_the_one_that_holds_the_namespace(make, cluster, admin_of):
    admins = [admin_of(f"redis://127.0.0.1:{node.port}") for node in cluster]

    async def all_are_up():
        return all([b"cluster_state:ok" in await admin.execute_command("CLUSTER", "INFO") for admin in admins])

    await until(all_are_up)
    for number, node in enumerate(cluster):
        cache = await make(f"redis://127.0.0.1:{node.port}", max_size=20)
        if number:
            assert await cache.get("from:0") == 0
        assert await cache.set(f"from:{number}", number)
        for extra in range(30):
            assert await cache.set(f"extra:{number}:{extra}", "x")
        assert await cache.set("from:0", 0)
        assert await cache.get_blobs(["a", "b", "c"]) == {}
        assert cache.stats.size == 20
        assert cache.degraded is None
    keys = [await admin.keys("*") for admin in admins]
    assert sorted(map(len, keys)) == [0, 0, 24]  # entries and the four books, in one slot
    await cache.clear()
    assert cache.stats.size == 0
