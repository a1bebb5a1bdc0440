"""The server as a process: its exits, its stdout, clients that misbehave, and TCP."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest

from lsp.process import LAUNCHER, PATIENCE, dial, launched, port_of
from magnetar.lsp.framing import frame

CONTEXT = "magnetar/context"


async def leave_properly(server):
    assert (await server.wire.call("shutdown"))["result"] is None
    server.wire.notify("exit")


async def leave_rudely(server):
    server.wire.notify("exit")


async def close_the_pipe(server):
    server.wire.close()


async def shut_down_and_close_the_pipe(server):
    await server.wire.call("shutdown")
    server.wire.close()


async def terminate(server):
    server.process.terminate()


async def interrupt(server):
    server.process.send_signal(signal.SIGINT)


async def hang_up_in_the_middle_of_a_request(server):
    server.wire.start(CONTEXT, {"query": "hang"})
    server.wire.close()


WAYS = [
    (leave_properly, 0),
    (leave_rudely, 1),
    (close_the_pipe, 1),
    (shut_down_and_close_the_pipe, 0),
    (terminate, 128 + signal.SIGTERM),
    (interrupt, 128 + signal.SIGINT),
    (hang_up_in_the_middle_of_a_request, 1),
]


@pytest.mark.parametrize(("leave", "code"), WAYS, ids=lambda value: getattr(value, "__name__", None))
async def test_however_a_client_leaves_the_service_is_closed_and_the_process_ends(tmp_path, leave, code):
    async with launched(tmp_path) as server:
        await server.wire.initialize()
        await server.wire.settle()
        await leave(server)
        assert await server.wait() == code
        assert server.was_closed
        assert await server.errors() == ""


async def test_exit_before_initialize_ends_the_process(tmp_path):
    async with launched(tmp_path) as server:
        server.wire.notify("exit")
        assert await server.wait() == 1


async def test_the_end_of_the_parent_ends_the_process_within_five_seconds(tmp_path):
    async with launched(tmp_path) as server:
        parent = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=subprocess.PIPE)
        await server.wire.initialize(processId=parent.pid)
        await server.wire.settle()
        await parent.communicate(b"\n")
        assert await asyncio.wait_for(server.wait(), 5) == 1
        assert server.was_closed


async def test_a_service_that_does_not_close_delays_the_end_no_longer_than_five_seconds(tmp_path):
    async with launched(tmp_path, "--hang") as server:
        await server.wire.initialize()
        await server.wire.settle()
        await leave_properly(server)
        assert await asyncio.wait_for(server.wait(), 5) == 0
        assert not server.was_closed


async def test_nothing_but_frames_reaches_stdout_whoever_prints(tmp_path):
    async with launched(tmp_path, "--noisy", "--log-level", "debug") as server:
        await server.wire.initialize()
        await server.wire.settle()
        await leave_properly(server)
        await server.wire.ends()
        assert await server.wait() == 0
        assert all(isinstance(message, dict) and message["jsonrpc"] == "2.0" for message in server.wire.received)
        errors = await server.errors()
        for line in ("a stray line", "another", "a child 0"):
            assert line in errors


async def test_the_log_never_holds_what_was_asked_or_shown(tmp_path):
    async with launched(tmp_path, "--log-level", "debug") as server:
        await server.wire.initialize()
        document = {"uri": "file:///w/a.py", "languageId": "python", "version": 1, "text": "xyzzy-contents"}
        server.wire.notify("textDocument/didOpen", {"textDocument": document})
        await server.wire.call(CONTEXT, {"query": "xyzzy-query"})
        await server.wire.call(CONTEXT, {"query": "bug"})
        message = await server.wire.until(lambda message: message.get("method") == "window/logMessage")
        assert message["params"] == {"type": 1, "message": "magnetar/context failed unexpectedly (KeyError)"}
        await leave_properly(server)
        await server.wait()
        errors = await server.errors()
        assert "KeyError" in errors
        assert "xyzzy" not in errors


def test_a_client_that_never_reads_keeps_the_server_neither_from_working_nor_from_ending(tmp_path):
    mark = tmp_path / "closed"
    command = [sys.executable, str(LAUNCHER), "--mark", str(mark)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    requests = [{"id": n, "method": CONTEXT, "params": {"query": "large 1000000"}} for n in range(20)]
    opening = [{"id": "i", "method": "initialize", "params": {"capabilities": {}}}, {"method": "initialized"}]
    for message in (*opening, *requests, {"method": "exit"}):
        process.stdin.write(frame(json.dumps({"jsonrpc": "2.0", **message}).encode()))
    process.stdin.flush()
    try:
        assert process.wait(PATIENCE) == 1
        assert mark.exists()
    finally:
        process.kill()
        process.stdin.close()
        process.stdout.close()


async def test_large_answers_to_many_requests_all_arrive(tmp_path):
    async with launched(tmp_path) as server:
        await server.wire.initialize()
        for msg_id in [server.wire.start(CONTEXT, {"query": "large 300000"}) for _ in range(20)]:
            assert len((await server.wire.answer(msg_id))["result"]["lateSources"][0]) == 300_000


async def test_bad_frames_of_every_kind_are_survived(tmp_path):
    async with launched(tmp_path) as server:
        await server.wire.initialize()
        for bad in (b"garbage", b"\r\n\r\n", b"Content-Length: 999999999999\r\n\r\n", frame(b"{"), b"\xff\x00\r\n"):
            server.wire.send_bytes(bad)
            await server.wire.settle()
        assert {message["error"]["code"] for message in server.wire.received if "error" in message} == {-32700}


async def test_a_lowercase_header_and_bytes_that_trickle_in_are_understood(tmp_path):
    async with launched(tmp_path) as server:
        body = b'{"jsonrpc":"2.0","id":"t","method":"initialize","params":{"capabilities":{}}}'
        for byte in b"content-length: %d\r\n\r\n" % len(body) + body:
            server.wire.send_bytes(bytes([byte]))
        assert (await server.wire.answer("t"))["result"]["serverInfo"] == {"name": "magnetar", "version": "9.9.9"}


def test_nothing_the_service_needs_is_loaded_before_a_client_is_answered():
    heavy = "numpy tree_sitter aiosqlite psutil watchdog magnetar.context.service magnetar.workspace.warming"
    program = f"import sys, magnetar.lsp.server; print([m for m in {heavy.split()} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout == b"[]\n"


class TestTcp:
    OPTIONS = ("--tcp", "127.0.0.1:0")

    async def test_two_clients_are_served_at_once_and_a_third_after_them(self, tmp_path):
        async with launched(tmp_path, *self.OPTIONS) as server:
            port = await port_of(server)
            token = (tmp_path / "token").read_text().strip()
            first, second = await dial(port), await dial(port)
            for wire in (first, second):
                await wire.initialize(initializationOptions={"token": token})
                await wire.settle()
            await first.call("shutdown")
            first.notify("exit")
            await first.ends()
            await second.settle()
            second.close()
            third = await dial(port)
            await third.initialize(initializationOptions={"token": token})
            await third.settle()
            server.process.terminate()
            assert await server.wait() == 128 + signal.SIGTERM
            assert server.was_closed
            third.close()
            first.close()

    async def test_a_stranger_is_shown_the_door_and_others_are_served_on(self, tmp_path):
        async with launched(tmp_path, *self.OPTIONS, env={**os.environ, "MAGNETAR_TOKEN": "given"}) as server:
            port = await port_of(server)
            browser, forgetful, right = await dial(port), await dial(port), await dial(port)
            browser.send_bytes(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await browser.ends()
            assert not browser.received
            answer = await forgetful.call("initialize", {"capabilities": {}})
            assert answer["error"]["code"] == -32602
            await forgetful.ends()
            await right.initialize(initializationOptions={"token": "given"})
            await right.settle()
            for wire in (browser, forgetful, right):
                wire.close()

    @pytest.mark.parametrize("address", ["0.0.0.0:0", "192.0.2.1:0", "example.org:0"])
    async def test_any_other_machines_address_is_refused_in_one_line(self, tmp_path, address):
        async with launched(tmp_path, "--tcp", address) as server:
            assert await server.wait() == 2
            errors = await server.errors()
            assert errors.count("\n") == 1
            assert "only a loopback address" in errors

    async def test_a_port_in_use_is_one_line_too(self, tmp_path):
        busy = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        port = busy.sockets[0].getsockname()[1]
        async with launched(tmp_path, "--tcp", f"127.0.0.1:{port}") as server:
            assert await server.wait() == 1
            assert (await server.errors()).count("\n") == 1
        busy.close()
        await busy.wait_closed()
