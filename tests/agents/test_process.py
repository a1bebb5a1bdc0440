"""`magnetar mcp` as a process: what it writes, how it ends, and that it shares a workspace with an editor's server."""

import json
import os
import signal
import sqlite3
import subprocess
from contextlib import closing, contextmanager

import pytest

from agents.agent import agent, command, read, text_of
from lsp.editor import Editor

INITIALIZE = {
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@contextmanager
def server(cache, *paths):
    process = subprocess.Popen(
        command(cache, *paths), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def send(process, *messages):
    for message in messages:
        data = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
        process.stdin.write(data + b"\n")
    process.stdin.flush()


def answer(process, number):
    while True:
        message = json.loads(process.stdout.readline())
        if message.get("id") == number:
            return message


def call(number, tool, **arguments):
    return {"id": number, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}


def leftovers(cache):
    return [path.name for path in cache.rglob("*") if path.name.endswith(("-wal", "-shm"))]


def test_it_ends_cleanly_when_its_input_ends_even_in_the_middle_of_its_work(root, cache):
    with server(cache, root) as process:
        send(process, INITIALIZE, {"method": "notifications/initialized"}, call(2, "magnetar_search", query="price_of"))
        assert answer(process, 1)["result"]["serverInfo"]["name"] == "magnetar"
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 0
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())
    assert leftovers(cache) == []


def test_it_ends_cleanly_when_nobody_ever_spoke(cache, root):
    with server(cache, root) as process:
        out, _ = process.communicate(timeout=20)
        assert (out, process.returncode) == (b"", 0)
    assert leftovers(cache) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_signal_ends_it_cleanly_though_its_input_stays_open(root, cache):
    with server(cache, root) as process:
        send(process, INITIALIZE, {"method": "notifications/initialized"}, call(2, "magnetar_search", query="price_of"))
        answer(process, 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
    assert leftovers(cache) == []


def test_what_is_no_message_is_passed_over(root, cache):
    with server(cache, root) as process:
        send(process, INITIALIZE, {"method": "notifications/initialized"}, b"{", b"[]", b"\xff\xfe", b"")
        send(process, {"id": 2, "method": "tools/call", "params": {"name": 7}}, {"id": 3, "method": "no/such"})
        assert answer(process, 2)["error"]["code"] == -32602
        assert answer(process, 3)["error"]["code"] == -32601
        send(process, call(4, "magnetar_search", query="price_of"))
        assert answer(process, 4)["result"]["isError"] is False


async def test_an_agent_and_an_editor_share_a_workspace(root, cache):
    with Editor(cache, root) as editor:
        editor.settle()
        async with agent(cache, root) as client:
            assert "shop/cart.py" in text_of(await client.call_tool("magnetar_context", {"query": "grand_total"}))
            for mine, yours in zip(["cart.py", "prices.py"] * 3, ["prices.py", "deploy.py"] * 3, strict=True):
                editor.focus(root / "shop" / mine)
                await read(client, f"shop/{yours}")
            (root / "shop/new.py").write_text("def brand_new_thing():\n    return 1\n")
            editor.settle()
            assert editor.ask("search", query="brand_new_thing")["hits"]
            assert "brand_new_thing" in await read(client, "shop/new.py")
            await client.call_tool("magnetar_search", {"query": "price_of"})
        assert editor.ask("context", query="grand_total")["items"]
        editor.settle()
    assert leftovers(cache) == []
    (database,) = cache.glob("v1/workspaces/*/workspace.db")
    with closing(sqlite3.connect(database)) as db:
        rows = db.execute("SELECT session, path FROM accesses ORDER BY id").fetchall()
    by_agent = [path for session, path in rows if session.startswith("agent-")]
    by_user = [path for session, path in rows if not session.startswith("agent-")]
    assert by_agent == [*["shop/prices.py", "shop/deploy.py"] * 3, "shop/new.py"]
    assert by_user == ["shop/cart.py", "shop/prices.py"] * 3
    assert len({session for session, _ in rows}) == 2


async def test_an_agent_takes_the_index_over_when_the_editor_dies(root, cache):
    editor = Editor(cache, root)
    try:
        editor.settle()
        async with agent(cache, root) as client:
            await client.call_tool("magnetar_search", {"query": "price_of"})
            editor.kill()
            (root / "shop/later.py").write_text("def written_much_later():\n    return 1\n")
            assert "written_much_later" in await read(client, "shop/later.py")
            found = []
            while not found:  # until it holds the index itself, and has seen the change
                found = (await client.call_tool("magnetar_search", {"query": "written_much_later"})).structured_content[
                    "hits"
                ]
            assert [hit["path"] for hit in found] == ["shop/later.py"]
    finally:
        editor.close()
