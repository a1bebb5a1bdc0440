"""What the cache directory keeps of folders, for how long, and what goes where there is too much."""

import logging
import os
import sqlite3
from contextlib import AsyncExitStack, closing

import pytest
from filelock import FileLock

from magnetar.files.fingerprint import Fingerprint
from magnetar.search import reduction
from magnetar.search.store import Entry, FileRow, Store
from magnetar.workspace import collection
from magnetar.workspace.collection import Collection, bytes_kept, note_use
from magnetar.workspace.lease import Lease

DAY = 86_400.0
NOW = 2_000_000_000.0
ROOMY = 2**40
WORDS = " ".join(f"word{number}" for number in range(40_000))


@pytest.fixture
def collect(tmp_path):
    """Collects, within so many bytes; what is left."""
    bounds = Collection(tmp_path / "v1")

    async def run(most_bytes, now=NOW):
        await bounds.collect(most_bytes, now)
        return bytes_kept(tmp_path / "v1")

    return run


@pytest.fixture
def place(tmp_path):
    """The directory of what is kept of a folder that is still there, or gone."""

    def make(number, *, gone=False):
        root = tmp_path / f"project{number}"
        if not gone:
            root.mkdir()
        directory = tmp_path / "v1" / "workspaces" / f"{number:016x}"
        note_use(directory, root)
        return directory

    return make


def used(directory, *, days_ago):
    for path in directory.iterdir():
        os.utime(path, (NOW - days_ago * DAY,) * 2)
    return directory


@pytest.fixture
def keep(place):
    """Makes what is kept of a folder that was last used so many days ago, a stand-in for its database; gives that."""

    def make(number, *, unused, gone=False):
        directory = place(number, gone=gone)
        (directory / "workspace.db").touch()
        return used(directory, days_ago=unused) / "workspace.db"

    return make


@pytest.fixture
def index(place):
    """Makes the real database of a folder, with an index and something learned; gives its directory."""

    async def make(number, *, unused, size=WORDS):
        directory = place(number)
        async with AsyncExitStack() as stack:
            store = await Store.open(directory / "workspace.db", stack)
            row = FileRow("a.py", Fingerprint(1, 1, 1, 1), 1, "0" * 64, "python", 1, 0, 1, None)
            await store.replace([Entry(row, "a", size)])
            await store.log_accesses([(1.0, "p", "s", "a.py", "open")])
            await store.set_facts({"model": b"1 model-1-p.json"})
        (directory / "model-1-p.json").write_text("{}")
        return used(directory, days_ago=unused)

    return make


async def held(directory):
    """What a database holds: of the index, and of what was learned."""
    async with AsyncExitStack() as stack:
        store = await Store.open(directory / "workspace.db", stack)
        learned = [access.path for access in await store.accesses_after(0)], await store.get_fact("model")
        return [row.path for row in await store.files()], *learned


WHOLE = ["a.py"], ["a.py"], b"1 model-1-p.json"
LEARNED = [], ["a.py"], b"1 model-1-p.json"


def left(*databases):
    return [database.exists() for database in databases]


async def test_what_was_used_lately_stays_and_what_was_not_for_a_season_goes(keep, collect):
    databases = keep(1, unused=1), keep(2, unused=80), keep(3, unused=100)
    await collect(ROOMY)
    assert left(*databases) == [True, True, False]


async def test_what_is_kept_of_a_folder_that_is_gone_stays_for_a_month(keep, collect):
    databases = keep(1, unused=20, gone=True), keep(2, unused=40, gone=True), keep(3, unused=40)
    await collect(ROOMY)
    assert left(*databases) == [True, False, True]


async def test_where_room_is_needed_indexes_go_first_least_recently_used_first(index, collect, tmp_path):
    kept = [await index(1, unused=3), await index(2, unused=1), await index(3, unused=2)]
    before = bytes_kept(tmp_path / "v1")
    assert await collect(before - 1) < before
    assert [await held(directory) for directory in kept] == [LEARNED, WHOLE, WHOLE]
    assert all((directory / "model-1-p.json").exists() for directory in kept)


async def test_what_was_learned_stays_as_long_as_that_fits(index, collect):
    kept = [await index(number, unused=number) for number in (1, 2, 3)]
    small = await collect(0, now=NOW - 3 * DAY)  # by this clock, all were used a moment ago
    assert [await held(directory) for directory in kept] == [LEARNED] * 3
    for number, directory in enumerate(kept, 1):
        used(directory, days_ago=number)
    assert await collect(small * 3) == small
    await collect(small - 1)
    assert left(*(directory / "workspace.db" for directory in kept)) == [True, True, False]
    assert not (kept[2] / "model-1-p.json").exists()


async def test_nothing_is_left_where_nothing_may_be(index, collect):
    kept = [await index(number, unused=number) for number in (1, 2)]
    assert await collect(0) == 0
    left_over = [sorted(path.name for path in directory.iterdir()) for directory in kept]
    assert left_over == [["index.lock", "opening.lock"]] * 2


async def test_giving_up_an_index_is_no_use_of_its_folder(index, collect):
    directory = await index(1, unused=5)
    await collect(0, now=NOW - 5 * DAY)
    assert (directory / "workspace.db").stat().st_mtime == NOW - 5 * DAY


async def test_what_was_learned_and_is_only_in_the_log_of_a_killed_process_counts_and_is_kept(index, collect, tmp_path):
    directory = await index(1, unused=1)
    database = directory / "workspace.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("INSERT INTO accesses(at, process, session, path, kind) VALUES(2, 'p', 's', 'b.py', 'open')")
        copies = {path: path.read_bytes() for path in directory.glob("workspace.db*")}
    for path, content in copies.items():
        path.write_bytes(content)
    used(directory, days_ago=1)
    assert bytes_kept(tmp_path / "v1") > sum(map(len, copies.values())) - 1
    assert database.with_name("workspace.db-wal").exists()
    await collect(0, now=NOW - DAY)
    assert await held(directory) == ([], ["a.py", "b.py"], b"1 model-1-p.json")


async def test_what_was_moved_aside_goes_before_anything_else(index, collect, tmp_path):
    directory = await index(1, unused=1)
    damaged, corrupt = directory / "workspace.db.damaged", tmp_path / "v1" / "content.db.corrupt"
    for path in (damaged, corrupt):
        path.write_bytes(bytes(1000))
    await collect(bytes_kept(tmp_path / "v1"))
    assert left(damaged, corrupt) == [True, True]
    await collect(bytes_kept(tmp_path / "v1") - 1)
    assert left(damaged, corrupt) == [False, False]
    assert await held(directory) == WHOLE


async def test_a_database_that_is_damaged_is_given_up_all_the_same(index, collect):
    directory = await index(1, unused=1)
    (directory / "workspace.db").write_bytes(b"garbage" * 100_000)
    used(directory, days_ago=1)
    await collect(100_000 + 4_096, now=NOW - DAY)
    assert await held(directory) == ([], [], None)


@pytest.mark.parametrize("lock", ["index.lock", "opening.lock"])
async def test_what_a_process_writes_or_is_opening_is_never_touched(index, collect, lock):
    directory = await index(1, unused=100)
    before = (directory / "workspace.db").read_bytes()
    with FileLock(directory / lock):
        await collect(0)
        assert (directory / "workspace.db").read_bytes() == before
    assert await collect(0) == 0


async def test_what_a_process_reads_without_the_lease_is_never_touched(index, collect):
    directory = await index(1, unused=100)
    async with AsyncExitStack() as stack:
        store = await Store.open(directory / "workspace.db", stack)
        used(directory, days_ago=100)
        await collect(0)
        assert len(await store.files()) == 1
        assert await store.change_count()
        assert store.link._is_in_place(store.link._connections)
    used(directory, days_ago=100)
    assert await collect(0) == 0


async def test_what_is_in_use_and_too_much_by_itself_is_told_once(index, collect, caplog):
    directory = await index(1, unused=1)
    with caplog.at_level(logging.WARNING), FileLock(directory / "index.lock"):
        await collect(0)
        await collect(0)
        assert caplog.text.count("magnetar.cache.diskMaxBytes") == 1
        await collect(ROOMY)
        await collect(0)
        assert caplog.text.count("magnetar.cache.diskMaxBytes") == 2


async def test_what_was_used_a_moment_ago_is_never_removed(keep, collect):
    database = keep(1, unused=0, gone=True)
    await collect(0)
    assert left(database) == [True]


async def test_what_is_opened_while_others_are_removed_stays(tmp_path, keep, collect, monkeypatch):
    database = keep(1, unused=100)

    class OpenedMeanwhile(Lease):
        def acquire(self):
            note_use(database.parent, tmp_path)
            os.utime(database.with_name("folder"), (NOW, NOW))
            return super().acquire()

    monkeypatch.setattr(collection, "Lease", OpenedMeanwhile)
    await collect(ROOMY)
    assert left(database, database.with_name("folder")) == [True, True]


STEPS = ["make_beside", "replace"]


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_that_ends_at_any_step_leaves_a_whole_database(index, monkeypatch, step):
    directory = await index(1, unused=1)
    before = {path.name: path.read_bytes() for path in directory.glob("workspace.db*")}

    def end(*_arguments):
        raise SystemExit

    monkeypatch.setattr(reduction, step, end)
    with pytest.raises(SystemExit):
        await reduction.reduce(directory / "workspace.db")
    assert (directory / "workspace.db").read_bytes() == before["workspace.db"]
    assert await held(directory) == WHOLE


async def test_a_new_database_that_was_not_put_in_its_place_is_put_there_at_the_next_opening(index, monkeypatch):
    directory = await index(1, unused=1)

    def end(path):
        path.replace(path.with_name("workspace.db.damaged"))
        raise SystemExit

    monkeypatch.setattr(reduction, "replace", end)
    with pytest.raises(SystemExit):
        await reduction.reduce(directory / "workspace.db")
    assert await held(directory) == LEARNED


async def test_nothing_else_in_the_directory_is_touched(tmp_path, keep, collect):
    database = keep(1, unused=100)
    elsewhere = tmp_path / "v1" / "workspaces" / "notes" / "workspace.db"
    elsewhere.parent.mkdir()
    beside = database.with_name("notes.txt")
    for path in (elsewhere, beside):
        path.write_bytes(b"mine")
        os.utime(path, (0, 0))
    await collect(0)
    assert left(database, elsewhere, beside) == [False, True, True]


async def test_a_lease_is_free_again_after_a_collection(keep, collect):
    database = keep(1, unused=100)
    await collect(0)
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
