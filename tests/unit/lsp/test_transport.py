import asyncio
import os
import socket
import threading

import orjson
import pytest

from magnetar.lsp.framing import frame
from magnetar.lsp.transport import SocketStream, StdioStream, Transport


class StalledStream:
    """A client that sends nothing and reads only when it is let."""

    def __init__(self):
        self.reading = threading.Event()
        self.ended = threading.Event()
        self.written = []

    def read(self):
        self.ended.wait()
        return b""

    def write(self, data):
        self.reading.wait()
        self.written.append(data)

    def write_now(self, _data):
        return False

    def fileno(self):
        raise OSError

    def close(self):
        self.ended.set()


class BrokenStream(StalledStream):
    def write(self, _data):
        raise BrokenPipeError


def transport(stream, on_end, limit=1_000):
    joined = Transport(stream, asyncio.get_running_loop(), lambda _: None, on_end, limit)
    joined.start()
    return joined


async def test_a_client_that_does_not_read_never_blocks_the_server_and_is_given_up_at_the_limit():
    stream, ended = StalledStream(), asyncio.Event()
    joined = transport(stream, ended.set)
    for _ in range(20):
        joined.write(b"x" * 100)
    assert ended.is_set()
    assert joined._queued <= 1_000 + len(frame(b"x" * 100))
    stream.reading.set()
    joined.close()
    joined.drain(30)


async def test_one_large_message_passes_whatever_the_limit():
    stream, ended = StalledStream(), asyncio.Event()
    joined = transport(stream, ended.set)
    joined.write(b"x" * 100_000)
    assert not ended.is_set()
    stream.reading.set()
    joined.close()
    joined.drain(30)
    assert stream.written == [frame(b"x" * 100_000)]


async def test_what_is_queued_is_written_before_the_end():
    stream = StalledStream()
    joined = transport(stream, lambda: None, 10_000_000)
    bodies = [orjson.dumps(number) for number in range(1_000)]
    for body in bodies:
        joined.write(body)
    joined.close()
    stream.reading.set()
    joined.drain(30)
    assert b"".join(stream.written) == b"".join(map(frame, bodies))


async def test_a_client_that_is_gone_ends_the_connection():
    stream, ended = BrokenStream(), asyncio.Event()
    joined = transport(stream, ended.set)
    joined.write(b"x")
    await asyncio.wait_for(ended.wait(), 30)
    joined.close()
    joined.drain(30)


async def test_draining_a_client_that_never_reads_takes_no_longer_than_it_may():
    stream = StalledStream()
    joined = transport(stream, lambda: None)
    joined.write(b"x")
    joined.close()
    joined.drain(0.01)
    assert not stream.written
    stream.reading.set()


@pytest.fixture(params=["pipe", "socket"])
def ends(request):
    """A stream and the other side of it: how it is read, and how it is written."""
    if request.param == "pipe":
        source, to_source = os.pipe()
        from_sink, sink = os.pipe()
        yield StdioStream(source, sink), lambda data: os.write(to_source, data), lambda: os.read(from_sink, 1 << 20)
        for each in (to_source, source, from_sink, sink):
            os.close(each)
    else:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as near:
            far, _ = server.accept()
            yield SocketStream(near), far.sendall, lambda: far.recv(1 << 20)
            far.close()


async def test_messages_come_in_order_however_they_are_cut_and_answers_go_out_in_order(ends):
    stream, send, receive = ends
    got, all_there = [], asyncio.Event()

    def on_message(message):
        got.append(message)
        joined.write(orjson.dumps(message))
        if message == "last":
            all_there.set()

    joined = Transport(stream, asyncio.get_running_loop(), on_message, lambda: None)
    joined.start()
    messages = [*range(200), "x" * 60_000, *range(200), "last"]
    data = b"".join(frame(orjson.dumps(message)) for message in messages)
    reading = asyncio.create_task(asyncio.to_thread(_read_until, receive, len(data)))
    for start in range(0, len(data), 777):
        await asyncio.to_thread(send, data[start : start + 777])
    await asyncio.wait_for(all_there.wait(), 30)
    assert got == messages
    assert await reading == data
    joined.close()
    joined.drain(30)


async def test_the_end_of_the_stream_is_told_once(ends):
    stream, _, _ = ends
    ended = []
    told = asyncio.Event()

    def on_end():
        ended.append(1)
        told.set()

    stream.read = lambda: b""
    joined = Transport(stream, asyncio.get_running_loop(), lambda _: None, on_end)
    joined.start()
    ends[1](b"whatever wakes the reader")
    await asyncio.wait_for(told.wait(), 30)
    await asyncio.sleep(0)
    assert ended == [1]
    joined.close()
    joined.drain(30)


def _read_until(receive, size):
    data = b""
    while len(data) < size:
        data += receive()
    return data
