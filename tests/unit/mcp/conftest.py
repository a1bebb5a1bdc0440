"""The SDK's own client on the server in this process, with a service that answers from a script."""

from contextlib import asynccontextmanager

import pytest
from mcp import Client

from lsp.fake_service import INDEX, FakeService
from magnetar.mcp.server import make_server
from magnetar.model import DropReason


class ScriptedService(FakeService):
    """Knows no file, and is warm unless `warming` is set."""

    def __init__(self):
        super().__init__()
        self.folders = []
        self.warming = None

    def add_folder(self, root):
        self.folders.append(root)

    def remove_folder(self, root):
        self.folders.remove(root)

    def visited(self, path):
        self.calls.append(("visited", path))

    async def read(self, path):
        return self._answer("read", DropReason.MISSING, path)

    async def files(self, folder):
        return self._answer("files", [], folder)

    async def warmed(self, folder, progress=None):
        if self.warming is not None:
            await self.warming(folder, progress)
        return INDEX


@pytest.fixture
def service():
    return ScriptedService()


@pytest.fixture(params=["legacy", "2026-07-28"])
def era(request):
    """A revision of the protocol in which a server may ask its client, and one in which it may not."""
    return request.param


@pytest.fixture
def connect(service, tmp_path, monkeypatch, era):
    """Connects a client; `given` is the folder that the command line named."""
    monkeypatch.chdir(tmp_path)

    @asynccontextmanager
    async def connect(*, given=None, roots=None):
        async def tell(_context):
            return roots()

        server = make_server(service, given, tmp_path, "9.9.9")
        async with Client(server, mode=era, list_roots_callback=tell if roots else None) as client:
            yield client

    return connect
