"""The workspace database: what it answers, and that no cancelled caller leaves it in the middle of something."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack

import pytest

from magnetar.files.fingerprint import Fingerprint
from magnetar.search.store import Entry, FileRow, Role, Store


@pytest.fixture
async def store(tmp_path):
    async with AsyncExitStack() as stack:
        yield await Store.open(tmp_path / "workspace.db", stack)


def entry(path, lexicon="", names=()):
    row = FileRow(path, Fingerprint(1, 2, 3, 4), 5, "sha", "python", 10, 2, 7, None)
    return Entry(row, "path", lexicon, frozenset(names))


async def test_files_are_found_by_words_and_by_names_until_they_are_removed(store):
    await store.replace([entry("a.py", "turbine rotor", {(Role.DEFINES, "Turbine")}), entry("b.py", "rotor")])
    assert [path for path, _ in await store.lexical(["turbine", "rotor"], 5)] == ["a.py", "b.py"]
    assert await store.document_frequency(["rotor", "absent"]) == {"rotor": 2}
    assert await store.named(Role.DEFINES, ["Turbine"]) == {"Turbine": ("a.py",)}
    await store.remove(["a.py"])
    assert [path for path, _ in await store.lexical(["turbine", "rotor"], 5)] == ["b.py"]
    assert await store.named(Role.DEFINES, ["Turbine"]) == {}


async def test_names_that_too_many_files_define_are_left_out_where_that_is_asked_for(store):
    common, rare = (Role.DEFINES, "main"), (Role.DEFINES, "Turbine")
    await store.replace(
        [entry(f"{letter}.py", names={common, rare} if letter < "c" else {common}) for letter in "dcba"]
    )
    names = ["main", "Turbine", "Turbine", "absent"]
    assert await store.named(Role.DEFINES, names, 2) == {"Turbine": ("a.py", "b.py")}
    assert await store.named(Role.DEFINES, names, 4) == await store.named(Role.DEFINES, names)
    assert len((await store.named(Role.DEFINES, names))["main"]) == 4


async def test_what_is_replaced_is_found_by_its_new_words_alone(store):
    await store.replace([entry("a.py", "old")])
    await store.replace([entry("a.py", "new")])
    assert await store.document_frequency(["old", "new"]) == {"new": 1}
    assert len(await store.files()) == 1


async def test_a_symbol_is_found_by_part_of_its_name_the_exact_one_first(store):
    names = {(Role.DEFINES, name) for name in ("Parser", "parser_state", "HTMLParser", "other")}
    await store.replace([entry("a.py", "", names)])
    assert [name for name, _ in await store.definitions_like("Parser", 5)] == ["Parser", "parser_state", "HTMLParser"]
    assert await store.definitions_like("100%_", 5) == []


@pytest.mark.parametrize("steps", range(12))
async def test_a_cancelled_write_leaves_the_database_ready_for_the_next(store, steps):
    task = asyncio.ensure_future(store.replace([entry("a.py", "word", {(Role.DEFINES, "Name")})]))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await store.replace([entry("b.py", "word")])
    assert "b.py" in {row.path for row in await store.files()}


async def test_the_log_gives_what_came_after(store):
    await store.log_accesses([(1.0, "p", "s", "a.py", "open"), (2.0, "p", "s", "b.py", "edit")])
    first, second = await store.accesses_after(0)
    assert (first.path, second.kind) == ("a.py", "edit")
    assert await store.accesses_after(first.id) == [second]
    assert await store.clear_accesses() == 2


async def test_a_damaged_database_is_moved_aside_and_built_anew(tmp_path, caplog):
    path = tmp_path / "workspace.db"
    path.write_bytes(b"this is no database" * 100)
    async with AsyncExitStack() as stack:
        store = await Store.open(path, stack)
        assert await store.files() == []
    assert path.with_name("workspace.db.damaged").exists()
    assert "moved aside" in caplog.text


async def test_where_nothing_can_be_written_the_index_lives_in_memory(tmp_path):
    (tmp_path / "file").write_text("in the way")
    async with AsyncExitStack() as stack:
        store = await Store.open(tmp_path / "file" / "workspace.db", stack)
        assert store.in_memory
        await store.replace([entry("a.py", "word")])
        assert await store.document_frequency(["word"]) == {"word": 1}


@pytest.mark.parametrize("table", ["files", "names"])
async def test_a_page_that_was_overwritten_is_noticed_at_opening(tmp_path, table):
    path = tmp_path / "workspace.db"
    async with AsyncExitStack() as stack:
        store = await Store.open(path, stack)
        names = {(Role.DEFINES, f"Name{number}") for number in range(2_000)}
        await store.replace([entry(f"m{number}.py", "word", names if number == 0 else ()) for number in range(400)])
    with sqlite3.connect(path) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    async with AsyncExitStack() as stack:
        store = await Store.open(path, stack)
        assert await store.files() == []
        assert store.in_memory is None
