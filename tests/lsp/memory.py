"""A client in the same event loop, joined to a real `Connection` by a stream in memory."""

import asyncio
import contextlib
import json
import queue

from magnetar.lsp.connection import Connection
from magnetar.lsp.framing import MessageDecoder, frame
from magnetar.lsp.host import ServiceHost
from waiting import PATIENCE

ROOT_URI = "file:///workspace"
UTF8 = {"general": {"positionEncodings": ["utf-16", "utf-8"]}}


class MemoryStream:
    """What the client writes is read by the server, and the other way round."""

    def __init__(self, receive):
        self._loop = asyncio.get_running_loop()
        self._receive = receive
        self.input = queue.SimpleQueue()
        self.closed = False

    def read(self):
        return self.input.get()

    def write(self, data):
        self._loop.call_soon_threadsafe(self._receive, data)

    def write_now(self, _data):
        return False

    def fileno(self):
        raise OSError("there is nothing to watch")

    def close(self):
        self.closed = True
        self.input.put(b"")


class MemoryClient:
    """Sends messages and awaits answers; `notes` holds every notification, `asked` every request of the server."""

    def __init__(self, service, *, token=None, host=None):
        self.service = service
        self.host = host or ServiceHost(self._build)
        self.settings = None
        self.notes = []
        self.asked = []
        self.replies = {}
        self.unmatched = []
        """Answers to no request of ours, and second answers."""
        self.log = []
        """Everything that came, in order."""
        self._decoder = MessageDecoder()
        self._pending = {}
        self._changed = asyncio.Event()
        self._numbers = iter(range(1, 1_000_000))
        self.stream = MemoryStream(self._on_bytes)
        self.connection = Connection(self.host, self.stream, name="test", version="9.9.9", token=token)

    def _build(self, settings):
        self.settings = settings
        return self.service

    def send_bytes(self, data):
        self.stream.input.put(data)

    def send(self, message):
        self.send_bytes(frame(json.dumps(message).encode()))

    def notify(self, method, params=None):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def start(self, method, params=None, /, **extra):
        """Sends a request; the answer, with its `result` or `error`, is awaited from what comes back."""
        msg_id = extra.pop("id", None) or next(self._numbers)
        future = asyncio.get_running_loop().create_future()
        self._pending[msg_id] = future
        self.send({"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params, **extra})
        return msg_id, future

    async def call(self, method, params=None, /, **extra):
        """The whole answer."""
        _, future = self.start(method, params, **extra)
        return await asyncio.wait_for(future, PATIENCE)

    async def request(self, method, params=None):
        """The result; an error fails the test."""
        answer = await self.call(method, params)
        assert "error" not in answer, answer
        return answer["result"]

    async def error(self, method, params=None):
        """The error; a result fails the test."""
        answer = await self.call(method, params)
        assert "result" not in answer, answer
        return answer["error"]

    async def initialize(self, capabilities=None, options=None, **params):
        """`initialize` and `initialized`; the result."""
        result = await self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": ROOT_URI,
                "capabilities": {} if capabilities is None else capabilities,
                "initializationOptions": options,
                **params,
            },
        )
        self.notify("initialized", {})
        return result

    async def settle(self):
        """Returns once the server has taken everything that was sent."""
        await self.request("magnetar/synchronize", {})

    async def settle_hanging(self, service):
        """Returns once a request of the service hangs as it was told."""
        await asyncio.wait_for(service.hanging.wait(), PATIENCE)

    async def note(self, method, count=1):
        """The params of the first `count` notifications of a method, once they are there."""
        return await self._until(lambda: [n["params"] for n in self.notes if n["method"] == method], count)

    async def asked_for(self, method, count=1):
        """The requests of a method the server has sent, once there are `count`."""
        return await self._until(lambda: [r for r in self.asked if r["method"] == method], count)

    async def unmatched_errors(self, count=1):
        """The errors without an id of ours, once there are `count`."""
        return await self._until(lambda: [a["error"] for a in self.unmatched], count)

    async def _until(self, found, count):
        async def wait():
            while len(found()) < count:
                self._changed.clear()
                await self._changed.wait()
            return found()

        return await asyncio.wait_for(wait(), PATIENCE)

    async def close(self):
        await self.connection.close()
        await self.host.close(2)

    def _on_bytes(self, data):
        for message in self._decoder.feed(data):
            self.log.append(message)
            if "method" in message and "id" in message:
                self.asked.append(message)
            elif "method" in message:
                self.notes.append(message)
            elif message["id"] in self._pending:
                future = self._pending.pop(message["id"])
                if not future.done():
                    future.set_result(message)
            else:
                self.unmatched.append(message)
            self._changed.set()


@contextlib.asynccontextmanager
async def connected(service, **options):
    """A client that is closed in the end."""
    client = MemoryClient(service, **options)
    try:
        yield client
    finally:
        await client.close()
