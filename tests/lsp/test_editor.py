"""The server as an editor's own client library sees it, through pytest-lsp and lsprotocol's types."""

import sys
from pathlib import Path

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

LAUNCHER = Path(__file__).with_name("launcher.py")


@pytest_lsp.fixture(
    config=ClientServerConfig(server_command=[sys.executable, str(LAUNCHER), "--mark", "/dev/null"]),
)
async def editor(lsp_client: LanguageClient, tmp_path):
    lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda _params: None)
    params = types.InitializeParams(
        capabilities=client_capabilities("visual-studio-code"),
        workspace_folders=[types.WorkspaceFolder(uri=tmp_path.as_uri(), name="w")],
    )
    result = await lsp_client.initialize_session(params)
    assert result.server_info.name == "magnetar"
    assert result.capabilities.text_document_sync.change is types.TextDocumentSyncKind.Incremental
    yield
    await lsp_client.shutdown_session()


async def test_an_editor_that_speaks_the_standard_understands_every_word(editor, tmp_path):
    uri = (tmp_path / "a.py").as_uri()
    editor.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, "one\n")))
    editor.protocol.notify("textDocument/didFocus", {"textDocument": {"uri": uri}})
    editor.progress_reports["t"] = []
    answer = await editor.protocol.send_request_async("magnetar/context", {"query": "one", "workDoneToken": "t"})
    assert answer.tokenBudget == 8_192
    assert [type(report).__name__ for report in editor.progress_reports["t"]] == [
        "WorkDoneProgressBegin",
        "WorkDoneProgressEnd",
    ]
