"""Many clients on one port of this machine, one after the other or at once, over one service.

Each connection has its own documents and conversations. Its end, `exit` included, is its own: the server serves on.
Who may connect is decided in `access.py` and `connection.py`.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import socket

from lsprotocol import types

from magnetar.lsp.connection import Connection
from magnetar.lsp.host import ServiceHost
from magnetar.lsp.transport import SocketStream

ACCEPT_PAUSE_SECONDS = 0.1

_logger = logging.getLogger(__name__)


def listen(address: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any.

    Raises:
        OSError: The address or port cannot be had.
        OverflowError: There is no such port.
    """
    address = "127.0.0.1" if address == "localhost" else address  # whatever the system calls so
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, port), family=family)
    listener.setblocking(False)
    return listener


class TcpServer:
    """Accepts until it is closed."""

    def __init__(self, host: ServiceHost, listener: socket.socket, *, version: str, token: str) -> None:
        self._host = host
        self._listener = listener
        self._version = version
        self._token = token
        self._connections: dict[Connection, asyncio.Task[None]] = {}

    def log(self, kind: types.MessageType, text: str) -> None:
        """Passes a line of the log on to every client."""
        for connection in self._connections:
            connection.log(kind, text)

    async def accept(self) -> None:
        """Serves whoever connects; runs until it is cancelled."""
        loop = asyncio.get_running_loop()
        for number in itertools.count(1):
            try:
                stream = SocketStream((await loop.sock_accept(self._listener))[0])
            except OSError as error:  # it hung up at once, or there are too many
                _logger.warning("could not accept a connection: %s", error.strerror)
                await asyncio.sleep(ACCEPT_PAUSE_SECONDS)
                continue
            connection = Connection(self._host, stream, name=f"tcp-{number}", version=self._version, token=self._token)
            self._connections[connection] = loop.create_task(self._attend(connection))

    async def close(self) -> None:
        """Stops listening and ends every connection."""
        self._listener.close()
        attending = tuple(self._connections.values())
        for connection in self._connections:
            connection.end(0)
        if attending:
            await asyncio.wait(attending)

    async def _attend(self, connection: Connection) -> None:
        await connection.ended
        del self._connections[connection]
        await connection.close()
