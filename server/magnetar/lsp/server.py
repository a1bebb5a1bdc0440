"""`magnetar serve`: the language server as a process, on stdio or TCP, and every way it can end.

Whatever ends it (exit, end of input, the parent's death, a signal), the service is closed within a time limit and the
process ends soon after, even if something hangs.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

from magnetar.lsp.access import TokenUnavailable, access_token, is_loopback
from magnetar.lsp.connection import Connection
from magnetar.lsp.host import ServiceFactory, ServiceHost
from magnetar.lsp.logs import ClientHandler
from magnetar.lsp.tcp import TcpServer, listen
from magnetar.lsp.transport import StdioStream
from magnetar.process import CLOSE_SECONDS, limit_exit, log_failure, log_to_stderr, on_signal


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
    # The thousands of message classes stay: to look at them in every full collection takes tens of milliseconds.
    # What a request makes is mostly gone by its end: looked at often, it grows old, and full collections hold requests up.
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    gc.enable()
    if tcp is None:
        return asyncio.run(_serve_stdio(ServiceHost(service_factory), StdioStream.claim(), version))
    if not is_loopback(tcp[0]):
        return _refuse(f"cannot listen on {tcp[0]}: only a loopback address such as 127.0.0.1 is allowed", 2)
    try:
        token = access_token(token_file)
        listener = listen(*tcp)
    except TokenUnavailable as error:
        return _refuse(str(error), 1)
    except (OSError, OverflowError) as error:
        return _refuse(f"cannot listen on {tcp[0]}:{tcp[1]}: {error}", 1)
    sys.stderr.write("magnetar: listening on {}:{}\n".format(*listener.getsockname()[:2]))
    return asyncio.run(_serve_tcp(ServiceHost(service_factory), listener, version, token))


async def _serve_stdio(host: ServiceHost, stream: StdioStream, version: str) -> int:
    connection = Connection(host, stream, name="stdio", version=version)
    _watch_logs(connection.log)
    on_signal(connection.end)
    code = await connection.ended
    limit_exit(code)
    await connection.close()
    await host.close(CLOSE_SECONDS)
    return code


async def _serve_tcp(host: ServiceHost, listener: socket.socket, version: str, token: str) -> int:
    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    server = TcpServer(host, listener, version=version, token=token)
    _watch_logs(server.log)
    on_signal(lambda code: None if stopped.done() else stopped.set_result(code))
    accepting = asyncio.get_running_loop().create_task(server.accept())
    code = await stopped
    limit_exit(code)
    accepting.cancel()
    await server.close()
    await host.close(CLOSE_SECONDS)
    return code


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
