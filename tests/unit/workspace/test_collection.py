"""What the cache directory keeps of folders, and for how long."""

import os

import pytest
from filelock import FileLock

from magnetar.search.store import Store
from magnetar.workspace import collection
from magnetar.workspace.collection import collect, note_use
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


def test_what_was_learned_of_a_folder_that_is_still_there_is_never_given_up_for_room(tmp_path, keep):
    databases = keep(1, unused=80), keep(2, unused=1)
    assert collect(tmp_path / "v1", 0, NOW) == 0
    assert left(*databases) == [True, True]


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
