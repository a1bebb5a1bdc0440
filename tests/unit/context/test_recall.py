"""An answer that is given again is as true as the first: nothing of it is worked out anew, all of it is checked anew."""

import os
import subprocess
from contextlib import asynccontextmanager

import pytest

from magnetar.app import opened_service
from magnetar.config import Settings
from magnetar.context.shortlist import Ranker
from magnetar.errors import BackendUnavailable
from magnetar.model import ContextRequest, Target
from magnetar.search.link import Link
from magnetar.workspace.documents import Documents


@pytest.fixture
def loads():
    """The paths of every load of documents."""
    counted = []
    load = Documents.load

    async def counting(self, paths):
        counted.append(tuple(paths))
        return await load(self, counted[-1])

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Documents, "load", counting)
        yield counted


@asynccontextmanager
async def warm(tmp_path):
    root = tmp_path / "project"
    (root / "lib").mkdir(parents=True)
    for name, text in {
        "lib/engine.py": "def rotate():\n    return 1\n",
        "lib/fuel.py": "def fill():\n    return 2\n",
    }.items():
        (root / name).write_text(text)
        os.utime(root / name, (1_000_000_000, 1_000_000_000))
    async with opened_service(root, Settings(), tmp_path / "cache") as service:
        await service.warm(None, None)
        await service.synchronize()
        yield service, root


REQUEST = ContextRequest(query="how does the engine rotate", deadline_ms=60_000)


async def asked(service, request=REQUEST):
    answer = await service.context(request, "ledger")
    return {item.path.name: item.content for item in answer.items}, answer


async def settled(service):
    """Once the files' last change is longer ago than the clock's tick, their fingerprints prove something."""
    for _ in range(1_000):
        await asked(service)
        _, answer = await asked(service)
        if all(item.cached for item in answer.items):
            break
    return await asked(service)


async def test_the_same_question_is_answered_without_loading_anything(tmp_path, loads):
    async with warm(tmp_path) as (service, _):
        first, _ = await settled(service)
        await service.synchronize()
        await asked(service)
        del loads[:]
        again, answer = await asked(service)
        assert again == first
        assert loads == []
        assert answer.misses == 0
        assert all(item.cached for item in answer.items)
        await asked(service, ContextRequest(query="how is fuel filled in", deadline_ms=60_000))
        assert loads


def written(root):
    (root / "lib/engine.py").write_text("def rotate():\n    return 9\n")


def written_with_size_and_time_kept(root):
    before = (root / "lib/engine.py").stat()
    written(root)
    os.utime(root / "lib/engine.py", ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(root):
    (root / "new").write_text("def rotate():\n    return 9\n")
    (root / "new").rename(root / "lib/engine.py")


@pytest.mark.parametrize("change", [written, written_with_size_and_time_kept, replaced])
async def test_a_file_that_changed_a_moment_ago_is_shown_as_it_is(tmp_path, change):
    async with warm(tmp_path) as (service, root):
        await settled(service)
        change(root)
        assert "return 9" in (await asked(service))[0]["engine.py"]


def git(root, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=e", *arguments], cwd=root, check=True, capture_output=True
    )


def ignored(root):
    (root / ".gitignore").write_text("engine.py\n")


def no_longer_tracked(root):
    git(root, "rm", "-q", "--cached", "lib/engine.py")


@pytest.mark.parametrize("change", [ignored, no_longer_tracked])
async def test_a_file_that_is_ignored_since_a_moment_ago_is_not_shown(tmp_path, change):
    async with warm(tmp_path) as (service, root):
        if change is no_longer_tracked:
            ignored(root)
            git(root, "init", "-q")
            git(root, "add", "--force", ".")
            await service.synchronize()
        assert "engine.py" in (await settled(service))[0]
        change(root)
        assert "engine.py" not in (await asked(service))[0]


async def test_a_buffer_that_is_ignored_since_a_moment_ago_is_not_shown(tmp_path):
    async with warm(tmp_path) as (service, root):
        service.opened(root / "lib/engine.py", "python", 1, "def rotate():\n    return 7\n", access=False)
        assert "return 7" in (await settled(service))[0]["engine.py"]
        ignored(root)
        assert "engine.py" not in (await asked(service))[0]


async def test_an_answer_that_was_overtaken_while_it_was_ranked_is_not_given_again(tmp_path, loads, monkeypatch):
    async with warm(tmp_path) as (service, _):
        await settled(service)
        rank = Ranker.rank

        async def overtaken(self, *arguments):
            shortlist = await rank(self, *arguments)
            service.focused(None)
            return shortlist

        monkeypatch.setattr(Ranker, "rank", overtaken)
        question = ContextRequest(query="how is fuel filled in", deadline_ms=60_000)
        await asked(service, question)
        monkeypatch.undo()
        del loads[:]
        await asked(service, question)
        assert loads


async def test_an_answer_made_without_the_index_is_not_given_again(tmp_path, loads, monkeypatch):
    async with warm(tmp_path) as (service, _):
        await settled(service)
        read = Link.read

        async def locked(self, statement, parameters=()):
            if "FROM vocabulary" in statement:
                raise BackendUnavailable("locked")
            return await read(self, statement, parameters)

        monkeypatch.setattr(Link, "read", locked)
        question = ContextRequest(query="how is fuel filled in", deadline_ms=60_000)
        await asked(service, question)
        monkeypatch.setattr(Link, "read", read)
        del loads[:]
        await asked(service, question)
        assert loads


async def test_a_file_that_is_gone_is_not_shown(tmp_path):
    async with warm(tmp_path) as (service, root):
        await settled(service)
        (root / "lib/engine.py").unlink()
        assert "engine.py" not in (await asked(service))[0]


async def test_a_folder_that_has_become_a_link_to_elsewhere_is_not_shown(tmp_path):
    async with warm(tmp_path) as (service, root):
        await settled(service)
        (root / "lib").rename(tmp_path / "elsewhere")
        (root / "lib").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
        assert (await asked(service))[0] == {}


async def test_a_buffer_is_shown_for_its_file(tmp_path):
    async with warm(tmp_path) as (service, root):
        await settled(service)
        service.opened(root / "lib/engine.py", "python", 1, "def rotate():\n    return 7\n", access=False)
        assert "return 7" in (await asked(service))[0]["engine.py"]


async def test_a_conversation_is_sent_nothing_twice(tmp_path):
    async with warm(tmp_path) as (service, _):
        await settled(service)
        chat = ContextRequest(query=REQUEST.query, conversation_id="chat", deadline_ms=60_000)
        _, first = await asked(service, chat)
        _, second = await asked(service, chat)
        assert first.tokens > 0
        assert second.tokens == 0
        assert all(item.unchanged for item in second.items)


async def test_what_is_excluded_is_asked_for_anew(tmp_path):
    async with warm(tmp_path) as (service, root):
        await settled(service)
        without = ContextRequest(query=REQUEST.query, exclude=(Target.of(root / "lib/engine.py"),), deadline_ms=60_000)
        assert "engine.py" not in (await asked(service, without))[0]
