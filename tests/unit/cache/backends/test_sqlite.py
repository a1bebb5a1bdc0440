"""The SQLite file: durable, private, shared by processes, bounded, and each kind of trouble with its own remedy."""

import asyncio
import os
import sqlite3
import stat
import time

import pytest

from clocks import FakeClock
from magnetar.cache.backends import sqlite_file
from magnetar.cache.backends.base import Limits, Record
from magnetar.cache.backends.guarded import GuardedBackend
from magnetar.cache.backends.sqlite import SqliteBackend
from magnetar.cache.codec import encode
from magnetar.errors import BackendUnavailable

WIDE = Limits(10**6, 10**9)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "deep" / "cache.db"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def open_backend(path, clock):
    made = []

    async def open_backend(limits=WIDE):
        backend = SqliteBackend(path, limits, clock)
        made.append(backend)
        await backend.open()
        return backend

    yield open_backend
    for backend in made:
        await backend.close()


def record(key, value="v", ttl=300, at=1_000_000.0):
    encoded, stored = encode(key, value)
    return Record(key, stored, encoded, at, ttl)


async def put(backend, *keys, **settings):
    return await backend.set_many([record(key, **settings) for key in keys])


def query(path, statement):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
async def test_directories_and_files_are_the_owners_alone(open_backend, path, tmp_path):
    umask = os.umask(0)
    try:
        await put(await open_backend(), "k")
    finally:
        os.umask(umask)
    files = list(path.parent.iterdir())
    assert {file.name for file in files} >= {"cache.db", "cache.db-wal"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_what_was_stored_is_there_after_reopening(open_backend):
    backend = await open_backend()
    await put(backend, "a", "b")
    await backend.close()
    again = await open_backend()
    assert set(await again.get_many(["a", "b", "c"])) == {"a", "b"}
    assert again.stats().size == 2


async def test_concurrent_sets_share_a_transaction(open_backend, path):
    backend = await open_backend()
    before = query(path, "SELECT now FROM totals")
    transactions = []
    await backend._database.writer.set_trace_callback(transactions.append)
    await asyncio.gather(*[put(backend, str(number)) for number in range(200)])
    assert transactions.count("COMMIT") <= 3
    assert query(path, "SELECT now FROM totals") > before


async def test_a_transaction_takes_one_switch_to_the_connections_thread_and_few_statements(
    open_backend, clock, monkeypatch
):
    backend = await open_backend(Limits(3, 10**6))
    await put(backend, "a", "b", "c")
    switches, statements = [], []
    writer = backend._database.writer
    await writer.set_trace_callback(statements.append)
    execute = writer._execute
    monkeypatch.setattr(writer, "_execute", lambda *given: (switches.append(given), execute(*given))[1])
    await put(backend, "d", at=clock())
    assert len(switches) == 1
    assert len(set(statements)) <= 10  # what a trigger does is traced as its statement once more
    assert backend.stats().evictions == 1


async def test_lookups_write_nothing_and_ask_once_for_many(open_backend):
    backend = await open_backend()
    keys = [str(number) for number in range(250)]
    await put(backend, *keys)
    asked, written = [], []
    await backend._database.reader.set_trace_callback(asked.append)
    await backend._database.writer.set_trace_callback(written.append)
    assert len(await backend.get_many(keys)) == 250
    assert await backend.get_many(["none"]) == {}
    assert len(asked) == 2
    assert written == []


async def test_what_is_being_written_is_already_found(open_backend):
    backend = await open_backend()
    await put(backend, "a", value="old")
    writing = [asyncio.create_task(put(backend, key, value="new")) for key in "ab"]
    removing = asyncio.create_task(backend.clear("c"))
    await asyncio.sleep(0)
    found = await backend.get_many(["a", "b", "c"])
    assert {key: found[key].value for key in found} == {"a": "new", "b": "new"}
    await asyncio.gather(*writing, removing)
    assert backend._unwritten == {}
    assert backend._clearing == []


async def test_what_is_used_survives_eviction_also_across_reopening(open_backend):
    backend = await open_backend(Limits(10, 10**6))
    await put(backend, *map(str, range(10)))
    for _ in range(5):
        await backend.get_many(["0", "1"])
    await backend.close()
    backend = await open_backend(Limits(10, 10**6))
    for number in range(10, 18):
        await put(backend, str(number))
    assert set(await backend.get_many(["0", "1"])) == {"0", "1"}
    assert backend.stats().size == 10
    assert backend.stats().evictions == 8


async def test_a_lower_limit_holds_from_the_moment_of_opening(open_backend):
    backend = await open_backend()
    await put(backend, *map(str, range(300)))
    await backend.close()
    assert (await open_backend(Limits(7, 10**6))).stats().size == 7


async def test_what_does_not_fit_at_once_is_evicted_among_itself(open_backend):
    backend = await open_backend(Limits(5, 10**6))
    await put(backend, *map(str, range(20)))
    assert backend.stats().size == 5


async def test_of_a_value_larger_than_the_file_may_be_nothing_is_left(open_backend):
    backend = await open_backend(Limits(10, 100))
    await put(backend, "k")
    assert await put(backend, "k", "l", value="x" * 200) == 0
    assert await backend.get_many(["k", "l"]) == {}


async def test_expired_values_are_removed_with_the_next_transaction(open_backend, path, clock):
    backend = await open_backend()
    await put(backend, *map(str, range(50)), ttl=10)
    clock.advance(10)
    await backend.set_many([record("new", at=clock())])
    assert query(path, "SELECT entries, size FROM totals") == [(1, 3)]
    assert query(path, "SELECT count(*) FROM usage") == [(1,)]


async def test_two_owners_of_one_file_keep_the_totals_right(open_backend, path):
    one, two = await open_backend(), await open_backend()
    await asyncio.gather(
        *[put(one, str(number), value="one") for number in range(60)],
        *[put(two, str(number), value="second") for number in range(30, 90)],
        *[one.delete_many([str(number)]) for number in range(20)],
    )
    await two.delete_many(["none"])
    entries, size = query(path, "SELECT count(*), sum(length(payload)) FROM entries")[0]
    assert (
        (two.stats().size, two.stats().size_bytes)
        == (entries, size)
        == query(path, "SELECT entries, size FROM totals")[0]
    )
    assert set(await one.get_many(["89"])) == {"89"}


# -- trouble -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 500, b"SQLite format 3\x00" + b"\xff" * 8_000], ids=["text", "header"]
)
async def test_a_damaged_file_is_moved_aside_and_built_anew_with_one_line_in_the_log(
    open_backend, path, caplog, content
):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    backend = await open_backend()
    assert await put(backend, "k") == 1
    assert (path.parent / "cache.db.corrupt").read_bytes() == content
    assert len(caplog.records) == 1
    assert "damaged" in caplog.text


async def test_damage_that_shows_later_is_repaired_too(open_backend, path, caplog):
    backend = await open_backend()
    await put(backend, *map(str, range(100)), value="x" * 5_000)
    await backend.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4_096 * 4)
        file.write(os.urandom(size - 4_096 * 4))
    backend = await open_backend()
    guarded = GuardedBackend(backend)
    await guarded.open()
    for number in range(100):
        await guarded.get_many([str(number)])
        await guarded.set_many([record(str(number))])
    assert await put(backend, "k") == 1
    assert set(await backend.get_many(["k"])) == {"k"}
    assert caplog.text.count("damaged") == 1


async def test_a_file_that_another_process_already_replaced_is_not_moved_aside_again(open_backend, path):
    backend = await open_backend()
    await put(backend, "k")
    inode = backend._database.inode
    await backend.close()
    sqlite_file._move_aside(path, (inode[0], inode[1] + 1))
    assert set(await (await open_backend()).get_many(["k"])) == {"k"}


@pytest.mark.parametrize("version", [0, 99])
async def test_a_file_of_another_schema_is_emptied_with_one_line_in_the_log(open_backend, path, caplog, version):
    backend = await open_backend()
    await put(backend, "k")
    await backend.close()
    query(path, f"PRAGMA user_version = {version}")
    backend = await open_backend()
    assert await backend.get_many(["k"]) == {}
    assert await put(backend, "k") == 1
    assert len(caplog.records) == 1


async def test_a_database_of_something_else_is_refused_and_left_alone(open_backend, path):
    path.parent.mkdir(parents=True)
    query(path, "CREATE TABLE precious(x)")
    with pytest.raises(BackendUnavailable, match="something else"):
        await open_backend()
    assert query(path, "SELECT name FROM sqlite_master") == [("precious",)]


@pytest.mark.parametrize("where", ["is a directory", "below a file"])
async def test_what_cannot_be_opened_is_unavailable_by_name(open_backend, path, where):
    if where == "is a directory":
        path.mkdir(parents=True)
    else:
        path.parent.parent.mkdir()
        path.parent.write_text("")
    with pytest.raises(BackendUnavailable, match=r"cache\.db"):
        await open_backend()


async def test_a_lock_is_waited_for(open_backend, path):
    backend = await open_backend()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    setting = asyncio.create_task(put(backend, "k"))
    await asyncio.sleep(0)
    assert set(await backend.get_many(["k", "l"])) == {"k"}  # lookups do not wait
    other.execute("COMMIT")
    other.close()
    assert await setting == 1


async def test_a_lock_that_stays_makes_the_store_unavailable_and_is_no_reason_to_wipe_it(open_backend, path):
    backend = await open_backend()
    await put(backend, "k")
    await backend._database.writer.execute_fetchall("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BackendUnavailable, match="locked"):
        await put(backend, "l")
    assert set(await (await open_backend()).get_many(["k"])) == {"k"}
    other.execute("COMMIT")
    other.close()
    assert await put(backend, "m") == 1
    assert set(await backend.get_many(["k", "l", "m"])) == {"k", "m"}


async def test_a_file_that_is_locked_before_it_has_a_schema_is_unavailable(open_backend, path, monkeypatch):
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.05)
    path.parent.mkdir(parents=True)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(BackendUnavailable, match="locked"):
        await open_backend()
    other.execute("COMMIT")
    other.close()
    assert await put(await open_backend(), "k") == 1


async def test_a_lower_limit_gives_the_disk_back_when_the_file_is_opened(open_backend, path):
    backend = await open_backend()
    await put(backend, *(f"k{number}" for number in range(400)), value="v" * 10_000)
    await backend.close()
    await (await open_backend(Limits(4, 10**9))).close()
    assert path.stat().st_size < 200_000


async def test_clearing_gives_the_disk_back(open_backend, path):
    backend = await open_backend()
    await put(backend, *map(str, range(200)), value="x" * 5_000)
    await backend.clear()
    await backend.close()
    assert path.stat().st_size < 100_000


async def test_a_full_disk_loses_nothing_and_is_over_when_there_is_room(open_backend):
    backend = await open_backend()
    await put(backend, "k")
    writer = backend._database.writer
    ((pages,),) = await writer.execute_fetchall("PRAGMA page_count")
    await writer.execute_fetchall(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(BackendUnavailable, match="full"):
        await put(backend, "l", value="x" * 100_000)
    assert set(await backend.get_many(["k", "l"])) == {"k"}
    assert backend._unwritten == {}
    await writer.execute_fetchall("PRAGMA max_page_count = 1000000")
    assert await put(backend, "l", value="x" * 100_000) == 1


async def test_a_cancelled_set_may_be_written_and_harms_nobody(open_backend):
    backend = await open_backend()
    setting = asyncio.create_task(put(backend, "a"))
    await asyncio.sleep(0)
    setting.cancel()
    assert await put(backend, "b") == 1
    assert setting.cancelled()


async def test_closing_writes_what_is_queued_and_refuses_what_comes_after(open_backend):
    backend = await open_backend()
    setting = asyncio.create_task(put(backend, "a"))
    await asyncio.sleep(0)
    await backend.close()
    assert await setting == 1
    with pytest.raises(BackendUnavailable, match="closed"):
        await put(backend, "b")
    with pytest.raises(BackendUnavailable, match="closed"):
        await backend.get_many(["a"])
    await backend.close()


async def test_closing_does_not_wait_for_a_lock_for_ever(open_backend, path, monkeypatch):
    backend = await open_backend()
    await backend._database.writer.execute_fetchall("PRAGMA busy_timeout = 300")
    monkeypatch.setattr("magnetar.cache.backends.sqlite._CLOSE_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    setting = asyncio.create_task(put(backend, "a"))
    await asyncio.sleep(0)
    started = time.monotonic()
    await backend.close()
    assert time.monotonic() - started < 5
    with pytest.raises(BackendUnavailable):
        await setting
    other.close()


def test_a_loop_that_ends_without_closing_leaves_no_thread_behind(path):
    async def forget():
        await SqliteBackend(path, WIDE).open()

    asyncio.run(forget())
    assert not [file.name for file in path.parent.iterdir() if file.name.endswith("-wal")]
