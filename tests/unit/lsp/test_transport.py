import asyncio
import threading

import orjson

from magnetar.lsp.framing import frame
from magnetar.lsp.transport import Transport


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
    joined.drain(5)


async def test_one_large_message_passes_whatever_the_limit():
    stream, ended = StalledStream(), asyncio.Event()
    joined = transport(stream, ended.set)
    joined.write(b"x" * 100_000)
    assert not ended.is_set()
    stream.reading.set()
    joined.close()
    joined.drain(5)
    assert stream.written == [frame(b"x" * 100_000)]


async def test_what_is_queued_is_written_before_the_end():
    stream = StalledStream()
    joined = transport(stream, lambda: None, 10_000_000)
    bodies = [orjson.dumps(number) for number in range(1_000)]
    for body in bodies:
        joined.write(body)
    joined.close()
    stream.reading.set()
    joined.drain(5)
    assert b"".join(stream.written) == b"".join(map(frame, bodies))


async def test_a_client_that_is_gone_ends_the_connection():
    stream, ended = BrokenStream(), asyncio.Event()
    joined = transport(stream, ended.set)
    joined.write(b"x")
    await asyncio.wait_for(ended.wait(), 5)
    joined.close()
    joined.drain(5)


async def test_draining_a_client_that_never_reads_takes_no_longer_than_it_may():
    stream = StalledStream()
    joined = transport(stream, lambda: None)
    joined.write(b"x")
    joined.close()
    joined.drain(0.01)
    assert not stream.written
    stream.reading.set()
