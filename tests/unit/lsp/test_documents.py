"""What the service is told of documents, focus and files."""

from pathlib import Path

import pytest

from lsp.memory import ROOT_URI, UTF8
from magnetar.model import ChangeKind, FileChange

A, B = f"{ROOT_URI}/a.py", f"{ROOT_URI}/b.py"
PATH_A, PATH_B = Path("/workspace/a.py"), Path("/workspace/b.py")
FOCUS_CLIENT = {"experimental": {"textDocument/didFocus": {"supported": True}}}


def opened(uri, text="", version=1):
    return {"textDocument": {"uri": uri, "languageId": "python", "version": version, "text": text}}


def named(uri):
    return {"textDocument": {"uri": uri}}


def span(line, start, end):
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


async def told(client, service, *names):
    await client.settle()
    return service.signals(*names)


async def test_a_document_is_followed_from_open_to_close(client, service):
    await client.initialize()
    client.notify("textDocument/didOpen", opened(A, "one\n"))
    changes = [{"range": span(0, 0, 3), "text": "two"}, {"range": span(1, 0, 0), "text": "three"}]
    client.notify("textDocument/didChange", {"textDocument": {"uri": A, "version": 5}, "contentChanges": changes})
    client.notify("textDocument/didSave", named(A))
    client.notify("textDocument/didClose", named(A))
    assert await told(client, service, "opened", "changed", "saved", "closed") == [
        ("opened", PATH_A, "python", 1, "one\n", ("access", True)),
        ("changed", PATH_A, 5, "two\nthree"),
        ("saved", PATH_A),
        ("closed", PATH_A),
    ]


@pytest.mark.parametrize(("capabilities", "character"), [({}, 3), (UTF8, 5)])
async def test_edits_count_in_the_negotiated_encoding(client, service, capabilities, character):
    await client.initialize(capabilities)
    client.notify("textDocument/didOpen", opened(A, "a😀b"))
    change = {"range": span(0, character, character), "text": "|"}
    client.notify("textDocument/didChange", {"textDocument": {"uri": A, "version": 2}, "contentChanges": [change]})
    assert await told(client, service, "changed") == [("changed", PATH_A, 2, "a😀|b")]


async def test_a_change_without_a_range_replaces_everything(client, service):
    await client.initialize()
    client.notify("textDocument/didOpen", opened(A, "one"))
    change = {"range": None, "text": "two"}
    client.notify("textDocument/didChange", {"textDocument": {"uri": A}, "contentChanges": [change]})
    assert await told(client, service, "changed") == [("changed", PATH_A, 0, "two")]


async def test_a_document_opened_again_starts_over(client, service):
    await client.initialize()
    client.notify("textDocument/didOpen", opened(A, "one"))
    client.notify("textDocument/didOpen", opened(A, "two", 7))
    assert [call[4] for call in await told(client, service, "opened")] == ["one", "two"]


async def test_changes_and_closes_of_what_is_not_open_are_ignored(client, service):
    await client.initialize()
    change = {"textDocument": {"uri": A, "version": 1}, "contentChanges": [{"text": "x"}]}
    client.notify("textDocument/didChange", change)
    client.notify("textDocument/didClose", named(A))
    assert not await told(client, service, "changed", "closed")


class TestAttention:
    async def test_for_a_client_that_tells_no_focus_opening_is_attention(self, client, service):
        await client.initialize()
        client.notify("textDocument/didOpen", opened(A))
        client.notify("textDocument/didOpen", opened(B))
        assert [call[-1] for call in await told(client, service, "opened")] == [("access", True)] * 2

    async def test_for_a_client_that_declares_focus_opening_is_none(self, client, service):
        await client.initialize(FOCUS_CLIENT)
        client.notify("textDocument/didOpen", opened(A))
        assert [call[-1] for call in await told(client, service, "opened")] == [("access", False)]

    @pytest.mark.parametrize("method", ["textDocument/didFocus", "window/didChangeActiveDocument"])
    async def test_after_one_focus_opening_is_none(self, client, service, method):
        await client.initialize()
        client.notify(method, named(A))
        client.notify("textDocument/didOpen", opened(B))
        assert await told(client, service, "opened", "focused") == [
            ("focused", PATH_A),
            ("opened", PATH_B, "python", 1, "", ("access", False)),
        ]

    @pytest.mark.parametrize("params", [{}, None, {"textDocument": None}])
    async def test_the_focus_may_be_on_nothing(self, client, service, params):
        await client.initialize()
        client.notify("textDocument/didFocus", params)
        assert await told(client, service, "focused") == [("focused", None)]


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "git:/a.py", "output:x", "nonsense", "file:///%zz", "", 5, None]
)
async def test_documents_that_are_no_files_are_ignored(client, service, uri):
    await client.initialize()
    client.notify("textDocument/didOpen", opened(uri, "x"))
    client.notify("textDocument/didChange", {"textDocument": {"uri": uri}, "contentChanges": [{"text": "y"}]})
    client.notify("textDocument/didSave", named(uri))
    client.notify("textDocument/didFocus", named(uri))
    client.notify("textDocument/didClose", named(uri))
    assert not await told(client, service, "opened", "changed", "saved", "focused", "closed")


async def test_changes_on_disk_are_passed_on_by_kind(client, service):
    await client.initialize()
    changes = [{"uri": A, "type": 1}, {"uri": B, "type": 3}, {"uri": "git:/x", "type": 2}]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    client.notify("workspace/didCreateFiles", {"files": [{"uri": A}]})
    client.notify("workspace/didDeleteFiles", {"files": [{"uri": B}]})
    client.notify("workspace/didRenameFiles", {"files": [{"oldUri": A, "newUri": B}]})
    assert await told(client, service, "disk_changed", "renamed") == [
        ("disk_changed", (FileChange(PATH_A, ChangeKind.CREATED), FileChange(PATH_B, ChangeKind.DELETED))),
        ("disk_changed", (FileChange(PATH_A, ChangeKind.CREATED),)),
        ("disk_changed", (FileChange(PATH_B, ChangeKind.DELETED),)),
        ("renamed", PATH_A, PATH_B),
    ]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/didOpen", {}),
        ("textDocument/didOpen", {"textDocument": {"uri": A}}),
        ("textDocument/didOpen", {"textDocument": {"uri": A, "text": None}}),
        ("textDocument/didChange", {"textDocument": {"uri": A}, "contentChanges": [{"text": 5}]}),
        ("textDocument/didChange", {"textDocument": {"uri": A}, "contentChanges": [{"range": {}, "text": ""}]}),
        ("textDocument/didFocus", {"textDocument": 5}),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": A, "type": 4}]}),
        ("workspace/didRenameFiles", {"files": [{"oldUri": A}]}),
    ],
)
async def test_a_notification_that_cannot_be_read_changes_nothing(client, service, method, params):
    await client.initialize()
    client.notify("textDocument/didOpen", opened(A, "x"))
    client.notify(method, params)
    await client.settle()
    assert [call[0] for call in service.calls] == ["add_folder", "opened"]


async def test_what_a_connection_had_open_is_closed_with_it(client, service):
    await client.initialize()
    client.notify("textDocument/didOpen", opened(A))
    client.notify("textDocument/didOpen", opened(B))
    await client.settle()
    await client.close()
    assert service.calls[-4:] == [
        ("closed", PATH_A),
        ("closed", PATH_B),
        ("remove_folder", Path("/workspace")),
        ("forget_ledger", "test"),
    ]
