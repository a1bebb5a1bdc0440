"""From `initialize` to `exit`: capabilities, folders, settings, status and warming as the client sees them."""

import asyncio
from pathlib import Path

import pytest

from lsp.fake_service import FakeService
from lsp.memory import ROOT_URI, MemoryClient
from magnetar.errors import BackendUnavailable
from magnetar.lsp.host import ServiceHost
from magnetar.model import Health, ServerStatus

PROGRESS_CLIENT = {"window": {"workDoneProgress": True}}
PULL_CLIENT = {"workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}}
ROOT = Path("/workspace")


def reply(client, request, result):
    client.send({"jsonrpc": "2.0", "id": request["id"], "result": result})


class TestInitialize:
    async def test_the_answer_is_the_protocols(self, client):
        result = await client.initialize()
        every_file = {"filters": [{"scheme": "file", "pattern": {"glob": "**/*"}}]}
        names = ["context", "predict", "prefetch", "warm", "search", "symbols", "stats", "explain", "clear"]
        assert result == {
            "serverInfo": {"name": "magnetar", "version": "9.9.9"},
            "capabilities": {
                "positionEncoding": "utf-16",
                "textDocumentSync": {"openClose": True, "change": 2, "save": {"includeText": False}},
                "workspace": {
                    "workspaceFolders": {"supported": True, "changeNotifications": True},
                    "fileOperations": {"didCreate": every_file, "didRename": every_file, "didDelete": every_file},
                },
                "experimental": {
                    "magnetar": {
                        "protocolVersion": 1,
                        "methods": [f"magnetar/{name}" for name in [*names, "synchronize"]],
                    },
                    "textDocument/didFocus": {"version": 1},
                    "window/didChangeActiveDocument": {"version": 1},
                    "experimental/serverStatus": {"version": 1},
                },
            },
        }

    async def test_nothing_is_built_before_the_answer(self, client, service):
        await client.request("initialize", {"capabilities": {}, "rootUri": ROOT_URI})
        assert client.settings is None
        assert not service.opened_service

    @pytest.mark.parametrize("capabilities", [None, 5, [], {"general": None}, {"general": {"positionEncodings": 5}}])
    async def test_odd_capabilities_are_no_obstacle(self, client, capabilities):
        result = await client.request("initialize", {"capabilities": capabilities})
        assert result["capabilities"]["positionEncoding"] == "utf-16"

    async def test_a_request_may_come_before_initialized(self, client):
        await client.request("initialize", {"capabilities": {}})
        await client.request("magnetar/context", {})

    @pytest.mark.parametrize(
        ("params", "roots"),
        [
            (
                {"workspaceFolders": [{"uri": "file:///x", "name": "x"}, {"uri": "file:///y", "name": "y"}]},
                ["/x", "/y"],
            ),
            ({"workspaceFolders": [{"uri": "file:///x"}, {"uri": "file:///x/"}]}, ["/x"]),
            ({"workspaceFolders": [{"uri": "vscode-vfs://x"}, {"uri": 5}, 7, {"uri": "file:///%zz"}]}, []),
            ({"workspaceFolders": []}, []),
            ({"workspaceFolders": None}, ["/workspace"]),
            ({"rootUri": None, "rootPath": "/z"}, ["/z"]),
            ({"rootUri": None, "rootPath": "relative"}, []),
            ({"rootUri": None}, []),
        ],
    )
    async def test_the_folders_are_found_wherever_the_client_names_them(self, client, service, params, roots):
        await client.initialize(**params)
        await client.settle()
        assert service.signals("add_folder") == [("add_folder", Path(root)) for root in roots]


class TestFolders:
    async def test_folders_come_and_go(self, client, service):
        await client.initialize()
        event = {"added": [{"uri": "file:///x", "name": "x"}], "removed": [{"uri": ROOT_URI, "name": "w"}]}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        await client.settle()
        assert service.signals("add_folder", "remove_folder") == [
            ("add_folder", ROOT),
            ("remove_folder", ROOT),
            ("add_folder", Path("/x")),
        ]

    async def test_a_folder_of_two_connections_is_closed_with_the_last(self, client, service):
        other = MemoryClient(service, host=client.host)
        for each in (client, other):
            await each.initialize()
            await each.settle()
        await other.connection.close()
        assert service.signals("add_folder", "remove_folder") == [("add_folder", ROOT)]
        await client.connection.close()
        assert service.signals("remove_folder") == [("remove_folder", ROOT)]


class TestSettings:
    @pytest.mark.parametrize("options", [None, {}, {"unknown": 1}, {"token": "x"}])
    async def test_no_settings_are_the_defaults_and_no_message(self, client, options):
        await client.initialize(options=options)
        await client.settle()
        assert client.settings.context.token_budget == 8_192
        assert not [note for note in client.notes if note["method"] == "window/showMessage"]

    async def test_all_bad_settings_are_named_in_one_warning(self, client):
        options = {"cache": {"maxBytes": "big"}, "context.tokenBudget": 0, "prediction": {"topK": 7}}
        await client.initialize(options=options)
        await client.settle()
        notes = await client.note("window/showMessage")
        assert len(notes) == 1
        assert notes[0]["type"] == 2
        assert "magnetar.cache.maxBytes" in notes[0]["message"]
        assert "magnetar.context.tokenBudget" in notes[0]["message"]
        assert client.settings.prediction.top_k == 7

    async def test_the_budget_of_a_request_that_names_none_is_the_setting(self, client, service):
        await client.initialize(options={"context": {"tokenBudget": 77}})
        await client.request("magnetar/context", {})
        assert service.requests[-1][0].token_budget == 77

    @pytest.mark.parametrize("settings", [{"magnetar": {"prediction": {"topK": 9}}}, {"prediction": {"topK": 9}}])
    async def test_pushed_settings_are_taken(self, client, service, settings):
        await client.initialize()
        client.notify("workspace/didChangeConfiguration", {"settings": settings})
        await client.settle()
        assert [call[1].prediction.top_k for call in service.signals("configure")] == [9]

    async def test_settings_are_asked_for_where_the_client_can_be_asked(self, client, service):
        await client.initialize(PULL_CLIENT)
        (request,) = await client.asked_for("workspace/configuration")
        assert request["params"] == {"items": [{"section": "magnetar"}]}
        reply(client, request, [{"prediction": {"topK": 9}}])
        (registration,) = await client.asked_for("client/registerCapability")
        reply(client, registration, None)
        await client.settle()
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        reply(client, (await client.asked_for("workspace/configuration", 2))[1], [{"prediction": {"topK": 3}}])
        await client.settle()
        assert [call[1].prediction.top_k for call in service.signals("configure")] == [9, 3]

    @pytest.mark.parametrize("answer", [{"result": [None]}, {"result": None}, {"result": 5}, {"error": {"code": 1}}])
    async def test_a_client_without_an_answer_keeps_what_it_has(self, client, service, answer):
        await client.initialize({"workspace": {"configuration": True}}, options={"prediction": {"topK": 9}})
        (request,) = await client.asked_for("workspace/configuration")
        client.send({"jsonrpc": "2.0", "id": request["id"], **answer})
        await client.settle()
        assert not service.signals("configure")
        assert client.settings.prediction.top_k == 9


class TestStatus:
    async def test_every_change_is_sent_once(self, client, service):
        await client.initialize()
        await client.settle()
        warming = ServerStatus(Health.OK, quiescent=False)
        for status in (warming, warming, ServerStatus(Health.WARNING, quiescent=True, message="Redis is down")):
            service.on_status(status)
        assert await client.note("experimental/serverStatus", 2) == [
            {"health": "ok", "quiescent": False},
            {"health": "warning", "quiescent": True, "message": "Redis is down"},
        ]

    async def test_a_later_connection_is_told_how_the_server_is(self, client, service):
        await client.initialize()
        await client.settle()
        service.on_status(ServerStatus(Health.OK, quiescent=True))
        other = MemoryClient(service, host=client.host)
        await other.initialize()
        assert await other.note("experimental/serverStatus") == [{"health": "ok", "quiescent": True}]
        await other.connection.close()

    async def test_a_sentence_of_the_service_is_shown(self, client, service):
        await client.initialize()
        await client.settle()
        service.on_message("The watch limit is reached")
        assert await client.note("window/showMessage") == [{"type": 2, "message": "The watch limit is reached"}]

    async def test_a_service_that_does_not_open_is_an_error_with_its_reason(self):
        class Broken(FakeService):
            async def open(self):
                raise BackendUnavailable("the cache directory is not writable")

        client = MemoryClient(Broken())
        await client.initialize()
        error = await client.error("magnetar/context", {})
        assert (error["code"], error["data"]["kind"]) == (-32803, "backendUnavailable")
        (status,) = await client.note("experimental/serverStatus")
        assert status == {"health": "error", "quiescent": True, "message": "the cache directory is not writable"}
        await client.close()


class TestWarming:
    async def test_a_bar_is_made_filled_and_ended(self, client, service):
        await client.initialize(PROGRESS_CLIENT)
        await client.settle()
        bar = service.on_warming(ROOT)
        bar(1_234, 10_000)
        (request,) = await client.asked_for("window/workDoneProgress/create")
        reply(client, request, None)
        await client.note("$/progress")
        bar(10_000, 10_000)
        notes = await client.note("$/progress", 3)
        assert {note["token"] for note in notes} == {request["params"]["token"]}
        assert [note["value"] for note in notes] == [
            {
                "kind": "begin",
                "title": "Indexing workspace",
                "cancellable": False,
                "percentage": 12,
                "message": "1 234 / 10 000 files",
            },
            {"kind": "report", "percentage": 100, "message": "10 000 / 10 000 files"},
            {"kind": "end", "message": "10 000 / 10 000 files"},
        ]

    async def test_what_is_done_before_the_client_made_room_is_not_shown(self, client, service):
        await client.initialize(PROGRESS_CLIENT)
        await client.settle()
        service.on_warming(ROOT)(5, 5)
        (request,) = await client.asked_for("window/workDoneProgress/create")
        reply(client, request, None)
        await client.settle()
        assert not [note for note in client.notes if note["method"] == "$/progress"]

    async def test_a_client_without_bars_is_not_asked_for_one(self, client, service):
        await client.initialize()
        await client.settle()
        assert service.on_warming(ROOT) is None

    async def test_a_client_that_refuses_gets_none(self, client, service):
        await client.initialize(PROGRESS_CLIENT)
        await client.settle()
        bar = service.on_warming(ROOT)
        (request,) = await client.asked_for("window/workDoneProgress/create")
        client.send({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -1, "message": "no"}})
        await client.settle()
        bar(1, 2)
        bar(2, 2)
        await client.settle()
        assert not [note for note in client.notes if note["method"] == "$/progress"]


class TestEnd:
    async def test_exit_after_shutdown_is_zero(self, client):
        await client.initialize()
        await client.request("shutdown")
        client.notify("exit")
        assert await client.connection.ended == 0

    async def test_exit_alone_is_one(self, client):
        client.notify("exit")
        assert await client.connection.ended == 1

    async def test_the_end_of_input_is_an_end(self, client):
        await client.initialize()
        client.send_bytes(b"")
        assert await client.connection.ended == 1

    async def test_the_end_of_input_after_shutdown_is_a_clean_one(self, client):
        await client.initialize()
        await client.request("shutdown")
        client.send_bytes(b"")
        assert await client.connection.ended == 0

    async def test_the_service_is_closed_with_the_host_and_twice_is_fine(self, client, service):
        await client.initialize()
        await client.settle()
        await client.close()
        await client.host.close(1)
        assert service.closed_service

    async def test_a_service_that_was_never_needed_is_never_built(self, service):
        built = []
        host = ServiceHost(lambda settings: built.append(settings) or service)
        client = MemoryClient(service, host=host)
        await client.request("initialize", {"capabilities": {}})
        await client.close()
        assert not built

    async def test_a_service_that_does_not_close_is_given_up_on(self, client, service, caplog):
        await client.initialize()
        await client.settle()
        service.close = asyncio.Event().wait
        await client.host.close(0.01)
        assert "did not close within" in caplog.text
