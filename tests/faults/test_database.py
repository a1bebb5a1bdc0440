"""Databases that are damaged, foreign, of another version, locked or not to be written: right answers, nothing learned is lost."""

import contextlib
import random
import shutil
import sqlite3
import time

import pytest

from faults.project import Project, helper

HOLDER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def warmed(directory, files):
    """A project whose server has warmed, learned and left; its cache is kept."""
    project = Project(directory, files)
    with project.editor() as editor:
        editor.settle()
        project.tour(editor, *project.names[:4])
        project.holds(editor)
        assert project.learned(editor) == 3
    shutil.copytree(project.cache, project.cache.with_name("kept"))
    return project


def restored(project):
    """The same project with the cache that was kept."""
    shutil.rmtree(project.cache)
    shutil.copytree(project.cache.with_name("kept"), project.cache)
    return project


@pytest.fixture(scope="module")
def used_once(tmp_path_factory):
    return warmed(tmp_path_factory.mktemp("used"), 12)


@pytest.fixture
def used(used_once):
    """A project that was worked in."""
    return restored(used_once)


def pages_with(path, word):
    """The numbers of the pages whose bytes hold a word."""
    data, size = path.read_bytes(), 4096
    return [number for number in range(len(data) // size) if word in data[number * size : (number + 1) * size]]


def overwrite(path, page, filling=b"\xa5"):
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(filling * 4096)


def garbage(path):
    path.write_bytes(random.Random(7).randbytes(path.stat().st_size))


def nothing(path):
    path.write_bytes(b"")


def wrong_magic(path):
    path.write_bytes(b"SQLite format 4\0" + path.read_bytes()[16:])


def cut_in_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 8192 * 4096])


def old_version(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 77")


def other_tables(path):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            with contextlib.suppress(sqlite3.OperationalError):
                database.execute(f"DROP TABLE {name}")
        database.execute("CREATE TABLE files(odd)")


DAMAGE = [garbage, nothing, wrong_magic, cut_in_half, old_version, other_tables]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("which", ["index", "contents"])
def test_a_damaged_database_is_rebuilt_when_it_is_opened(used, which, damage):
    path = getattr(used, which)
    damage(path)
    with used.editor() as editor:
        editor.settle()
        used.holds(editor)
        used.tour(editor, *used.names[:4])
    used.sound()


def test_an_index_of_another_version_is_rebuilt_and_what_the_user_taught_is_kept(used):
    old_version(used.index)
    with used.editor() as editor:
        editor.settle()
        assert used.learned(editor) == 3


@pytest.mark.parametrize("table", ["sqlite_autoindex_files_1", "facts"])
def test_damage_that_shows_only_when_the_folder_is_loaded_is_mended(used, table):
    with contextlib.closing(sqlite3.connect(used.index)) as database:
        ((page,),) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
    overwrite(used.index, page - 1, b"*")
    with used.editor() as editor:
        used.serves_only_truth(editor)
        editor.settle()
        used.holds(editor)
    used.sound()


@pytest.fixture(scope="module")
def large_once(tmp_path_factory):
    return warmed(tmp_path_factory.mktemp("large"), 60)


@pytest.fixture
def large(large_once):
    """The same, whose index has many pages."""
    return restored(large_once)


def test_damage_deep_in_the_full_text_index_is_mended_while_requests_are_answered(large):
    for page in pages_with(large.index, b"depth")[1:]:
        overwrite(large.index, page)
    with large.editor() as editor:
        for name in large.names[:12]:
            large.serves_only_truth(editor, f"{name[:-3]} depth measure")
        editor.settle()
        large.holds(editor, large.names[:20])
        assert large.learned(editor) == 3
    large.sound()


def test_damage_under_a_running_server_is_mended(large):
    with large.editor() as editor:
        editor.settle()
        large.holds(editor)
        large.tour(editor, *large.names[4:6])
        before = large.learned(editor)
        for page in range(2, large.index.stat().st_size // 4096):
            overwrite(large.index, page)
        for name in large.names[10:24]:
            large.write(name, large.truth.text_of(large.root / name) + "\n\nchanged = 1\n")
            large.serves_only_truth(editor, f"{name[:-3]} changed")
        editor.settle()
        large.holds(editor, large.names[:20])
        large.tour(editor, *large.names[6:8])
        assert large.learned(editor) == before + 2
    large.sound()
    with large.editor() as editor:
        editor.settle()
        assert large.learned(editor) == before + 2


def test_random_pages_overwritten_between_two_starts_never_make_an_answer_wrong(large, effort):
    for number in range(effort.times("database: random pages overwritten, then a start", 3, 300)):
        dice = random.Random(effort.seed * 10_000 + number)
        restored(large)
        path = dice.choice([large.index, large.contents])
        for _ in range(dice.choice([1, 2, 8])):
            overwrite(path, dice.randrange(path.stat().st_size // 4096), dice.choice([b"\0", b"\xff", b"\x2a"]))
        with large.editor() as editor:
            large.serves_only_truth(editor, "anchor depth measure")
            editor.settle()
            large.holds(editor, dice.sample(large.names, 3))


def answers_while_locked(project, editor, which, effort):
    """Asks for as long as a database is to stay locked."""
    seconds = effort.times(f"database: seconds that the {which} stays locked", 30 if effort.long else 1, 30)
    over = time.monotonic() + seconds
    project.serves_only_truth(editor)
    while time.monotonic() < over:
        project.serves_only_truth(editor)


@pytest.mark.parametrize("which", ["index", "contents"])
def test_answers_come_while_a_database_is_locked_and_what_was_learned_meanwhile_is_kept(used, which, effort):
    with helper(HOLDER, getattr(used, which)) as holder, used.editor() as editor:
        for name in used.names[5:8]:
            editor.focus(used.root / name)
        answers_while_locked(used, editor, which, effort)
        holder.kill()
        holder.wait()
        editor.settle()  # an index that was locked is made anew, in memory
        used.holds(editor)
    with used.editor() as editor:
        editor.settle()
        used.holds(editor)
        assert used.learned(editor) == 5


def test_a_lock_under_a_running_server_delays_what_is_kept_but_loses_nothing(used, effort):
    with used.editor() as editor:
        editor.settle()
        with helper(HOLDER, used.index):
            used.write("volcano.py", "def volcano_depth():\n    return 1\n")
            editor.focus(used.root / used.names[5])
            editor.focus(used.root / used.names[6])
            answers_while_locked(used, editor, "index of a running server", effort)
            if editor.process.poll() is not None:
                pytest.fail("the server ended")
        editor.settle()
        used.holds(editor, [used.names[0], "volcano.py"])
    with used.editor() as editor:
        assert used.learned(editor) == 4
