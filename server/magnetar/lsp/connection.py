"""One client from its first byte to its last: puts the handlers, the protocol and the transport together."""

from __future__ import annotations

import asyncio
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from magnetar.lsp.documents import Documents
from magnetar.lsp.framing import Malformed
from magnetar.lsp.host import ServiceHost
from magnetar.lsp.lifecycle import Lifecycle
from magnetar.lsp.protocol import MagnetarProtocol, Phase
from magnetar.lsp.requests import Requests
from magnetar.lsp.session import Session
from magnetar.lsp.transport import Stream, Transport

DRAIN_SECONDS = 1.0
"""How long a client that leaves may still read."""


class Connection:
    """Serves one stream. With a `token`, a stranger's first word ends it."""

    def __init__(self, host: ServiceHost, stream: Stream, *, name: str, version: str, token: str | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = loop.create_future()
        """The exit code, once there is nothing left to serve."""
        self._host = host
        self._session = Session(ledger=name)
        self._guarded = token is not None
        self._protocol = _protocol(version)
        self._documents = Documents(host, self._session)
        self._lifecycle = Lifecycle(host, self._session, self._protocol, version=version, token=token, on_exit=self.end)
        requests = Requests(host, self._session, self._protocol, self._lifecycle.settled)
        for part in (self._lifecycle, self._documents, requests):
            self._protocol.handle(part.handlers())
        self._transport = Transport(stream, loop, self._receive, self._lost)
        self._protocol.set_writer(self._transport)
        self._transport.start()

    def log(self, kind: types.MessageType, text: str) -> None:
        """Passes a line of the log on."""
        if self._protocol.phase is Phase.RUNNING:
            self._protocol.notify(types.WINDOW_LOG_MESSAGE, types.LogMessageParams(kind, text))

    async def close(self) -> None:
        """Answers what is open, lets the client read it, and takes back what it had opened."""
        self._protocol.cancel_all()
        self._protocol.phase = Phase.ENDED
        self._documents.close()
        self._lifecycle.close()
        ledger = self._session.ledger
        self._host.post(lambda service: service.forget_ledger(ledger))
        self._transport.close()
        await asyncio.get_running_loop().run_in_executor(None, self._transport.drain, DRAIN_SECONDS)

    def _receive(self, message: Any) -> None:
        if not self._guarded:
            self._protocol.receive(message)
        elif isinstance(message, Malformed) and message.in_header:
            self.end(1)
        else:
            self._protocol.receive(message)
            first = isinstance(message, dict) and message.get("method")
            if self._protocol.phase is Phase.NEW and first != types.INITIALIZE:
                self.end(1)

    def _lost(self) -> None:
        self.end(self._lifecycle.exit_code)

    def end(self, code: int) -> None:
        """Ends it with this exit code; the first one counts."""
        if not self.ended.done():
            self.ended.set_result(code)


def _protocol(version: str) -> MagnetarProtocol:
    protocol = LanguageServer("magnetar", version, protocol_cls=MagnetarProtocol).protocol
    assert isinstance(protocol, MagnetarProtocol)  # noqa: S101 - it is what was just asked for
    return protocol
