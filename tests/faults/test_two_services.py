"""Two whole servers with one Redis: the second parses nothing that the first has, and nothing but names gets there."""

import pytest

from magnetar.app import opened_service
from magnetar.config import parse_settings
from magnetar.model import ContextRequest
from magnetar.symbols.terms import term_hash, terms

SECRET = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
SECRETIVE = f'TOKEN = "{SECRET}"\n\ndef unmentionable():\n    return TOKEN\n'
ENGINE = '''"""Opening remark about marmalade."""

from gearbox import pedal

# A note on porcelain.


class Carriage:
    """Rolls over cobblestones."""

    def accelerate(self, throttle="turnip"):  # beware of hedgehogs
        plywood = f"buttercup {throttle}"
        return pedal(plywood, sandalwood=tangerine)
'''
SCRIPT = """import { valve } from "./gearbox";

/** Describes artichokes. */
export function ignite(spark = "dandelion") {
  return valve(spark); // gooseberry
}
"""
README = "# Handbook of walnuts\n\nAn elderberry, see [the engine](engine.py).\n"
NAMES = "Carriage accelerate gearbox pedal ignite valve".split()
WORDS = (
    "marmalade porcelain cobblestones throttle turnip hedgehogs plywood buttercup sandalwood tangerine artichokes spark"
    " dandelion gooseberry Handbook walnuts elderberry TOKEN unmentionable"
).split()
FILES = {"engine.py": ENGINE, "ignite.ts": SCRIPT, "README.md": README, "notes.txt": "A word on elderberry wine.\n"}


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    for number in range(20):
        (folder / f"part_{number}.py").write_text(f"def part_number_{number}():\n    return {number}\n")
    return folder


@pytest.fixture
def warmed(project, tmp_path):
    """Warms the project as one of two machines, each with a cache directory of its own; what it reports and says."""

    async def warmed(machine, url, question=None):
        settings, problems = parse_settings({"cache": {"redisUrl": url}})
        assert not problems
        async with opened_service(project, settings, tmp_path / machine) as service:
            report = await service.warm(None, None)
            await service.synchronize()
            items = (await service.context(ContextRequest(query=question), "c")).items if question else ()
            return report.files, report.files - report.reused, report.symbols, [item.content for item in items]

    return warmed


async def stored(admin):
    """Every key and every value that is in Redis, as bytes."""
    readers = {
        b"string": admin.get,
        b"hash": admin.hgetall,
        b"zset": lambda key: admin.zrange(key, 0, -1, withscores=True),
    }
    found = []
    for key in await admin.keys("*"):
        value = await readers[await admin.type(key)](key)
        found += [key, value if isinstance(value, bytes) else repr(value).encode()]
    return found


async def told(admin):
    return await admin.keys("{magnetar:1:content}:entry:symbols:*")


async def test_the_second_machine_parses_nothing_and_answers_the_same(warmed, server, admin_of):
    files, parsed, symbols, answer = await warmed("first", server.url, "accelerate Carriage")
    assert (files, parsed) == (24, 24)
    assert len(await told(admin_of(server))) == 24
    assert await warmed("second", server.url, "accelerate Carriage") == (24, 0, symbols, answer)
    assert any("def accelerate" in content for content in answer)


async def test_a_redis_that_is_named_after_the_first_warm_up_is_told_at_the_next(warmed, server, admin_of):
    await warmed("first", "")
    assert await told(admin_of(server)) == []
    assert (await warmed("first", server.url))[:2] == (24, 0)
    assert len(await told(admin_of(server))) == 24
    assert (await warmed("second", server.url))[:2] == (24, 0)


async def test_a_redis_that_forgot_is_told_again(warmed, server, admin_of):
    await warmed("first", server.url)
    await admin_of(server).flushall()
    assert (await warmed("first", server.url))[:2] == (24, 0)
    assert len(await told(admin_of(server))) == 24
    assert (await warmed("second", server.url))[:2] == (24, 0)


async def test_a_redis_that_was_away_is_told_when_it_is_back(warmed, server, admin_of):
    server.kill()
    assert (await warmed("first", server.url))[:2] == (24, 24)
    server.start()
    await warmed("first", server.url)
    assert len(await told(admin_of(server))) == 24
    assert (await warmed("second", server.url))[:2] == (24, 0)


async def test_lies_in_redis_cost_a_parse_and_reach_no_answer(warmed, server, admin_of):
    _, _, symbols, answer = await warmed("first", server.url, "accelerate Carriage")
    admin = admin_of(server)
    swapped = 0
    for key in await told(admin):
        value = await admin.get(key)
        if b"Carriage" in value:
            await admin.set(key, value.replace(b"Carriage", b"Sabotage"))
            swapped += 1
    assert swapped == 1
    assert await warmed("second", server.url, "accelerate Carriage") == (24, 1, symbols, answer)
    assert all("Sabotage" not in content for content in answer)


async def test_only_names_get_there_no_other_word_and_no_words_hash(project, warmed, server, admin_of):
    (project / "keys.py").write_text(SECRETIVE)
    assert (await warmed("first", server.url, "marmalade elderberry unmentionable"))[0] == 25
    everything = await stored(admin_of(server))
    assert len(await told(admin_of(server))) == 24  # nothing of the file with a secret, not even a hash of it
    for name in NAMES:
        assert any(name.encode() in part for part in everything)
    assert not any(SECRET.encode() in part for part in everything)
    for word in WORDS:
        numbers = [term_hash(term) for term in (word, word.lower(), *terms(word))]
        hashes = [number.to_bytes(4, order) for number in numbers for order in ("little", "big")]
        for part in everything:
            assert word.lower().encode() not in part.lower()
            assert not any(one in part for one in hashes), word
    assert (await warmed("second", server.url))[:2] == (25, 1)
