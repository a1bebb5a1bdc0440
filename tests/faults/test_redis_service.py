"""The whole server with a team's Redis: it answers whatever becomes of Redis, and no secret and no content gets there."""

import asyncio

import pytest

from magnetar.app import opened_service
from magnetar.config import parse_settings
from magnetar.model import ContextRequest, Health
from waiting import until

SECRET = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
MARKER = "spin_up_the_turbine_of_marker"
LATER = "another_function_that_came_later"


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "engine.py").write_text(
        f'"""A docstring."""\n\ndef {MARKER}():\n    return "quite a long text of this"\n'
    )
    (folder / "keys.py").write_text(f'TOKEN = "{SECRET}"\n\ndef use_of_{MARKER}():\n    return TOKEN\n')
    (folder / ".env").write_text(f"TOKEN={SECRET}\n")
    return folder


def settings_of(server, **cache):
    settings, problems = parse_settings({"cache": {"redisUrl": server.url, **cache}})
    assert not problems
    return settings


async def ask(service, words):
    return (await service.context(ContextRequest(query=words), "ledger")).items


async def stored(admin):
    """Everything that is in Redis: keys, values, books."""
    readers = {
        b"string": admin.get,
        b"hash": admin.hgetall,
        b"zset": lambda key: admin.zrange(key, 0, -1, withscores=True),
    }
    everything = []
    for key in await admin.keys("*"):
        everything.append(key.decode())
        everything.append(repr(await readers[await admin.type(key)](key)))
    return everything


async def test_a_redis_that_dies_and_comes_back_is_a_warning_and_no_more(project, tmp_path, server, admin_of):
    async with opened_service(project, settings_of(server), tmp_path / "cache") as service:
        statuses = []
        service.on_status = statuses.append
        await service.warm(None, None)
        await service.synchronize()
        assert await ask(service, MARKER)
        assert not statuses or statuses[-1].health is Health.OK
        server.kill()
        (project / "later.py").write_text(f"def {LATER}():\n    return 2\n")
        await service.warm(None, None)
        assert await ask(service, LATER)
        await until(lambda: statuses and statuses[-1].health is Health.WARNING)
        assert "Redis" in statuses[-1].message
        assert str(server.socket) in statuses[-1].message
        server.start()
        await until(lambda: statuses[-1].health is Health.OK)
        assert statuses[-1].message is None
        assert await ask(service, MARKER)
        (project / "last.py").write_text("def the_last_of_all():\n    return 3\n")
        await service.warm(None, None)
        await service.synchronize()
        assert await ask(service, "the_last_of_all")
        assert await admin_of(server).keys("{magnetar:1:content}:entry:symbols:*")


async def test_a_redis_that_stands_still_holds_up_no_answer_for_long(project, tmp_path, server, admin_of):
    async with opened_service(project, settings_of(server), tmp_path / "cache") as service:
        await service.warm(None, None)
        await service.synchronize()
        await admin_of(f"redis://127.0.0.1:{server.port}").client_pause(4_000, all=True)
        (project / "later.py").write_text(f"def {LATER}():\n    return 2\n")
        await service.warm(None, None)
        items = await asyncio.wait_for(ask(service, LATER), 10)
        assert any(LATER in item.content for item in items)


async def test_nothing_secret_and_no_content_gets_to_redis(project, tmp_path, server, admin_of):
    async with opened_service(project, settings_of(server), tmp_path / "cache") as service:
        await service.warm(None, None)
        assert await ask(service, MARKER)
        assert await ask(service, f"TOKEN use_of_{MARKER}")
        await service.synchronize()
    everything = await stored(admin_of(server))
    assert any(":entry:symbols:" in text for text in everything)
    assert any(MARKER in text for text in everything)  # what is shared can be read here
    for text in everything:
        assert SECRET not in text
        assert "quite a long text of this" not in text
        for kind in ("file:", "directory:", "search:", "conversation:", "index:", "history:"):
            assert f":entry:{kind}" not in text
        assert str(project) not in text


async def test_contents_get_there_where_that_is_said_but_no_secret(project, tmp_path, server, admin_of):
    settings = settings_of(server, share={"contents": True})
    async with opened_service(project, settings, tmp_path / "cache") as service:
        await service.warm(None, None)
        assert await ask(service, MARKER)
        assert await ask(service, f"TOKEN use_of_{MARKER}")
        await service.synchronize()
    everything = await stored(admin_of(server))
    assert any("quite a long text of this" in text for text in everything)
    for text in everything:
        assert SECRET not in text
        for kind in ("directory:", "search:", "conversation:", "index:", "history:"):
            assert f":entry:{kind}" not in text
