"""The messages of the Language Server Protocol itself that the server takes, reduced to what it uses of them.

Only `initialize` stands elsewhere, in `handshake.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen
from lsprotocol import types

from magnetar.lsp.fields import (
    Fields,
    WireRange,
    array,
    document,
    one_of,
    range_,
    target,
    text,
    token,
)
from magnetar.lsp.handshake import InitializeParams, local_paths
from magnetar.lsp.messages import DID_CHANGE_ACTIVE_DOCUMENT, DID_FOCUS
from magnetar.model import ChangeKind, FileChange, Target


@frozen
class OpenParams:
    """`textDocument/didOpen`."""

    document: Target
    language: str
    version: int
    text: str

    @classmethod
    def read(cls, raw: Any) -> OpenParams:
        """From the wire."""
        fields = Fields.of(Fields.of(raw).values.get("textDocument"), "textDocument")
        return cls(
            document=fields.required("uri", target),
            language=fields.optional("languageId", text) or "",
            version=_version(fields),
            text=fields.required("text", text),
        )


@frozen
class Change:
    """One edit: `text` in place of a range, or of everything."""

    range: WireRange | None
    text: str

    @classmethod
    def read(cls, raw: Any, name: str) -> Change:
        """From the wire."""
        fields = Fields.of(raw, name)
        return cls(fields.optional("range", range_), fields.required("text", text))


@frozen
class ChangeParams:
    """`textDocument/didChange`."""

    document: Target
    version: int
    changes: tuple[Change, ...]

    @classmethod
    def read(cls, raw: Any) -> ChangeParams:
        """From the wire."""
        fields = Fields.of(raw)
        identifier = Fields.of(fields.values.get("textDocument"), "textDocument")
        return cls(
            document=identifier.required("uri", target),
            version=_version(identifier),
            changes=fields.required("contentChanges", array(Change.read)),
        )


@frozen
class DocumentParams:
    """`textDocument/didSave`, `didClose` and both focus notifications; None is no document."""

    document: Target | None

    @classmethod
    def read(cls, raw: Any) -> DocumentParams:
        """From the wire."""
        return cls(Fields.of(raw).optional("textDocument", document))


@frozen
class FileChangesParams:
    """`workspace/didChangeWatchedFiles`, `didCreateFiles` and `didDeleteFiles`."""

    changes: tuple[FileChange, ...]

    @classmethod
    def watched(cls, raw: Any) -> FileChangesParams:
        """From the wire, each change with its own kind."""
        return cls._of(Fields.of(raw).required("changes", array(_watched)))

    @classmethod
    def created(cls, raw: Any) -> FileChangesParams:
        """From the wire, all of them new files."""
        files = Fields.of(raw).required("files", array(_file))
        return cls._of(tuple((file, ChangeKind.CREATED) for file in files))

    @classmethod
    def deleted(cls, raw: Any) -> FileChangesParams:
        """From the wire, all of them gone."""
        files = Fields.of(raw).required("files", array(_file))
        return cls._of(tuple((file, ChangeKind.DELETED) for file in files))

    @classmethod
    def _of(cls, changes: tuple[tuple[Target, ChangeKind], ...]) -> FileChangesParams:
        return cls(tuple(FileChange(file.path, kind) for file, kind in changes if file.path is not None))


@frozen
class RenameParams:
    """`workspace/didRenameFiles`: (old, new) for each."""

    renames: tuple[tuple[Target, Target], ...]

    @classmethod
    def read(cls, raw: Any) -> RenameParams:
        """From the wire."""
        return cls(Fields.of(raw).required("files", array(_rename)))


@frozen
class FoldersParams:
    """`workspace/didChangeWorkspaceFolders`."""

    added: tuple[Path, ...]
    removed: tuple[Path, ...]

    @classmethod
    def read(cls, raw: Any) -> FoldersParams:
        """From the wire."""
        event = Fields.of(Fields.of(raw).values.get("event"), "event")
        added = event.optional("added", array(_file)) or ()
        removed = event.optional("removed", array(_file)) or ()
        return cls(local_paths(added), local_paths(removed))


@frozen
class ConfigurationParams:
    """`workspace/didChangeConfiguration`, with the settings as they are."""

    settings: Any

    @classmethod
    def read(cls, raw: Any) -> ConfigurationParams:
        """From the wire."""
        return cls(Fields.of(raw).values.get("settings"))


@frozen
class CancelParams:
    """`$/cancelRequest` (a request's id) and `window/workDoneProgress/cancel` (a token)."""

    key: str | int

    @classmethod
    def request(cls, raw: Any) -> CancelParams:
        """From the wire."""
        return cls(Fields.of(raw).required("id", token))

    @classmethod
    def progress(cls, raw: Any) -> CancelParams:
        """From the wire."""
        return cls(Fields.of(raw).required("token", token))


@frozen
class TraceParams:
    """`$/setTrace`."""

    value: types.TraceValue

    @classmethod
    def read(cls, raw: Any) -> TraceParams:
        """From the wire."""
        return cls(Fields.of(raw).required("value", one_of(types.TraceValue)))


@frozen
class NoParams:
    """`initialized`, `shutdown`, `exit`: whatever they carry is not looked at."""

    @classmethod
    def read(cls, _raw: Any) -> NoParams:
        """From the wire."""
        return cls()


REQUESTS: Mapping[str, Callable[[Any], Any]] = {
    types.INITIALIZE: InitializeParams.read,
    types.SHUTDOWN: NoParams.read,
}
"""How the params of the protocol's own requests are read."""

NOTIFICATIONS: Mapping[str, Callable[[Any], Any]] = {
    types.INITIALIZED: NoParams.read,
    types.EXIT: NoParams.read,
    types.CANCEL_REQUEST: CancelParams.request,
    types.SET_TRACE: TraceParams.read,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: CancelParams.progress,
    types.TEXT_DOCUMENT_DID_OPEN: OpenParams.read,
    types.TEXT_DOCUMENT_DID_CHANGE: ChangeParams.read,
    types.TEXT_DOCUMENT_DID_SAVE: DocumentParams.read,
    types.TEXT_DOCUMENT_DID_CLOSE: DocumentParams.read,
    DID_FOCUS: DocumentParams.read,
    DID_CHANGE_ACTIVE_DOCUMENT: DocumentParams.read,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: FileChangesParams.watched,
    types.WORKSPACE_DID_CREATE_FILES: FileChangesParams.created,
    types.WORKSPACE_DID_DELETE_FILES: FileChangesParams.deleted,
    types.WORKSPACE_DID_RENAME_FILES: RenameParams.read,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: FoldersParams.read,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: ConfigurationParams.read,
}
"""How the params of every notification are read."""


def _version(fields: Fields) -> int:
    # Versions only grow in theory; any integer, or none, is as good as the client can do.
    version = fields.values.get("version")
    return version if isinstance(version, int) else 0


def _file(value: Any, name: str) -> Target:
    return Fields.of(value, name).required("uri", target)


def _rename(value: Any, name: str) -> tuple[Target, Target]:
    fields = Fields.of(value, name)
    return fields.required("oldUri", target), fields.required("newUri", target)


def _watched(value: Any, name: str) -> tuple[Target, ChangeKind]:
    fields = Fields.of(value, name)
    return fields.required("uri", target), fields.required("type", one_of(ChangeKind))
