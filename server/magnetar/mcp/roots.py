"""Which folders a client works in: the one the command line named, else what the client says, else where it was started.

Up to revision 2025-11-25 of the protocol a server asks its client; from 2026-07-28 on it answers a request with the
question, and the client asks again with the answer. A client without roots is asked nothing.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

from magnetar.context.service import Service
from magnetar.errors import NoWorkspace
from magnetar.mcp.places import Places, path_of_uri

_KEY = "roots"
_PATIENCE_SECONDS = 10.0

_logger = logging.getLogger(__name__)


class Roots:
    """Opens the client's folders in the service, once they are known."""

    def __init__(self, service: Service, given: Path | None, here: Path) -> None:
        """Opens nothing yet but a folder that is given.

        Args:
            service: Open, with no folder.
            given: The folder that was named when the server started; then the client is not asked.
            here: The folder it was started in.
        """
        self._service = service
        self._given = given
        self._here = here
        self._places: Places | None = None
        self._asking = asyncio.Lock()
        if given is not None:
            self._use([given])

    @property
    def places(self) -> Places:
        """The folders.

        Raises:
            NoWorkspace: There are none.
        """
        if self._places is None:
            raise NoWorkspace("magnetar was told of no folder to work in.")
        return self._places

    async def settle(
        self, context: ServerRequestContext, answers: types.InputResponses | None
    ) -> types.InputRequiredResult | None:
        """Sees to it that the folders are known; what the client must be asked first, where that is so."""
        async with self._asking:
            if self._places is not None:
                return None
            answer = (answers or {}).get(_KEY)
            if isinstance(answer, types.ListRootsResult):
                self._take(answer.roots)
            elif not _has_roots(context):
                self._take([])
            elif context.session.can_send_request:
                await self._ask(context)
            else:
                return types.InputRequiredResult(input_requests={_KEY: types.ListRootsRequest()})
            return None

    async def changed(self, context: ServerRequestContext) -> None:
        """The client says that its folders are others now."""
        if self._given is None:
            async with self._asking:
                await self._ask(context)

    async def _ask(self, context: ServerRequestContext) -> None:
        try:
            answer = await context.session.send_request(
                types.ListRootsRequest(), types.ListRootsResult, request_read_timeout_seconds=_PATIENCE_SECONDS
            )
        except MCPError as error:
            _logger.warning("the client could not say which folders it works in (%s)", error.error.code)
            self._take([])
        else:
            self._take(answer.roots)

    def _take(self, roots: list[types.Root]) -> None:
        folders = [path for root in roots if (path := path_of_uri(str(root.uri))).is_dir()]
        if not folders and self._here not in (Path(self._here.anchor), Path.home()):  # nobody's project
            folders = [self._here]
        self._use(folders)

    def _use(self, folders: list[Path]) -> None:
        before = () if self._places is None else self._places.roots
        self._places = Places(folders) if folders else None
        for root in before:
            if root not in folders:
                self._service.remove_folder(root)
        for root in folders:
            self._service.add_folder(root)


def _has_roots(context: ServerRequestContext) -> bool:
    capabilities = context.session.client_capabilities
    return capabilities is not None and capabilities.roots is not None
