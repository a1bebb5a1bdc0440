"""A connection: frames are read and the messages handed to the event loop, and what the loop sends is written.

The loop reads by itself where the system lets it watch the stream, and writes by itself what is short while the client keeps
up; a thread for each does the rest, because that is what works for pipes on every system. The loop never waits for a client:
frames queue up to `MAX_QUEUED_BYTES`, and a client that leaves more than that unread is taken to be gone. What messages mean
is not known here.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import socket
import stat
import sys
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable
from typing import Any, Protocol

from magnetar.lsp.framing import MessageDecoder, frame

MAX_QUEUED_BYTES = 64 * 1024 * 1024
"""A single larger answer still passes; it is the next one that finds the queue full."""

_CHUNK_BYTES = 64 * 1024


class Stream(Protocol):
    """Bytes both ways, blocking."""

    def read(self) -> bytes:
        """What is there, at least one byte; nothing at the end or after a failure."""

    def write(self, data: bytes) -> None:
        """Writes all of it; raises OSError once the other side is gone."""

    def write_now(self, data: bytes) -> bool:
        """Writes all of it where that needs no waiting; whether it did."""

    def fileno(self) -> int:
        """What to watch for bytes to read; raises OSError where there is nothing."""

    def close(self) -> None:
        """Ends it; closing twice is fine."""


class StdioStream:
    """The process's standard input and output, taken away from everything else in it."""

    def __init__(self, source: int, sink: int) -> None:
        self._source, self._sink = source, sink

    @classmethod
    def claim(cls) -> StdioStream:
        """Takes over both: a stray print goes to stderr, and a child process inherits neither."""
        sys.stdout.flush()
        source, sink = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        if os.name == "posix":
            os.set_blocking(source, True)
            os.set_blocking(sink, True)
        return cls(source, sink)

    def read(self) -> bytes:
        """What is there, at least one byte; nothing at the end."""
        try:
            return os.read(self._source, _CHUNK_BYTES)
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        """Writes all of it."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._sink, rest) :]

    def write_now(self, data: bytes) -> bool:
        """Writes what is short where the system says that there is room for it."""
        if os.name != "posix" or len(data) > select.PIPE_BUF:
            return False
        try:
            return bool(select.select((), (self._sink,), (), 0)[1]) and os.write(self._sink, data) == len(data)
        except (OSError, ValueError):
            return False

    def fileno(self) -> int:
        """Where bytes come from; a file's end would not be told by every system."""
        if stat.S_ISREG(os.fstat(self._source).st_mode):
            raise OSError("nothing tells when there is more of a file")
        return self._source

    def close(self) -> None:
        """Does nothing: the reading thread may be waiting on them, and the process is about to end."""


class SocketStream:
    """A connected socket."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(True)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection

    def read(self) -> bytes:
        """What is there, at least one byte; nothing at the end."""
        try:
            return self._connection.recv(_CHUNK_BYTES)
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        """Writes all of it."""
        self._connection.sendall(data)

    def write_now(self, data: bytes) -> bool:  # noqa: ARG002 - a socket may take a part of it
        """Never: a socket may take a part of it."""
        return False

    def fileno(self) -> int:
        """The socket's."""
        return self._connection.fileno()

    def close(self) -> None:
        """Ends both directions, which wakes the threads that wait on them."""
        with contextlib.suppress(OSError):  # the other side was first
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


class Transport:
    """Reads and writes a stream; it is the `writer` of a pygls protocol."""

    def __init__(
        self,
        stream: Stream,
        loop: AbstractEventLoop,
        on_message: Callable[[Any], None],
        on_end: Callable[[], None],
        max_queued_bytes: int = MAX_QUEUED_BYTES,
    ) -> None:
        self._stream = stream
        self._loop = loop
        self._on_message = on_message
        self._on_end = on_end
        self._max_queued_bytes = max_queued_bytes
        self._decoder = MessageDecoder()
        self._watched: int | None = None
        """What the loop watches, where it reads by itself."""
        self._frames: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._queued = 0
        """Bytes ever queued; only the loop counts here."""
        self._written = 0
        """Bytes ever written; only the writing thread counts here."""
        self._reader = threading.Thread(target=self._read, name="lsp-read", daemon=True)
        self._writer = threading.Thread(target=self._write, name="lsp-write", daemon=True)

    def start(self) -> None:
        """Begins to read and write."""
        try:
            source = self._stream.fileno()
            self._loop.add_reader(source, self._ready)
            self._watched = source
        except (NotImplementedError, OSError):  # Windows, and a file as standard input
            self._reader.start()
        self._writer.start()

    def write(self, body: bytes) -> None:
        """Queues one message; called on the loop and never waits."""
        if self._queued - self._written > self._max_queued_bytes:
            self._on_end()
            return
        data = frame(body)
        if self._queued == self._written and self._stream.write_now(data):
            return
        self._queued += len(data)
        self._frames.put(data)

    def close(self) -> None:
        """Reads no more; lets the writer finish what is queued, and end."""
        self._unwatch()
        self._frames.put(None)

    def drain(self, timeout: float) -> None:
        """Waits for the writer to end, no longer than `timeout` seconds, and closes the stream; blocks."""
        self._writer.join(timeout)
        self._stream.close()

    def _ready(self) -> None:
        data = self._stream.read()
        for message in self._decoder.feed(data):
            self._loop.call_soon(self._on_message, message)
        if not data:
            self._unwatch()
            self._loop.call_soon(self._on_end)

    def _unwatch(self) -> None:
        if self._watched is not None:
            self._loop.remove_reader(self._watched)
            self._watched = None

    def _read(self) -> None:
        while data := self._stream.read():
            for message in self._decoder.feed(data):
                self._on_loop(self._on_message, message)
        self._on_loop(self._on_end)

    def _write(self) -> None:
        while (data := self._frames.get()) is not None:
            try:
                self._stream.write(data)
            except OSError:
                self._on_loop(self._on_end)
                return
            self._written += len(data)

    def _on_loop(self, call: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            self._loop.call_soon_threadsafe(call, *args)
