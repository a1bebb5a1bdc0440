"""A database that is found damaged or replaced while it is open: one new file for all who share it, and nothing stored in the old."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack
from unittest.mock import Mock

import pytest

from magnetar.errors import BackendUnavailable
from magnetar.search import database, link
from magnetar.search.store import Store

MALFORMED = sqlite3.DatabaseError("database disk image is malformed")


@pytest.fixture
async def open_store(tmp_path):
    async with AsyncExitStack() as stack:

        async def make():
            return await Store.open(tmp_path / "workspace.db", stack)

        yield make


async def log(store, path):
    await store.log_accesses([(1.0, "p", "s", path, "open")])


async def logged(store):
    return [access.path for access in await store.accesses_after(0)]


def reports(store):
    told = []
    store.link.on_damage = lambda: told.append(True)
    return told


async def fail_once(store, monkeypatch, error=MALFORMED):
    reader = store.link._connections.reader

    async def failing(*_arguments):
        monkeypatch.undo()
        raise error

    monkeypatch.setattr(reader, "execute_fetchall", failing)
    return await store.document_frequency(["word"])


async def test_who_shares_the_file_goes_on_in_the_new_one_and_loses_nothing(open_store):
    one, other = await open_store(), await open_store()
    told = reports(one)
    await log(one, "before.py")
    await other.link.renew(1)
    with pytest.raises(BackendUnavailable):  # so the caller keeps it
        await log(one, "after.py")
    assert told == [True]
    await one.link.renew(1)
    await log(one, "after.py")
    assert await logged(other) == ["before.py", "after.py"]


async def test_who_writes_nothing_hears_of_the_new_file_too(open_store):
    one, other = await open_store(), await open_store()
    told = reports(one)
    await one.link.check_place()
    assert told == []
    await other.link.renew(0)
    await one.link.check_place()
    assert told == [True]


async def test_two_that_renew_at_once_make_one_new_file(open_store):
    one, other = await open_store(), await open_store()
    await log(one, "before.py")
    await asyncio.gather(one.link.renew(1), other.link.renew(1))
    await log(one, "one.py")
    await log(other, "other.py")
    assert await logged(one) == await logged(other) == ["before.py", "one.py", "other.py"]
    third = await open_store()
    assert await logged(third) == ["before.py", "one.py", "other.py"]


async def test_a_renewal_that_fails_leaves_nothing_open_and_is_asked_for_again(open_store, monkeypatch):
    store = await open_store()
    told = reports(store)
    await fail_once(store, monkeypatch)
    assert told == [True]
    opened = []

    async def full(writer, _last):
        opened.append(writer)
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(link, "number_accesses_after", full)
    with pytest.raises(BackendUnavailable, match="disk is full"):
        await store.link.renew(0)
    with pytest.raises(ValueError, match=r"closed|no active connection"):
        await opened[0].execute("SELECT 1")
    monkeypatch.undo()
    await fail_once(store, monkeypatch)
    assert told == [True, True]
    await store.link.renew(0)
    await log(store, "after.py")
    assert await logged(store) == ["after.py"]


@pytest.mark.parametrize("step", ["_ensure_schema", "give_back", "_replace", "_put_in_place", "_open"])
async def test_wherever_a_renewal_fails_the_next_one_has_what_was_learned(open_store, monkeypatch, step):
    store = await open_store()
    await log(store, "before.py")
    await store.set_facts({"model": b"learned"})
    monkeypatch.setattr(database, step, Mock(side_effect=sqlite3.OperationalError("database or disk is full")))
    with pytest.raises(BackendUnavailable, match="disk is full"):
        await store.link.renew(1)
    monkeypatch.undo()
    await store.link.renew(1)
    await log(store, "after.py")
    for each in (store, await open_store()):
        assert await logged(each) == ["before.py", "after.py"]
        assert await each.get_fact("model") == b"learned"


async def test_a_file_is_moved_when_nothing_of_this_process_has_it_open_and_if_it_cannot_be_moved_that_is_tried_again(
    open_store, monkeypatch
):
    store = await open_store()
    told = reports(store)
    await log(store, "before.py")
    old = store.link._connections

    def in_use(_path):
        assert old.closed
        raise PermissionError("another process has the file open")

    monkeypatch.setattr(database, "_replace", in_use)
    for times in (1, 2):
        with pytest.raises(BackendUnavailable, match="another process"):
            await store.link.renew(1)
        with pytest.raises(BackendUnavailable, match="closed"):
            await log(store, "lost.py")
        assert await store.document_frequency(["word"]) == {}
        assert told == [True] * times
    monkeypatch.undo()
    await store.link.renew(1)
    await log(store, "after.py")
    assert await logged(store) == ["before.py", "after.py"]


async def test_a_store_that_was_closed_asks_for_no_renewal(open_store):
    store = await open_store()
    told = reports(store)
    await store.link.close()
    with pytest.raises(BackendUnavailable):
        await store.accesses_after(0)
    assert told == []


async def test_what_fails_on_the_old_file_says_nothing_of_the_new_one(open_store, monkeypatch):
    store = await open_store()
    told = reports(store)
    asked, goes_on = asyncio.Event(), asyncio.Event()

    async def held_up(*_arguments):
        asked.set()
        await goes_on.wait()
        raise MALFORMED

    monkeypatch.setattr(store.link._connections.reader, "execute_fetchall", held_up)
    reading = asyncio.create_task(store.document_frequency(["word"]))
    await asked.wait()
    await store.link.renew(0)
    goes_on.set()
    assert await reading == {}
    assert told == []


async def test_a_lookup_that_could_not_be_made_is_counted(open_store, monkeypatch):
    store = await open_store()
    assert await fail_once(store, monkeypatch, sqlite3.OperationalError("database is locked")) == {}
    assert store.link.failed_lookups == 1
    assert await store.document_frequency(["word"]) == {}
    assert store.link.failed_lookups == 1
