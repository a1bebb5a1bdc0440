"""A raw client of the real server in a real process: frames and nothing else, so that bad ones can be sent too."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from magnetar.lsp.framing import MessageDecoder, frame

LAUNCHER = Path(__file__).with_name("launcher.py")
PATIENCE = 15


class Wire:
    """One connection: sends frames, and awaits the answer to each request."""

    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer
        self._decoder = MessageDecoder()
        self.received = []
        self._numbers = iter(range(1, 1_000_000))

    def send_bytes(self, data):
        self._writer.write(data)

    def send(self, message):
        self.send_bytes(frame(json.dumps({"jsonrpc": "2.0", **message}).encode()))

    def notify(self, method, params=None):
        self.send({"method": method, "params": params})

    def start(self, method, params=None):
        msg_id = next(self._numbers)
        self.send({"id": msg_id, "method": method, "params": params})
        return msg_id

    async def call(self, method, params=None):
        return await self.answer(self.start(method, params))

    async def answer(self, msg_id):
        """The answer to a request that was started."""
        return await self.until(lambda message: message.get("id") == msg_id and "method" not in message)

    async def until(self, wanted):
        """The first message that is wanted, of those that came and those that come."""
        seen = 0
        while True:
            for message in self.received[seen:]:
                if wanted(message):
                    return message
            seen = len(self.received)
            data = await asyncio.wait_for(self._reader.read(65_536), PATIENCE)
            assert data, "the connection ended"
            self.received += self._decoder.feed(data)

    async def initialize(self, **params):
        answer = await self.call("initialize", {"processId": None, "rootUri": None, "capabilities": {}, **params})
        assert "error" not in answer, answer
        self.notify("initialized", {})
        return answer["result"]

    async def settle(self):
        assert (await self.call("magnetar/synchronize", {}))["result"] == {}

    async def ends(self):
        """Reads to the end, which must come."""
        while data := await asyncio.wait_for(self._reader.read(65_536), PATIENCE):
            self.received += self._decoder.feed(data)

    def close(self):
        """Ends our side."""
        self._writer.close()


class Server:
    """The process, with what it wrote to stderr; `wire` is its stdio."""

    def __init__(self, process, mark):
        self.process = process
        self.mark = mark
        self.wire = Wire(process.stdout, process.stdin)

    async def wait(self):
        """The exit code."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    async def errors(self):
        """Everything on stderr, once the process has ended."""
        return (await self.process.stderr.read()).decode()

    @property
    def was_closed(self):
        """Whether the service was closed in the end."""
        return self.mark.exists()


@contextlib.asynccontextmanager
async def launched(directory, *options, env=None):
    """A running server, which is killed in the end where it still runs."""
    mark = directory / "closed"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(LAUNCHER),
        "--mark",
        str(mark),
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
    )
    try:
        yield Server(process, mark)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()


async def port_of(server):
    """The port a server says it listens on."""
    line = (await asyncio.wait_for(server.process.stderr.readline(), PATIENCE)).decode()
    assert line.startswith("magnetar: listening on 127.0.0.1:"), line
    return int(line.rpartition(":")[2])


async def dial(port):
    """One more connection."""
    return Wire(*await asyncio.open_connection("127.0.0.1", port))
