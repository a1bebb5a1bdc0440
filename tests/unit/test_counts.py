"""What must not grow, counted rather than timed: statements, files read, round trips, bytes encoded.

A bound is what is needed today. Whoever needs less lowers it; whoever needs more says why.
"""

import os
import sys
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

import aiosqlite
import orjson
import pytest
import redis
from redis.asyncio.connection import AbstractConnection

from magnetar import CacheBackend, SmartCache
from magnetar.app import opened_service
from magnetar.config import Settings
from magnetar.lsp import answers
from magnetar.lsp.encoded import Encoded
from magnetar.model import ContextRequest, PositionEncoding
from magnetar.workspace.pool import Pool
from redis_server import PATIENCE

FILES = 40
FIRST, SECOND = "how does the turbine rotate", "speed of engine7"

STATEMENTS_OF_A_FIRST_QUESTION = 33
STATEMENTS_OF_ANOTHER_QUESTION = 14
BYTES_ENCODED_ANEW = 260
"""Of a repeated answer, whatever its size: its numbers, not its items."""

counting = ContextVar("counting", default=None)
heard = []
"""Who listens to files being opened: a list each."""


@pytest.fixture(scope="module")
def ears():
    """An audit hook, which cannot be taken away again."""
    sys.addaudithook(lambda event, arguments: event == "open" and [one.append(str(arguments[0])) for one in heard])


@contextmanager
def opening():
    """Every file that this process opens within."""
    opened = []
    heard.append(opened)
    yield opened
    heard.remove(opened)


@pytest.fixture
def statements(monkeypatch):
    """Counts the statements of what is awaited within `counted`, and of nothing that goes on beside it."""
    execute = aiosqlite.Connection._execute

    async def counted_execute(self, function, *args, **kwargs):
        made = counting.get()
        if made is not None:
            made.append(args)
        return await execute(self, function, *args, **kwargs)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted_execute)

    @contextmanager
    def counted():
        made = []
        token = counting.set(made)
        yield made
        counting.reset(token)

    return counted


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    for number in range(FILES):
        after = (number + 1) % FILES
        path = root / f"engine{number}.py"
        path.write_text(
            f"from engine{after} import rotate{after}\n\n\n"
            f'def rotate{number}(speed):\n    """Rotates the turbine {number}."""\n    return rotate{after}(speed)\n'
        )
        os.utime(path, (1_000_000_000, 1_000_000_000))
    return root


@asynccontextmanager
async def warm(project):
    async with opened_service(project, Settings(), project.parent / "cache") as service:
        report = await service.warm(None, None)
        await service.synchronize()
        yield service, report


async def ask(service, question):
    answer = await service.context(ContextRequest(query=question, deadline_ms=60_000), "ledger")
    await service.synchronize()
    return answer


async def settled(service, question):
    """The answer, once it is given again: files that have just been written prove nothing for a moment."""
    answer = await ask(service, question)
    for _ in range(1_000):
        again = await ask(service, question)
        if again.items is answer.items:
            return again
        answer = again
    raise AssertionError


async def test_a_repeated_question_takes_no_statement_and_a_new_one_no_more_than_it_did(project, statements):
    async with warm(project) as (service, _):
        with statements() as first:
            assert (await ask(service, FIRST)).items
        await settled(service, FIRST)
        with statements() as repeated:
            await ask(service, FIRST)
        with statements() as second:
            assert (await ask(service, SECOND)).items
    assert len(repeated) == 0
    assert len(first) <= STATEMENTS_OF_A_FIRST_QUESTION
    assert len(second) <= STATEMENTS_OF_ANOTHER_QUESTION


@pytest.mark.usefixtures("ears")
async def test_a_second_start_reads_no_file_that_has_not_changed(project, monkeypatch):
    jobs = []
    run = Pool.run

    async def noted(self, job, *args, **kwargs):
        jobs.append(job.__name__)
        return await run(self, job, *args, **kwargs)

    monkeypatch.setattr(Pool, "run", noted)
    async with warm(project) as (_, report):
        assert (report.files, report.reused) == (FILES, 0)
    del jobs[:]
    with opening() as read:
        async with warm(project) as (_, report):
            assert (report.files, report.reused) == (FILES, FILES)
    assert jobs == []
    assert [path for path in read if path.startswith(str(project)) and path.endswith(".py")] == []


async def test_a_repeated_answer_is_not_encoded_anew(project, monkeypatch):
    encoded = Encoded()
    items = []
    item = answers._item
    monkeypatch.setattr(answers, "_item", lambda one, encoding: items.append(one) or item(one, encoding))
    async with warm(project) as (service, _):
        answers.context_result(await settled(service, FIRST), PositionEncoding.UTF8, encoded)
        assert items
        del items[:]
        again = answers.context_result(await ask(service, FIRST), PositionEncoding.UTF8, encoded)
    assert items == []
    anew = {name: None if isinstance(value, orjson.Fragment) else value for name, value in again.items()}
    assert len(orjson.dumps(anew)) <= BYTES_ENCODED_ANEW < len(orjson.dumps(again))


@pytest.mark.parametrize(("keys", "commands"), [(1, 1), (64, 1), (500, 8)])
async def test_many_keys_at_once_are_one_round_trip_to_redis(redis_server, tmp_path, monkeypatch, keys, commands):
    sent = []
    send = AbstractConnection.send_packed_command

    async def noted(self, command, *args, **kwargs):
        sent.append(command)
        return await send(self, command, *args, **kwargs)

    names = [f"key{number}" for number in range(keys)]
    url = redis_server.url + PATIENCE
    settings = {"redis_url": url, "namespace": f"counts-{keys}", "db_path": tmp_path / "cache.db"}
    async with SmartCache(CacheBackend.REDIS, **settings) as cache:
        await cache.set_blobs(dict.fromkeys(names, b"value"), 600)
        with redis.Redis(unix_socket_path=str(redis_server.socket)) as admin:
            admin.config_resetstat()
            monkeypatch.setattr(AbstractConnection, "send_packed_command", noted)
            assert len(await cache.get_blobs(names)) == keys
            monkeypatch.undo()
            assert admin.info("commandstats")["cmdstat_mget"]["calls"] == commands
    assert len(sent) == 1
