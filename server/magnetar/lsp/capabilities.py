"""What the server says of itself in the answer to `initialize`: section 2 of the protocol, word for word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsprotocol.types import TextDocumentSyncKind

from magnetar.lsp.messages import DID_CHANGE_ACTIVE_DOCUMENT, DID_FOCUS, METHODS, SERVER_STATUS
from magnetar.model import PositionEncoding

PROTOCOL_VERSION = 1


def initialize_result(encoding: PositionEncoding, version: str) -> Mapping[str, Any]:
    """`InitializeResult`."""
    every_file = {"filters": [{"scheme": "file", "pattern": {"glob": "**/*"}}]}
    return {
        "serverInfo": {"name": "magnetar", "version": version},
        "capabilities": {
            "positionEncoding": encoding.value,
            "textDocumentSync": {
                "openClose": True,
                "change": TextDocumentSyncKind.Incremental.value,
                "save": {"includeText": False},
            },
            "workspace": {
                "workspaceFolders": {"supported": True, "changeNotifications": True},
                "fileOperations": {"didCreate": every_file, "didRename": every_file, "didDelete": every_file},
            },
            "experimental": {
                "magnetar": {"protocolVersion": PROTOCOL_VERSION, "methods": METHODS},
                DID_FOCUS: {"version": 1},
                DID_CHANGE_ACTIVE_DOCUMENT: {"version": 1},
                SERVER_STATUS: {"version": 1},
            },
        },
    }
