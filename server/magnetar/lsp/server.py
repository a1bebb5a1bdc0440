"""`magnetar serve`: the language server as a process, on stdio or TCP, and every way it can end.

Whatever ends it (exit, end of input, the parent's death, a signal), the service is closed within a time limit and the
process ends soon after, even if something hangs.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

from magnetar.lsp.access import TokenUnavailable, access_token, is_loopback
from magnetar.lsp.connection import Connection
from magnetar.lsp.host import ServiceFactory, ServiceHost
from magnetar.lsp.logs import ClientHandler, log_failure, log_to_stderr
from magnetar.lsp.transport import SocketStream, StdioStream

CLOSE_SECONDS = 2.0
"""What the service is given to close."""
EXIT_SECONDS = 3.5
"""After this the process ends, closed or not."""

_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
_logger = logging.getLogger(__name__)


def serve(
    service_factory: ServiceFactory,
    *,
    version: str,
    token_file: Path,
    tcp: tuple[str, int] | None = None,
    log_level: str = "warning",
) -> int:
    """Serves until the client leaves (TCP: until a signal) and returns the exit code; the last thing a process does.

    Args:
        service_factory: Builds the service with the client's first settings; see `ServiceFactory`.
        version: What `serverInfo` says.
        token_file: Where the access token for TCP stands or is written, unless `$MAGNETAR_TOKEN` gives it.
        tcp: A loopback address and a port (0 takes any) to listen on; None is stdio.
        log_level: From which level up stderr is told.
    """
    log_to_stderr(log_level)
    if tcp is None:
        return asyncio.run(_serve_stdio(ServiceHost(service_factory), StdioStream.claim(), version))
    if not is_loopback(tcp[0]):
        return _refuse(f"cannot listen on {tcp[0]}: only a loopback address such as 127.0.0.1 is allowed", 2)
    try:
        token = access_token(token_file)
        listener = _listen(*tcp)
    except TokenUnavailable as error:
        return _refuse(str(error), 1)
    except (OSError, OverflowError) as error:
        return _refuse(f"cannot listen on {tcp[0]}:{tcp[1]}: {error}", 1)
    sys.stderr.write("magnetar: listening on {}:{}\n".format(*listener.getsockname()[:2]))
    return asyncio.run(_serve_tcp(ServiceHost(service_factory), listener, version, token))


async def _serve_stdio(host: ServiceHost, stream: StdioStream, version: str) -> int:
    connection = Connection(host, stream, name="stdio", version=version)
    _watch_logs(connection.log)
    _on_signal(connection.end)
    code = await connection.ended
    _limit_exit(code)
    await connection.close()
    await host.close(CLOSE_SECONDS)
    return code


async def _serve_tcp(host: ServiceHost, listener: socket.socket, version: str, token: str) -> int:
    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    connections: dict[Connection, asyncio.Task[None]] = {}

    def log(kind: types.MessageType, text: str) -> None:
        for connection in connections:
            connection.log(kind, text)

    def stop(code: int) -> None:
        if not stopped.done():
            stopped.set_result(code)

    async def attend(connection: Connection) -> None:
        try:
            await connection.ended
        finally:
            del connections[connection]
            await connection.close()

    async def accept() -> None:
        loop = asyncio.get_running_loop()
        for number in itertools.count(1):
            peer, _ = await loop.sock_accept(listener)
            connection = Connection(host, SocketStream(peer), name=f"tcp-{number}", version=version, token=token)
            connections[connection] = loop.create_task(attend(connection))

    _watch_logs(log)
    _on_signal(stop)
    accepting = asyncio.get_running_loop().create_task(accept())
    accepting.add_done_callback(lambda _: stop(1))
    code = await stopped
    _limit_exit(code)
    accepting.cancel()
    listener.close()
    attending = tuple(connections.values())
    for connection in tuple(connections):
        connection.end(code)
    if attending:
        await asyncio.wait(attending)
    await host.close(CLOSE_SECONDS)
    return code


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, port), family=family)
    listener.setblocking(False)
    return listener


def _refuse(reason: str, code: int) -> int:
    sys.stderr.write(f"magnetar: {reason}\n")
    return code


def _watch_logs(log: Callable[[types.MessageType, str], None]) -> None:
    """Logs what fails on the loop, and sends magnetar's own warnings to the clients, from whatever thread they come."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_failure)

    def send(kind: types.MessageType, text: str) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(log, kind, text)

    logging.getLogger("magnetar").addHandler(ClientHandler(send))


def _on_signal(stop: Callable[[int], None]) -> None:
    """Ends cleanly on a signal, with the exit code a shell expects: 128 and the signal's number."""
    loop = asyncio.get_running_loop()
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, stop, 128 + number)
        except NotImplementedError:  # Windows, whose loops wake up for Python's own handlers
            signal.signal(number, lambda received, _: loop.call_soon_threadsafe(stop, 128 + received))


def _limit_exit(code: int) -> None:
    """Ends the process after a while, whatever thread or child may keep it."""
    timer = threading.Timer(EXIT_SECONDS, os._exit, (code,))
    timer.daemon = True
    timer.start()
