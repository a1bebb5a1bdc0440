"""What is learned of the user: once each, whatever else happens meanwhile, and known to have changed when it did."""

import sqlite3
from contextlib import AsyncExitStack, closing

import pytest

from magnetar.search.store import Store
from magnetar.workspace.attention import Attention


@pytest.fixture
async def open_attention(tmp_path):
    async with AsyncExitStack() as stack:

        async def make():
            attention = Attention(await Store.open(tmp_path / "workspace.db", stack), tmp_path)
            await attention.fold()
            return attention

        yield make


def tour(attention, *names):
    for name in names:
        attention.focus(name)


@pytest.mark.parametrize("moment", ["get_fact", "save"])
async def test_what_the_user_does_while_the_model_is_stored_is_learned_once(open_attention, monkeypatch, moment):
    attention = await open_attention()
    tour(attention, "a.py", "b.py")
    holder = attention._store if moment == "get_fact" else type(attention.model)
    interrupted = getattr(holder, moment)
    went_on = []

    def go_on():
        if not went_on:
            went_on.append(True)
            tour(attention, "c.py", "d.py")

    if moment == "get_fact":

        async def slow(key):
            go_on()
            return await interrupted(key)

        monkeypatch.setattr(holder, moment, slow)
    else:

        def save(model, path):
            go_on()
            interrupted(model, path)

        monkeypatch.setattr(holder, moment, save)
    await attention.snapshot()
    await attention.flush()
    assert went_on
    assert attention.model.transitions == 3
    assert (await open_attention()).model.transitions == 3


async def test_a_user_too_busy_for_a_snapshot_loses_nothing(open_attention, monkeypatch, tmp_path):
    attention = await open_attention()
    tour(attention, "a.py", "b.py")
    save = type(attention.model).save
    names = iter("cdefgh")

    def busy(model, path):
        tour(attention, f"{next(names)}.py")
        save(model, path)

    monkeypatch.setattr(type(attention.model), "save", busy)
    await attention.snapshot()
    assert list(tmp_path.glob("model-*.json")) == []
    await attention.flush()
    assert (await open_attention()).model.transitions == attention.model.transitions


@pytest.mark.parametrize("by", ["fold", "snapshot"])
async def test_what_another_process_taught_is_known_to_have_changed_the_model(open_attention, by):
    one, other = await open_attention(), await open_attention()
    tour(one, "z.py", "y.py")
    await one.flush()
    before = one.generation
    tour(other, "a.py", "b.py")
    await other.flush()
    await getattr(one, by)()
    assert one.model.transitions == 2
    assert one.generation > before


async def test_what_is_done_after_the_log_was_lost_is_learned_though_the_model_was_not(open_attention, tmp_path):
    attention = await open_attention()
    tour(attention, "a.py", "b.py", "c.py")
    await attention.snapshot()
    with closing(sqlite3.connect(tmp_path / "workspace.db")) as db, db:  # as where its pages could not be read
        db.execute("DELETE FROM accesses")
        db.execute("DELETE FROM sqlite_sequence")
    again = await open_attention()
    tour(again, "d.py", "e.py")
    await again.flush()
    assert (await open_attention()).model.transitions == 3
