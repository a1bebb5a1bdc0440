"""How a connection begins and ends: `initialize` to `exit`, its folders, its cancellations, and its client's death.

`initialize` does no I/O: the service, the folders and the pull of settings begin with `initialized`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from magnetar.lsp.access import holds_token
from magnetar.lsp.capabilities import initialize_result
from magnetar.lsp.configuration import Configuration
from magnetar.lsp.convert import position_encoding
from magnetar.lsp.handshake import InitializeParams
from magnetar.lsp.host import ServiceHost
from magnetar.lsp.parent import parent_ended
from magnetar.lsp.protocol import Handler, MagnetarProtocol, Phase
from magnetar.lsp.session import Session
from magnetar.lsp.standard import CancelParams, FoldersParams, NoParams, TraceParams
from magnetar.lsp.status import StatusReporter


class Lifecycle:
    """One connection's beginning and end; `on_exit` is given the exit code, `token` is what a client must show."""

    def __init__(
        self,
        host: ServiceHost,
        session: Session,
        protocol: MagnetarProtocol,
        *,
        version: str,
        token: str | None,
        on_exit: Callable[[int], None],
    ) -> None:
        self._host = host
        self._session = session
        self._protocol = protocol
        self._version = version
        self._token = token
        self._on_exit = on_exit
        self._status = StatusReporter(protocol, session)
        self._configuration = Configuration(host, session, protocol, self._status)
        self._folders: dict[Path, None] = {}
        self._begun = False
        self._watching: asyncio.Task[None] | None = None

    def handlers(self) -> Mapping[str, Handler]:
        """What is called for each message."""
        return {
            types.INITIALIZE: self.initialize,
            types.INITIALIZED: self.initialized,
            types.SHUTDOWN: self.shutdown,
            types.EXIT: self.exit,
            types.CANCEL_REQUEST: self.cancel_request,
            types.WINDOW_WORK_DONE_PROGRESS_CANCEL: self.cancel_progress,
            types.SET_TRACE: self.set_trace,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self.did_change_folders,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: self._configuration.did_change,
        }

    def initialize(self, params: InitializeParams) -> Mapping[str, Any]:
        """Agrees on the encoding, notes what the client wants, and answers."""
        if self._token is not None and not holds_token(params.options, self._token):
            self._on_exit(1)
            raise JsonRpcInvalidParams("initializationOptions.token must be the access token of this server")
        features = params.features
        self._session.features = features
        self._session.navigates_by_focus = features.focus
        self._session.encoding = position_encoding(features.position_encodings)
        self._folders = dict.fromkeys(params.folders)
        self._configuration.start(params.options)
        if params.process_id is not None:
            self._watching = asyncio.get_running_loop().create_task(self._watch(params.process_id))
        self._protocol.phase = Phase.RUNNING
        return initialize_result(self._session.encoding, self._version)

    def initialized(self, _params: NoParams) -> None:
        """Begins the work, once."""
        if self._begun:
            return
        self._begun = True
        self._host.attach(self._status)
        self._host.start()
        for root in self._folders:
            self._host.add_folder(root)
        self._configuration.initialized()

    def shutdown(self, _params: NoParams) -> None:
        """Stops answering; what runs is answered as cancelled."""
        self._protocol.cancel_all()
        self._protocol.phase = Phase.SHUT_DOWN

    def exit(self, _params: NoParams) -> None:
        """Ends the connection."""
        self._on_exit(self.exit_code)

    @property
    def exit_code(self) -> int:
        """What a process that ends now ends with."""
        return 0 if self._protocol.phase is Phase.SHUT_DOWN else 1

    def cancel_request(self, params: CancelParams) -> None:
        """Cancels by id."""
        self._protocol.cancel(params.key)

    def cancel_progress(self, params: CancelParams) -> None:
        """Cancels by progress token; a warming that nobody asked for goes on."""
        self._protocol.cancel_progress(params.key)

    def set_trace(self, params: TraceParams) -> None:
        """Notes what the client wants traced; nothing is, the client sees all messages itself."""
        self._protocol.trace = params.value

    def did_change_folders(self, params: FoldersParams) -> None:
        """Folders were opened and closed; before `initialized` that is only noted."""
        for root in params.removed:
            if root in self._folders:
                del self._folders[root]
                if self._begun:
                    self._host.remove_folder(root)
        for root in params.added:
            if root not in self._folders:
                self._folders[root] = None
                if self._begun:
                    self._host.add_folder(root)

    async def settled(self) -> None:
        """Returns once nothing is awaited from the client."""
        await self._configuration.settled()

    def close(self) -> None:
        """The connection ended: so do its folders and everything that waits for the client."""
        if self._watching is not None:
            self._watching.cancel()
        self._configuration.close()
        self._status.close()
        self._host.detach(self._status)
        if self._begun:
            for root in self._folders:
                self._host.remove_folder(root)
        self._folders.clear()

    async def _watch(self, process_id: int) -> None:
        await parent_ended(process_id)
        self._on_exit(self.exit_code)
