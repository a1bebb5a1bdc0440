"""What the cache directory keeps of folders, and for how long."""

import errno
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, closing
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from filelock import FileLock

from magnetar.files.fingerprint import Fingerprint
from magnetar.search.emptying import give_up_index
from magnetar.search.store import Entry, FileRow, Store
from magnetar.workspace import collection, disk
from magnetar.workspace.collection import bytes_kept, collect, note_use
from magnetar.workspace.lease import Lease

DAY = 86_400.0
NOW = 2_000_000_000.0
ROOMY = 2**40
MEGABYTE = 2**20


@pytest.fixture
def keep(tmp_path):
    """Makes what is kept of a folder that was last used so many days ago; gives its database."""

    def make(number, *, unused, size=MEGABYTE, gone=False):
        root = tmp_path / f"project{number}"
        if not gone:
            root.mkdir()
        directory = tmp_path / "v1" / "workspaces" / f"{number:016x}"
        directory.mkdir(parents=True)
        note_use(directory, root)
        database = directory / "workspace.db"
        database.write_bytes(bytes(size))
        for path in (directory / "folder", database):
            os.utime(path, (NOW - unused * DAY,) * 2)
        return database

    return make


@pytest.fixture
async def close_folder(root, tmp_path):
    """Opens a folder by a true database, with a file and what the user did, and closes it; gives its database."""
    numbers = count(1)

    async def make(*, unused):
        database = tmp_path / "v1" / "workspaces" / f"{next(numbers):016x}" / "workspace.db"
        note_use(database.parent, root)
        async with AsyncExitStack() as stack:
            store = await Store.open(database, stack)
            fingerprint = Fingerprint(1, 1, 1, 1)
            row = FileRow("a.py", fingerprint, 1, "", "python", 1, 0, 0, None)
            await store.replace([Entry(row, "", " ".join(f"word{number}" for number in range(50_000)))])
            await store.log_accesses([(1.0, "p", "s", "a.py", "open"), (2.0, "p", "s", "b.py", "open")])
        for path in database.parent.iterdir():
            os.utime(path, (NOW - unused * DAY,) * 2)
        return database

    return make


async def known(database):
    """How many files a database knows, and the numbers and paths of what the user did."""
    async with AsyncExitStack() as stack:
        store = await Store.open(database, stack)
        accesses = [(access.id, access.path) for access in await store.accesses_after(0)]
        return len(await store.files()), accesses


def left(*databases):
    return [database.exists() for database in databases]


def test_what_was_used_lately_stays_and_what_was_not_for_a_season_goes(tmp_path, keep):
    databases = keep(1, unused=1), keep(2, unused=80), keep(3, unused=100)
    assert collect(tmp_path / "v1", ROOMY, NOW) == 1
    assert left(*databases) == [True, True, False]


def test_what_is_kept_of_a_folder_that_is_gone_stays_for_a_month(tmp_path, keep):
    databases = keep(1, unused=20, gone=True), keep(2, unused=40, gone=True), keep(3, unused=40)
    collect(tmp_path / "v1", ROOMY, NOW)
    assert left(*databases) == [True, False, True]


def test_where_room_is_needed_what_is_kept_of_folders_that_are_gone_goes_least_recently_used_first(tmp_path, keep):
    databases = keep(1, unused=3, gone=True), keep(2, unused=1, gone=True), keep(3, unused=2, gone=True)
    (tmp_path / "v1" / "content.db").write_bytes(bytes(MEGABYTE))
    collect(tmp_path / "v1", 2 * MEGABYTE, NOW)
    assert left(*databases) == [False, True, False]


async def test_where_room_is_needed_closed_folders_give_up_their_indexes_and_keep_what_was_learned(
    tmp_path, close_folder
):
    databases = [await close_folder(unused=days) for days in (1, 80, 2)]
    size = databases[0].stat().st_size
    assert collect(tmp_path / "v1", 5 * size // 2, NOW) == 1  # the one used least recently
    assert bytes_kept(tmp_path / "v1") < 5 * size // 2
    collect(tmp_path / "v1", 0, NOW)
    assert bytes_kept(tmp_path / "v1") < size
    learned = [(1, "a.py"), (2, "b.py")]
    assert [await known(database) for database in databases] == [(0, learned)] * 3


async def test_an_index_that_is_given_up_counts_as_no_use_and_is_not_given_up_again(tmp_path, close_folder):
    database = await close_folder(unused=80)
    used = database.stat().st_mtime
    assert [collect(tmp_path / "v1", 0, NOW) for _ in range(2)] == [1, 0]
    assert database.stat().st_mtime == used
    collect(tmp_path / "v1", ROOMY, NOW + 11 * DAY)
    assert left(database) == [False]


@pytest.mark.parametrize("interrupted", ["VACUUM", "BEGIN IMMEDIATE"])
async def test_an_index_whose_giving_up_was_interrupted_is_given_up_the_next_time(
    tmp_path, close_folder, monkeypatch, interrupted
):
    class Interrupted(sqlite3.Connection):
        def execute(self, statement, *parameters):
            if statement == interrupted:
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(statement, *parameters)

    database = await close_folder(unused=1)
    size = database.stat().st_size
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Interrupted))
        collect(tmp_path / "v1", 0, NOW)
    assert bytes_kept(tmp_path / "v1") >= size
    collect(tmp_path / "v1", 0, NOW)
    assert bytes_kept(tmp_path / "v1") < size / 4
    assert await known(database) == (0, [(1, "a.py"), (2, "b.py")])


async def test_what_was_cleared_gives_its_room_back_where_it_is_needed(tmp_path, close_folder):
    database = await close_folder(unused=1)
    size = database.stat().st_size
    async with AsyncExitStack() as stack:
        await (await Store.open(database, stack)).clear_files()
    os.utime(database, (NOW - DAY, NOW - DAY))
    collect(tmp_path / "v1", 0, NOW)
    assert database.stat().st_size < size / 4


async def test_giving_an_index_up_takes_little_room_for_itself(tmp_path, close_folder, monkeypatch):
    database = await close_folder(unused=1)
    size = database.stat().st_size
    logs = []

    class Watched(sqlite3.Connection):
        def execute(self, statement, *parameters):
            result = super().execute(statement, *parameters)
            logs.extend(path.stat().st_size for path in database.parent.glob("*-wal"))
            return result

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Watched))
    collect(tmp_path / "v1", 0, NOW)
    assert 0 < max(logs) < size / 4


async def test_of_several_that_look_at_once_one_gives_up_what_is_too_much(tmp_path, close_folder):
    databases = [await close_folder(unused=days) for days in (3, 2, 1)]
    most = bytes_kept(tmp_path / "v1") - 1
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda _: collect(tmp_path / "v1", most, NOW), range(4))) == 1
    assert [(await known(database))[0] for database in databases] == [0, 1, 1]


def test_contents_that_were_moved_aside_go_before_any_index(tmp_path, keep):
    databases = [keep(1, unused=1, gone=True)]
    spoilt = tmp_path / "v1" / "content.db.corrupt"
    spoilt.write_bytes(bytes(8 * MEGABYTE))
    collect(tmp_path / "v1", 2 * MEGABYTE, NOW)
    assert left(spoilt, *databases) == [False, True]


@pytest.mark.parametrize("error", [PermissionError(), OSError(errno.ESTALE, "stale")])
def test_a_folder_that_cannot_be_looked_at_is_not_gone(tmp_path, keep, monkeypatch, error):
    database = keep(1, unused=40, gone=True)
    look = Path.stat

    def stat(path, **options):
        if path.name == "project1":
            raise error
        return look(path, **options)

    monkeypatch.setattr(Path, "stat", stat)
    collect(tmp_path / "v1", 0, NOW)
    assert left(database) == [True]


async def test_what_a_closed_folder_has_moved_aside_goes_with_its_index(tmp_path, close_folder):
    database = await close_folder(unused=1)
    spoilt = database.with_name("workspace.db.damaged")
    spoilt.write_bytes(bytes(MEGABYTE))
    os.utime(spoilt, (0, 0))
    collect(tmp_path / "v1", 0, NOW)
    assert left(database, spoilt) == [True, False]


async def test_access_numbers_go_on_where_they_stood_when_an_index_is_given_up(tmp_path, close_folder):
    database = await close_folder(unused=1)
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("DELETE FROM accesses")  # folded into a model that knows how far it has read
    os.utime(database, (NOW - DAY, NOW - DAY))
    collect(tmp_path / "v1", 0, NOW)
    async with AsyncExitStack() as stack:
        store = await Store.open(database, stack)
        await store.log_accesses([(3.0, "p", "s", "c.py", "open")])
        assert [access.id for access in await store.accesses_after(0)] == [3]


async def test_a_database_that_is_locked_or_cannot_be_understood_stays_as_it_is(tmp_path, keep, close_folder):
    garbage, newer, locked = keep(9, unused=3), await close_folder(unused=2), await close_folder(unused=1)
    with closing(sqlite3.connect(newer)) as db:
        db.execute("PRAGMA user_version = 77")
    os.utime(newer, (NOW - 2 * DAY,) * 2)
    before = garbage.read_bytes(), newer.read_bytes()
    with closing(sqlite3.connect(locked, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        assert collect(tmp_path / "v1", 0, NOW) == 0
    assert (garbage.read_bytes(), newer.read_bytes()) == before
    assert (await known(locked))[0] == 1


async def test_who_waits_with_a_folder_open_while_its_index_is_given_up_finds_everything_again(
    root, tmp_path, open_workspace, monkeypatch
):
    (root / "a.py").write_text("zebra_crossing = 1\n")
    monkeypatch.setattr(disk, "_LEASE_SECONDS", 0.01)
    async with AsyncExitStack() as first_only:
        await first_only.enter_async_context(open_workspace())
        async with open_workspace(warm=False) as second:
            give_up_index(tmp_path / "cache" / "workspace.db")
            await first_only.aclose()
            while not second._index.writable:
                await second.settled()
            await second.warm()
            assert [path for path, _ in await second.lexical({"=zebra_crossing": 1.0}, 5)] == ["a.py"]


def test_a_quarter_is_for_the_folders_however_large_the_values_are(tmp_path, keep):
    databases = keep(1, unused=2, gone=True), keep(2, unused=1, gone=True)
    (tmp_path / "v1" / "content.db").write_bytes(bytes(9 * MEGABYTE))
    collect(tmp_path / "v1", 8 * MEGABYTE, NOW)
    assert left(*databases) == [True, True]


@pytest.mark.parametrize("lock", ["index.lock", "opening.lock"])
def test_what_a_process_has_open_or_is_opening_is_never_removed(tmp_path, keep, lock):
    database = keep(1, unused=100)
    with FileLock(database.with_name(lock)):
        assert collect(tmp_path / "v1", 0, NOW) == 0
    assert left(database) == [True]
    assert collect(tmp_path / "v1", 0, NOW) == 1


def test_what_was_used_a_moment_ago_is_never_removed(tmp_path, keep):
    database = keep(1, unused=0, gone=True)
    collect(tmp_path / "v1", 0, NOW)
    assert left(database) == [True]


def test_what_is_opened_while_others_are_removed_stays(tmp_path, keep, monkeypatch):
    database = keep(1, unused=100)

    class OpenedMeanwhile(Lease):
        def acquire(self):
            note_use(database.parent, tmp_path)
            os.utime(database.with_name("folder"), (NOW, NOW))
            return super().acquire()

    monkeypatch.setattr(collection, "Lease", OpenedMeanwhile)
    assert collect(tmp_path / "v1", ROOMY, NOW) == 0
    assert left(database, database.with_name("folder")) == [True, True]


def test_nothing_else_in_the_directory_is_touched(tmp_path, keep):
    database = keep(1, unused=100)
    elsewhere = tmp_path / "v1" / "workspaces" / "notes" / "workspace.db"
    elsewhere.parent.mkdir()
    beside = database.with_name("notes.txt")
    for path in (elsewhere, beside):
        path.write_bytes(b"mine")
        os.utime(path, (0, 0))
    collect(tmp_path / "v1", 0, NOW)
    assert left(database, elsewhere, beside) == [False, True, True]


def test_a_lease_is_free_again_after_a_collection(tmp_path, keep):
    database = keep(1, unused=100)
    collect(tmp_path / "v1", 0, NOW)
    assert Lease(database.with_name("index.lock")).acquire()


async def test_an_open_folder_is_noted_and_its_lease_is_held(root, tmp_path, open_workspace):
    async with open_workspace():
        assert (tmp_path / "cache" / "folder").read_text() == str(root)
        assert not Lease(tmp_path / "cache" / "index.lock").acquire()


async def test_a_folder_is_noted_before_its_database_is_opened(root, tmp_path, open_workspace, monkeypatch):
    open_store = Store.open

    async def opening(path, stack):
        assert (tmp_path / "cache" / "folder").read_text() == str(root)
        return await open_store(path, stack)

    monkeypatch.setattr(Store, "open", opening)
    async with open_workspace(warm=False):
        pass
