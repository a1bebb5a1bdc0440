"""The door itself: which folders it opens, what it says when something goes wrong, and that it can be interrupted."""

import asyncio

import anyio
import pytest
from attrs import evolve
from mcp import MCPError
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.types import INVALID_PARAMS, ErrorData, ListRootsResult, Root

from lsp.fake_service import EMPTY_ANSWER
from magnetar.mcp import requests, roots
from magnetar.model import ContextRequest, Cursor, Dropped, DropReason, ItemKind, PositionEncoding, Target

asked = pytest.mark.parametrize("era", ["legacy"], indirect=True)
"""Where a server asks its client, which a later revision turns round."""


def text_of(result):
    return "\n".join(block.text for block in result.content)


async def complaint(client, tool="magnetar_search", **arguments):
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return text_of(result)


# -- what there is -----------------------------------------------------------------------------------------------------


async def test_it_says_who_it_is_and_how_to_use_it(connect, tmp_path):
    async with connect(given=tmp_path) as client:
        if client.server_info is not None:
            assert (client.server_info.name, client.server_info.version) == ("magnetar", "9.9.9")
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == [
            "magnetar_context",
            "magnetar_search",
            "magnetar_symbols",
            "magnetar_predict",
        ]
        assert all(tool.annotations.read_only_hint and not tool.annotations.open_world_hint for tool in tools)
        assert [tool.name for tool in tools if tool.output_schema is None] == ["magnetar_context"]
        templates = (await client.list_resource_templates()).resource_templates
        assert [template.uri_template for template in templates] == [
            "magnetar://file/{+path}",
            "magnetar://outline/{+path}",
        ]


async def test_a_question_reaches_the_service_as_it_was_meant(connect, service, tmp_path):
    async with connect(given=tmp_path) as client:
        arguments = {
            "query": "why?",
            "file": "src/a.py",
            "line": 7,
            "tokenBudget": 99,
            "maxItems": 3,
            "include": ["outline"],
            "mustInclude": ["b.py"],
            "exclude": [str(tmp_path / "c.py")],
        }
        assert not (await client.call_tool("magnetar_context", arguments)).is_error
    ((request, _ledger),) = [row for row in service.requests if isinstance(row[0], ContextRequest)]
    assert request == ContextRequest(
        query="why?",
        document=Target.of(tmp_path / "src/a.py"),
        position=Cursor(6, 0, PositionEncoding.UTF8),
        token_budget=99,
        max_items=3,
        include=frozenset([ItemKind.OUTLINE]),
        must_include=(Target.of(tmp_path / "b.py"),),
        exclude=(Target.of(tmp_path / "c.py"),),
        deadline_ms=request.deadline_ms,
    )
    assert service.signals("visited") == [("visited", tmp_path / "src/a.py")]


async def test_searching_and_asking_are_no_accesses(connect, service, tmp_path):
    async with connect(given=tmp_path) as client:
        await client.call_tool("magnetar_context", {"query": "x", "mustInclude": ["b.py"]})
        await client.call_tool("magnetar_search", {"query": "x"})
        await client.call_tool("magnetar_symbols", {"query": "x"})
        await client.call_tool("magnetar_predict", {"file": "x.py"})
    assert service.signals("visited") == []


# -- errors ------------------------------------------------------------------------------------------------------------


async def test_what_a_model_gets_wrong_it_is_told(connect, service, tmp_path):
    service.answers["files"] = [tmp_path / "shop" / "cart.py", tmp_path / "old" / "cart.py", tmp_path / "x.py"]
    async with connect(given=tmp_path) as client:
        assert "query: it must be given" in await complaint(client)
        said = await complaint(client, "magnetar_predict", file="cart.py")
        assert said.startswith("cart.py: there is no such file")
        assert said.endswith("Is it shop/cart.py or old/cart.py?")
        assert "lies outside" in await complaint(client, "magnetar_context", query="outside")
        assert "is no folder" in await complaint(client, query="x", folder="nowhere")


async def test_a_file_that_is_not_there_is_named(connect, service, tmp_path):
    missing = Dropped(Target.of(tmp_path / "a.py"), DropReason.MISSING, 0.0)
    service.context_answer = evolve(EMPTY_ANSWER, dropped=(missing,))
    async with connect(given=tmp_path) as client:
        assert (await complaint(client, "magnetar_context", file="a.py")).startswith("a.py: there is no such file")


async def test_a_failure_inside_tells_nothing_of_what_was_read(connect, tmp_path, caplog):
    async with connect(given=tmp_path) as client:
        said = await complaint(client, "magnetar_context", query="bug")
    assert said.startswith("magnetar_context failed inside magnetar")
    assert "contents" not in said
    assert "Traceback" not in said
    assert "magnetar_context failed" in caplog.messages


async def test_a_failure_of_a_resource_tells_nothing_either(connect, service, tmp_path):
    async def read(_path):
        raise KeyError("the contents of a file")

    service.read = read
    async with connect(given=tmp_path) as client:
        with pytest.raises(MCPError, match="resources/read failed inside magnetar") as error:
            await client.read_resource("magnetar://file/a.py")
        assert "contents of" not in error.value.message


async def test_an_unknown_tool_or_resource_is_an_error_that_names_the_known(connect, tmp_path):
    async with connect(given=tmp_path) as client:
        with pytest.raises(MCPError, match="magnetar_context, magnetar_search") as error:
            await client.call_tool("magnetar_write", {})
        assert error.value.code == INVALID_PARAMS
        with pytest.raises(MCPError, match="there is no such file"):
            await client.read_resource("magnetar://file/caf%E9.py")
        for uri in ("magnetar://nothing/a.py", "magnetar://file", "file:///etc/passwd", "magnetar://file/"):
            with pytest.raises(MCPError, match="there is no such resource"):
                await client.read_resource(uri)


async def test_a_workspace_that_cannot_be_read_fails_no_request(connect, service, tmp_path, caplog):
    async def warming(_folder, _progress):
        raise OSError("the disk is full")

    service.warming = warming
    async with connect(given=tmp_path) as client:
        result = await client.call_tool("magnetar_search", {"query": "x"})
    assert not result.is_error
    assert "still being read" in text_of(result)
    assert caplog.messages == ["the workspace could not be read (OSError)"]


async def test_an_answer_does_not_wait_forever_for_the_workspace_and_the_next_hardly_at_all(
    connect, service, tmp_path, monkeypatch
):
    cancelled = asyncio.Event()

    async def warming(_folder, progress):
        progress(1, 9)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    service.warming = warming
    monkeypatch.setattr(requests, "_PATIENCE_SECONDS", 0.05)
    async with connect(given=tmp_path) as client:
        assert "still being read" in text_of(await client.call_tool("magnetar_search", {"query": "x"}))
        await cancelled.wait()
        monkeypatch.setattr(requests, "_PATIENCE_SECONDS", 10_000)
        monkeypatch.setattr(requests, "_IMPATIENCE_SECONDS", 0.05)
        assert "still being read" in text_of(await client.call_tool("magnetar_search", {"query": "y"}))


# -- interruptions -----------------------------------------------------------------------------------------------------


async def test_a_request_that_is_cancelled_stops_working(connect, service, tmp_path):
    async with connect(given=tmp_path) as client:
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "magnetar_context", {"query": "hang"})
            await service.hanging.wait()
            group.cancel_scope.cancel()
        while not service.cancelled:
            await anyio.lowlevel.checkpoint()
        assert not (await client.call_tool("magnetar_search", {"query": "x"})).is_error


async def test_progress_is_told_while_the_workspace_warms(connect, service, tmp_path):
    told = []

    async def warming(_folder, progress):
        progress(0, 10)
        progress(10, 10)

    async def hear(done, total, message):
        told.append((done, total, message))

    service.warming = warming
    async with connect(given=tmp_path) as client:
        await client.call_tool("magnetar_search", {"query": "x"}, progress_callback=hear)
        while not told:
            await anyio.lowlevel.checkpoint()
    assert told[-1] == (10.0, 10.0, "reading the workspace: 10 of 10 files")


# -- the workspace -----------------------------------------------------------------------------------------------------


def told(*folders):
    return lambda: ListRootsResult(roots=[Root(uri=folder.as_uri()) for folder in folders])


@pytest.fixture
def folders(tmp_path):
    made = [tmp_path / "web", tmp_path / "the api"]
    for folder in made:
        folder.mkdir()
    return made


async def test_a_folder_that_was_named_is_opened_at_once_and_nobody_is_asked(connect, service, folders):
    def never():
        pytest.fail("the client was asked")

    async with connect(given=folders[0], roots=never) as client:
        assert service.folders == [folders[0]]
        await client.call_tool("magnetar_search", {"query": "x"})


async def test_the_client_s_folders_are_the_workspace(connect, service, folders, tmp_path):
    async with connect(roots=told(*folders, tmp_path / "gone")) as client:
        await client.call_tool("magnetar_search", {"query": "x", "folder": "the api"})
        assert service.folders == folders
        assert ("search", "x", 20, folders[1]) in service.requests
        await client.call_tool("magnetar_context", {"file": "web/a.py"})
        assert service.signals("visited") == [("visited", folders[0] / "a.py")]


async def test_without_roots_the_workspace_is_where_it_was_started(connect, service, tmp_path):
    async with connect() as client:
        await client.call_tool("magnetar_search", {"query": "x"})
    assert service.folders == [tmp_path]


async def test_a_resource_can_be_the_first_thing_asked_for(connect, service, folders):
    async with connect(roots=told(folders[0])) as client:
        with pytest.raises(MCPError, match="there is no such file"):
            await client.read_resource("magnetar://file/a.py")
    assert ("read", folders[0] / "a.py") in service.requests


@asked
async def test_a_client_that_cannot_tell_its_folders_is_served_where_it_stands(connect, service, tmp_path):
    async with connect(roots=lambda: ErrorData(code=-1, message="no")) as client:
        await client.call_tool("magnetar_search", {"query": "x"})
    assert service.folders == [tmp_path]


async def test_nobody_s_home_is_taken_for_a_project(connect, service, tmp_path, monkeypatch):
    monkeypatch.setattr(roots.Path, "home", lambda: tmp_path)
    async with connect() as client:
        said = await complaint(client, query="x")
    assert "magnetar mcp PATH" in said
    assert service.folders == []


@asked
async def test_folders_that_change_are_opened_and_closed(connect, service, folders):
    answers = iter([told(folders[0])(), told(folders[1])()])
    async with connect(roots=lambda: next(answers)) as client:
        await client.call_tool("magnetar_search", {"query": "x"})
        assert service.folders == [folders[0]]
        with pytest.warns(MCPDeprecationWarning, match="roots"):
            await client.send_roots_list_changed()
        while service.folders != [folders[1]]:
            await anyio.lowlevel.checkpoint()


# -- resources ---------------------------------------------------------------------------------------------------------


async def test_files_are_listed_in_pages(connect, service, tmp_path):
    service.answers["files"] = [tmp_path / f"f{number:03}.py" for number in range(250)]
    async with connect(given=tmp_path) as client:
        first = await client.list_resources()
        second = await client.list_resources(cursor=first.next_cursor)
    names = [row.name for row in (*first.resources, *second.resources)]
    assert names == [f"f{number:03}.py" for number in range(250)]
    assert first.resources[0].uri == "magnetar://file/f000.py"
    assert second.next_cursor is None


async def test_a_path_is_completed_beginnings_first(connect, service, tmp_path):
    service.answers["files"] = [tmp_path / name for name in ("a/cart.py", "cart_test.py", "z.py", "Cart.md")]
    async with connect(given=tmp_path) as client:
        template = (await client.list_resource_templates()).resource_templates[0]
        found = await client.complete(
            ref={"type": "ref/resource", "uri": template.uri_template}, argument={"name": "path", "value": "cart"}
        )
    assert found.completion.values == ["Cart.md", "cart_test.py", "a/cart.py"]
