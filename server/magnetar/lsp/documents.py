"""The access signals: what the editor has open, what the user looks at, what happened to files.

Every handler is synchronous and only passes on; which of it is learned from is the service's business. Documents that
are no files (`untitled:`, `git:` and the like) are ignored throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types

from magnetar.lsp.host import ServiceHost
from magnetar.lsp.messages import DID_CHANGE_ACTIVE_DOCUMENT, DID_FOCUS
from magnetar.lsp.protocol import Handler
from magnetar.lsp.session import Session
from magnetar.lsp.standard import ChangeParams, DocumentParams, FileChangesParams, OpenParams, RenameParams
from magnetar.lsp.textbuffer import TextBuffer


class Documents:
    """One connection's open documents and its signals."""

    def __init__(self, host: ServiceHost, session: Session) -> None:
        self._host = host
        self._session = session
        self._buffers: dict[Path, TextBuffer] = {}

    def handlers(self) -> Mapping[str, Handler]:
        """What is called for each notification."""
        return {
            types.TEXT_DOCUMENT_DID_OPEN: self.did_open,
            types.TEXT_DOCUMENT_DID_CHANGE: self.did_change,
            types.TEXT_DOCUMENT_DID_SAVE: self.did_save,
            types.TEXT_DOCUMENT_DID_CLOSE: self.did_close,
            DID_FOCUS: self.did_focus,
            DID_CHANGE_ACTIVE_DOCUMENT: self.did_focus,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES: self.did_change_files,
            types.WORKSPACE_DID_CREATE_FILES: self.did_change_files,
            types.WORKSPACE_DID_DELETE_FILES: self.did_change_files,
            types.WORKSPACE_DID_RENAME_FILES: self.did_rename_files,
        }

    def did_open(self, params: OpenParams) -> None:
        """A buffer covers its file from now on."""
        path = params.document.path
        if path is None:
            return
        access = not self._session.navigates_by_focus
        self._buffers[path] = TextBuffer(params.text, self._session.encoding)
        self._host.post(
            lambda service: service.opened(path, params.language, params.version, params.text, access=access)
        )

    def did_change(self, params: ChangeParams) -> None:
        """Edits, one after the other."""
        path = params.document.path
        buffer = None if path is None else self._buffers.get(path)
        if path is None or buffer is None:
            return
        for change in params.changes:
            if change.range is None:
                buffer.replace_all(change.text)
            else:
                buffer.replace(*change.range, change.text)
        text = buffer.text
        self._host.post(lambda service: service.changed(path, params.version, text))

    def did_save(self, params: DocumentParams) -> None:
        """The buffer was written to its file."""
        path = _path(params)
        if path is not None:
            self._host.post(lambda service: service.saved(path))

    def did_close(self, params: DocumentParams) -> None:
        """The file counts again."""
        path = _path(params)
        if path in self._buffers:
            self._close(path)

    def did_focus(self, params: DocumentParams) -> None:
        """The user looks at another document, or at none."""
        self._session.navigates_by_focus = True
        path = _path(params)
        if path is not None or params.document is None:
            self._host.post(lambda service: service.focused(path))

    def did_change_files(self, params: FileChangesParams) -> None:
        """Files appeared, changed or went away on disk."""
        if params.changes:
            self._host.post(lambda service: service.disk_changed(params.changes))

    def did_rename_files(self, params: RenameParams) -> None:
        """Files or folders have new names."""
        for old, new in params.renames:
            self._rename(old.path, new.path)

    def close(self) -> None:
        """The connection ended, and its buffers with it."""
        for path in tuple(self._buffers):
            self._close(path)

    def _close(self, path: Path) -> None:
        del self._buffers[path]
        self._host.post(lambda service: service.closed(path))

    def _rename(self, old: Path | None, new: Path | None) -> None:
        if old is not None and new is not None:
            self._host.post(lambda service: service.renamed(old, new))


def _path(params: DocumentParams) -> Path | None:
    return None if params.document is None else params.document.path
