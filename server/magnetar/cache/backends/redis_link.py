"""One connection to a Redis or Valkey server, on which commands are answered in the order in which they were made.

Commands that are made while others are under way travel together, so that a thousand lookups at once cost a few round
trips and one socket. The connection is made once: when it breaks, every command fails until `connect` is called again.
A connection that was given up because no answer came is ended on the server, too, before another is used: what was
sent on it and has not arrived will do nothing. What the commands mean is the backend's affair.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any, Final, TypeAlias

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ClusterDownError,
    ConnectionError,  # noqa: A004 - the driver's own, not the system's
    MovedError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,  # noqa: A004 - the same
)

from magnetar.errors import BackendUnavailable, ConnectionLost

Argument: TypeAlias = str | bytes | int | float
_Identity: TypeAlias = tuple[bytes, bytes, bytes]
"""The run of the server, its number for a connection, and the address that comes from; numbers begin anew with each run."""

TIMEOUT_SECONDS: Final = 1.0
"""For connecting and for each answer; `socket_connect_timeout` and `socket_timeout` in the URL change it."""

_SCHEMES: Final = ("redis", "rediss", "unix")
_MOST_REDIRECTIONS: Final = 3
_SCANNED_AT_ONCE: Final = 1_000
_SPECIAL: Final = re.compile(r"[\\*?\[\]^]")
"""What stands for something else in a pattern."""
_RUN: Final = re.compile(rb"^run_id:(\w+)", re.MULTILINE)
"""Where the server's words on itself name its run."""
_CONNECTION: Final = re.compile(rb"^id=(\d+) addr=(\S+)")
"""Where its words on a connection name that."""
_LOST: Final = (ConnectionError, TimeoutError, OSError, asyncio.IncompleteReadError)
_ELSEWHERE: Final = (MovedError, ClusterDownError, ReadOnlyError)
"""Answers of a server that no longer has, or may no longer change, what it is asked for."""


class Script:
    """A script that is sent once and called by its hash."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha1 = ""


class RedisLink:
    """A connection that may be made again after it broke."""

    def __init__(self, url: str) -> None:
        """Makes a link that is still to be connected.

        Args:
            url: `redis://`, `rediss://` (TLS) or `unix://`, with user, password and database number as redis-py reads them.
        """
        self._url = url
        self._name = _without_credentials(url)
        self._carrier: asyncio.Task[None] | None = None
        self._waiting: list[tuple[Sequence[Argument], asyncio.Future[Any]]] = []
        self._wake = asyncio.Event()
        self._identity: _Identity | None = None  # of the connection
        self._given_up: _Identity | None = None  # of one that may still have commands on their way

    @property
    def connected(self) -> bool:
        """Whether commands can be made."""
        return self._carrier is not None and not self._carrier.done()

    async def connect(self, home: str) -> None:
        """Connects, to the node of a cluster that holds the key `home` where the server is one of a cluster.

        Raises:
            ConnectionLost: the server cannot be reached, or refuses the credentials.
            BackendUnavailable: the URL cannot be used.
        """
        await self.close()
        options: dict[str, Any] = {}
        for _ in range(_MOST_REDIRECTIONS):
            connection = self._make_connection(options)
            try:
                await connection.connect()
                await connection.send_packed_command(connection.pack_command("EXISTS", home))
                await connection.read_response()
                await self._introduce(connection)
            except MovedError as moved:
                await _disconnect(connection)
                options = {"host": moved.host or options.get("host"), "port": moved.port}
                continue
            except (*_LOST, RedisError) as error:
                await _disconnect(connection)
                raise self._lost(error) from error
            except BaseException:
                await _disconnect(connection)
                raise
            self._wake = asyncio.Event()
            self._carrier = asyncio.create_task(self._carry(connection), name="redis connection")
            return
        raise self._lost(ConnectionError("the cluster's nodes point at each other"))

    async def close(self) -> None:
        """Ends the connection; commands under way fail. Closing twice is fine."""
        carrier, self._carrier = self._carrier, None
        if carrier is not None:
            carrier.cancel()
            await asyncio.wait({carrier})

    async def call(self, *command: Argument) -> Any:
        """The server's answer to one command.

        Raises:
            ConnectionLost: there is no connection, or it broke before the answer came.
            ResponseError: the server's answer is an error. It is the driver's own, for the backend to make sense of.
        """
        if not self.connected:
            raise self._lost(ConnectionError("it is not connected"))
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        self._wake.set()
        return await answer

    async def run(self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """What a script gives; it is sent to a server that does not know it.

        Raises:
            ConnectionLost: as for `call`.
            ResponseError: as for `call`.
        """
        command = (len(keys), *keys, *arguments)
        with suppress(NoScriptError):
            if script.sha1:
                return await self.call("EVALSHA", script.sha1, *command)
        script.sha1 = (await self.call("SCRIPT", "LOAD", script.text)).decode()
        return await self.call("EVALSHA", script.sha1, *command)

    async def scan(self, prefix: str) -> AsyncIterator[Sequence[bytes]]:
        """All keys that start so, some at a time and some perhaps twice.

        Raises:
            ConnectionLost: as for `call`.
            ResponseError: as for `call`.
        """
        pattern = _SPECIAL.sub(r"\\\g<0>", prefix) + "*"
        cursor = b"0"
        while True:
            cursor, keys = await self.call("SCAN", cursor, "MATCH", pattern, "COUNT", _SCANNED_AT_ONCE)
            if keys:
                yield keys
            if cursor == b"0":
                return

    def refused(self, error: ResponseError) -> BackendUnavailable:
        """The error for a caller, from one that the server answered."""
        if isinstance(error, _ELSEWHERE):
            return self._lost(error)
        reason = str(error).partition(" script: ")[0]  # which line of ours it met helps nobody
        return BackendUnavailable(f"Redis at {self._name} refuses to store or to give values: {reason}")

    def _make_connection(self, options: dict[str, Any]) -> AbstractConnection:
        defaults: dict[str, Any] = {
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "socket_timeout": TIMEOUT_SECONDS,
            "client_name": "magnetar",
        }
        try:
            pool: ConnectionPool = ConnectionPool.from_url(self._url, **defaults)
            # Whatever the URL says: answers are bytes in the second protocol's types, and a failure is told at once.
            pool.connection_kwargs |= {
                "decode_responses": False,
                "protocol": 2,
                "retry": Retry(NoBackoff(), 0),
                **options,
            }
            connection: AbstractConnection = pool.make_connection()
        except (ValueError, TypeError):
            # Not from the driver's error, which may quote the password.
            raise BackendUnavailable(
                f"Redis at {self._name} cannot be used: the URL must be as redis://user:password@host:6379/0, rediss://… or "
                "unix:///path, special characters in the password percent-encoded."
            ) from None
        return connection

    async def _carry(self, connection: AbstractConnection) -> None:
        """Sends what waits and hands out the answers, until the connection breaks or is closed."""
        sent: deque[tuple[Sequence[Argument], asyncio.Future[Any]]] = deque()
        error: Exception = ConnectionError("it was closed")
        try:
            # `wait_for`, which the driver sends with, may swallow a cancellation; closing must end this all the same.
            while asyncio.current_task() is self._carrier:
                await self._wake.wait()
                self._wake.clear()
                if await _renewed_if_closed(connection):
                    await self._introduce(connection)
                sent = deque(self._waiting)
                self._waiting = []
                await connection.send_packed_command(connection.pack_commands([command for command, _ in sent]))
                while sent:
                    answer = await _answer(connection)
                    future = sent.popleft()[1]
                    if future.done():
                        continue  # its caller was cancelled
                    if isinstance(answer, ResponseError):
                        future.set_exception(answer)
                    else:
                        future.set_result(answer)
        except (*_LOST, RedisError) as broken:
            error = broken
            if isinstance(broken, TimeoutError):
                self._given_up = self._identity
        finally:
            for _, future in (*sent, *self._waiting):
                if not future.done():
                    future.set_exception(self._lost(error))
            self._waiting = []
            await _disconnect(connection)

    async def _introduce(self, connection: AbstractConnection) -> None:
        """Learns what the server calls this connection, and ends the one that was given up, if this run of the server had one.

        A user who may not ask for the run or end connections, or a proxy that hides them, leaves late commands to the network.
        """
        run = _RUN.search(await _told(connection, "INFO", "server"))
        told = _CONNECTION.search(await _told(connection, "CLIENT", "INFO"))
        self._identity = (run[1], told[1], told[2]) if run and told else None
        if self._given_up is not None:
            its_run, number, address = self._given_up
            if run and run[1] == its_run:
                await _told(connection, "CLIENT", "KILL", "ID", number, "ADDR", address)
            self._given_up = None

    def _lost(self, error: Exception) -> ConnectionLost:
        return ConnectionLost(
            f"Redis at {self._name} cannot be reached: {_reason(error)}. Check that it runs, and the URL's address and password."
        )


async def _answer(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error


async def _told(connection: AbstractConnection, *command: Argument) -> bytes:
    """What the server says to a command that it may refuse; nothing where it does."""
    await connection.send_command(*command)
    answer = await _answer(connection)
    return answer if isinstance(answer, bytes) else b""


async def _renewed_if_closed(connection: AbstractConnection) -> bool:
    """Connects again where the server has ended a connection between commands, which is its right; whether it had."""
    try:
        unasked = await connection.can_read()
    except _LOST:
        unasked = True
    if unasked:
        await _disconnect(connection)
        await connection.connect()
    return unasked


async def _disconnect(connection: AbstractConnection) -> None:
    with suppress(*_LOST):
        await connection.disconnect(nowait=True)


def _without_credentials(url: str) -> str:
    """The URL as messages show it: no user, no password, no options, however it is misspelled."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _SCHEMES:
        return "the URL given"
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def _reason(error: Exception) -> str:
    """What went wrong, in words that hold nothing of the URL: the driver's own may take a password for a host."""
    cause = error if isinstance(error, OSError) else error.__cause__ or error.__context__
    if isinstance(error, TimeoutError) or isinstance(cause, asyncio.TimeoutError):
        return "no answer came in time"
    if isinstance(cause, OSError):
        return cause.strerror or type(cause).__name__
    return str(error).rstrip(".") or type(error).__name__
