import pytest_asyncio

from lsp.fake_service import FakeService
from lsp.memory import MemoryClient


@pytest_asyncio.fixture
async def service():
    return FakeService()


@pytest_asyncio.fixture
async def client(service):
    """A client that has said nothing yet."""
    client = MemoryClient(service)
    yield client
    await client.close()
