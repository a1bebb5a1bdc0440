"""An agent's host: the SDK's own client on the real `magnetar mcp` in a process of its own."""

import sys
from contextlib import asynccontextmanager

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client


def command(cache, *paths):
    return [sys.executable, "-m", "magnetar", "mcp", *map(str, paths), "--cache-dir", str(cache)]


@asynccontextmanager
async def agent(cache, *paths, mode="auto", cwd=None, **options):
    """A client of a new server; what that logs goes to `<cache>.log`."""
    program, *arguments = command(cache, *paths)
    parameters = StdioServerParameters(command=program, args=arguments, cwd=cwd)
    with cache.with_suffix(".log").open("a", encoding="utf-8") as log:
        async with Client(stdio_client(parameters, errlog=log), mode=mode, **options) as client:
            yield client


def text_of(result):
    """What a model reads of a result, which must be no error."""
    text = "\n".join(block.text for block in result.content)
    assert not result.is_error, text
    return text


async def refused(client, tool, **arguments):
    """What a model is told of a request that is refused."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result.content
    return result.content[0].text


async def read(client, name, kind="file"):
    """The text of a resource."""
    (content,) = (await client.read_resource(f"magnetar://{kind}/{name}")).contents
    return content.text
