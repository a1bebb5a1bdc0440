"""What every door may rely on: folders come and go, requests find their folder, and nothing is left open."""

import asyncio
import weakref

import pytest

from magnetar.app import build_service, opened_service
from magnetar.config import Settings, parse_settings
from magnetar.context import service as service_module
from magnetar.errors import NoWorkspace, OutsideWorkspace
from magnetar.model import ContextRequest, DropReason, Health, IndexState, Target
from redis_server import free_port


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "engine.py").write_text("def rotate_the_turbine():\n    return 1\n")
    return folder


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "cache"


async def test_closing_leaves_no_journal_and_only_the_owner_may_look(project, directory):
    async with opened_service(project, Settings(), directory) as service:
        await service.warm(None, None)
        await service.synchronize()
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"content.db", "workspace.db"}
    assert not [path for path in files if path.name.endswith(("-wal", "-shm"))]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in directory.rglob("*") if path.is_dir()} == {0o700}


async def test_a_folder_that_is_closed_just_before_the_end_is_closed_cleanly_too(project, directory):
    async with opened_service(project, Settings(), directory) as service:
        await service.synchronize()
        service.remove_folder(project)
    assert not [path for path in directory.rglob("*") if path.name.endswith(("-wal", "-shm"))]


async def test_a_folder_that_is_closed_is_gone_from_memory(project, directory):
    async with opened_service(project, Settings(), directory) as service:
        for _ in range(2):
            await service.warm(None, None)
            await service.context(ContextRequest(query="rotate_the_turbine"), "ledger")
            await service.synchronize()
            workspace = weakref.ref(await service._folders.choose(project, None).ready())
            service.remove_folder(project)
            await service.synchronize()
            assert workspace() is None
            service.add_folder(project)


async def test_memory_is_given_back_once_after_the_last_question(project, directory, monkeypatch):
    monkeypatch.setattr(service_module, "_IDLE_SECONDS", 0.0)
    given_back, loop = asyncio.Queue(), asyncio.get_running_loop()

    def return_free_memory():
        loop.call_soon_threadsafe(given_back.put_nowait, service._questions)

    monkeypatch.setattr(service_module, "return_free_memory", return_free_memory)
    async with opened_service(project, Settings(), directory) as service:
        for number in (1, 2, 3):  # more than once after one question, and the next would find that one's number
            await service.context(ContextRequest(query="rotate_the_turbine"), "ledger")
            assert await given_back.get() == number


async def test_without_a_folder_a_request_says_so(directory):
    service = build_service(Settings(), directory)
    await service.open()
    try:
        with pytest.raises(NoWorkspace):
            await service.context(ContextRequest(query="x"), "ledger")
    finally:
        await service.close()


WORDED = {
    'def rotate(speed="slow"):\n    """Turns it."""\n': 'def rotate(speed="slow")',
    'x = 1\n\ndef rotate(\n    angle,  # degrees\n):\n    """Turns it.\n\n    Twice."""\n': "def rotate(angle)",
}


async def test_symbols_are_worded_as_the_document_words_them_now(project, directory):
    engine = project / "engine.py"
    async with opened_service(project, Settings(), directory) as service:
        for text, signature in WORDED.items():
            engine.write_text(text)
            hits = list(await service.symbols(Target.of(engine), "rotate", 10, None))
            await service.synchronize()
            hits += await service.symbols(None, "rotate", 10, None)
            assert [(hit.signature, hit.doc) for hit in hits] == [(signature, "Turns it.")] * 2


async def test_a_document_of_no_folder_is_outside(project, directory, tmp_path):
    async with opened_service(project, Settings(), directory) as service:
        with pytest.raises(OutsideWorkspace):
            await service.context(ContextRequest(document=Target.of(tmp_path / "elsewhere.py")), "ledger")


async def test_the_deepest_folder_answers_for_a_document(project, directory):
    inner = project / "inner"
    inner.mkdir()
    (inner / "deep.py").write_text("deep = 1\n")
    async with opened_service(project, Settings(), directory) as service:
        service.add_folder(inner)
        await service.synchronize()
        service.focused(inner / "deep.py")
        answer = await service.context(ContextRequest(), "ledger")
        assert [item.path for item in answer.items] == [inner / "deep.py"]


async def test_signals_that_come_before_a_folder_has_opened_are_not_lost(project, directory):
    service = build_service(Settings(), directory)
    await service.open()
    try:
        service.add_folder(project)
        service.opened(project / "engine.py", "python", 1, "unsaved = 1\n", access=True)
        answer = await service.context(ContextRequest(), "ledger")
        assert answer.items[0].content == "unsaved = 1\n"
    finally:
        await service.close()


async def test_clearing_the_cache_empties_it_and_the_folder_warms_again(project, directory):
    async with opened_service(project, Settings(), directory) as service:
        await service.warm(None, None)
        await service.synchronize()
        assert await service.clear("cache", None) >= 1
        await service.synchronize()
        assert (await service.stats(None)).index.indexed == 1


async def test_a_redis_that_is_down_is_a_warning_and_everything_is_answered(project, directory):
    settings, _ = parse_settings({"cache": {"redisUrl": f"redis://127.0.0.1:{free_port()}"}})
    async with opened_service(project, settings, directory) as service:
        statuses = []
        service.on_status = statuses.append
        await service.warm(None, None)
        assert (await service.context(ContextRequest(query="rotate_the_turbine"), "ledger")).items
        await service.synchronize()
        assert statuses[-1].health is Health.WARNING
        assert "Redis" in statuses[-1].message
        assert statuses[-1].quiescent


async def test_new_settings_lose_no_open_document_and_no_focus(project, directory):
    async with opened_service(project, Settings(), directory) as service:
        service.opened(project / "engine.py", "python", 1, "unsaved = 1\n", access=True)
        service.changed(project / "engine.py", 2, "unsaved = 2\n")
        await service.synchronize()
        service.configure(parse_settings({"context": {"tokenBudget": 1_000}})[0])
        answer = await service.context(ContextRequest(), "ledger")
        assert answer.items[0].content == "unsaved = 2\n"


async def test_a_folder_that_opens_later_knows_what_is_open_in_it(project, directory):
    service = build_service(Settings(), directory)
    await service.open()
    try:
        service.opened(project / "engine.py", "python", 1, "unsaved = 1\n", access=True)
        service.add_folder(project)
        request = ContextRequest(document=Target.of(project / "engine.py"))
        assert (await service.context(request, "ledger")).items[0].content == "unsaved = 1\n"
    finally:
        await service.close()


async def test_reading_a_document_gives_it_as_it_is_or_the_reason_why_not(project, directory, tmp_path):
    (project / ".env").write_text("PASSWORD=hunter2hunter2\n")
    (project / "way_out.py").symlink_to(tmp_path / "elsewhere.py")
    (tmp_path / "elsewhere.py").write_text("x = 1\n")
    async with opened_service(project, Settings(), directory) as service:
        source = await service.read(project / "engine.py")
        assert "".join(source.lines) == "def rotate_the_turbine():\n    return 1\n"
        (project / "engine.py").write_text("changed = 1\n")
        assert (await service.read(project / "engine.py")).lines.text == "changed = 1\n"
        refused = {name: await service.read(project / name) for name in (".env", "none.py", "way_out.py", "../x.py")}
        assert refused == {
            ".env": DropReason.SECRET,
            "none.py": DropReason.MISSING,
            "way_out.py": DropReason.OUTSIDE_WORKSPACE,
            "../x.py": DropReason.OUTSIDE_WORKSPACE,
        }
        assert (await service.stats(None)).prediction["documents"] == 0, "reading alone is no access"
        service.visited(project / "engine.py")
        assert (await service.stats(None)).prediction["documents"] == 1


async def test_waiting_for_a_warm_folder_joins_its_warm_up_and_costs_nothing_later(project, directory):
    async with opened_service(project, Settings(), directory) as service:
        told = []
        assert (await service.warmed(None, lambda *state: told.append(state))).state is IndexState.READY
        assert told
        assert await service.files(None) == [project / "engine.py"]
        (project / "late.py").write_text("late = 1\n")
        assert (await service.warmed(None, told.append)).state is IndexState.READY, "a second scan would tell of itself"
