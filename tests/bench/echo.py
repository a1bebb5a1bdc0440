"""The floors of the wire, each a process that speaks LSP's frames over stdio: `python -m tests.bench.echo echo|pygls`.

`echo` is bare asyncio and orjson: it answers every request with the `payload` it was last given. `pygls` is a language server
with nothing in it, as the framework starts it.
"""

from __future__ import annotations

import asyncio
import sys


async def echo() -> None:
    """Answers until stdin ends."""
    import orjson

    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**26)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout.buffer)
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    payload = None
    while head := await reader.readline():
        await reader.readline()
        message = orjson.loads(await reader.readexactly(int(head.partition(b":")[2])))
        payload = message["params"].get("payload", payload)
        body = orjson.dumps({"jsonrpc": "2.0", "id": message["id"], "result": payload})
        writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()


def main() -> None:
    """Runs one of them."""
    if sys.argv[1] == "echo":
        asyncio.run(echo())
    else:
        from pygls.lsp.server import LanguageServer

        LanguageServer("bare", "1").start_io()


if __name__ == "__main__":
    main()
