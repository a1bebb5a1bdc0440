"""JSON-RPC through a real connection in memory: what is answered, how, and how often."""

import asyncio
import json
import os
import random

import pytest

from lsp.fake_service import NO_UNICODE
from lsp.memory import ROOT_URI, connected
from magnetar.lsp.framing import frame

CONTEXT = "magnetar/context"
ALL_REQUESTS = ["context", "predict", "prefetch", "warm", "search", "symbols", "stats", "explain", "clear"]


@pytest.fixture
async def ready(client):
    """A client that has initialized."""
    await client.initialize()
    return client


async def test_a_request_before_initialize_is_refused(client):
    assert (await client.error(CONTEXT, {}))["code"] == -32002
    assert (await client.error("shutdown"))["code"] == -32002


async def test_a_notification_before_initialize_is_dropped(client, service):
    document = {"uri": f"{ROOT_URI}/a.py", "languageId": "python", "version": 1, "text": "a"}
    client.notify("textDocument/didOpen", {"textDocument": document})
    await client.initialize()
    await client.settle()
    assert not service.signals("opened")


async def test_a_second_initialize_is_refused(ready):
    assert (await ready.error("initialize", {"capabilities": {}}))["code"] == -32600


async def test_an_initialize_that_cannot_be_read_may_be_tried_again(client):
    assert (await client.error("initialize", {"processId": "x"}))["code"] == -32602
    await client.initialize()


async def test_after_shutdown_requests_are_refused_and_notifications_dropped(ready, service):
    await ready.settle()
    assert await ready.request("shutdown") is None
    ready.notify("textDocument/didFocus", {"textDocument": {"uri": f"{ROOT_URI}/a.py"}})
    assert (await ready.error(CONTEXT, {}))["code"] == -32600
    assert (await ready.error("shutdown"))["code"] == -32600
    assert not service.signals("focused")


async def test_an_unknown_method_is_named(ready):
    error = await ready.error("magnetar/nonsense", {})
    assert (error["code"], error["message"]) == (-32601, "Method not found: magnetar/nonsense")


async def test_a_notification_sent_as_a_request_is_no_method(ready):
    assert (await ready.error("textDocument/didOpen", {}))["code"] == -32601


async def test_an_unknown_notification_is_ignored(ready):
    ready.notify("$/nonsense", {})
    ready.notify("nonsense", [1])
    await ready.settle()


@pytest.mark.parametrize(
    "message",
    [
        {"id": 1.5, "method": CONTEXT},
        {"id": None, "method": CONTEXT},
        {"id": True, "method": CONTEXT},
        {"id": [1], "method": CONTEXT},
        {},
        {"method": 7},
        {"params": {}},
        5,
        "text",
        None,
        [],
        [{"jsonrpc": "2.0", "id": 1, "method": CONTEXT}],
    ],
)
async def test_what_is_no_request_is_answered_without_an_id(ready, message):
    ready.send({"jsonrpc": "2.0", **message} if isinstance(message, dict) else message)
    assert [error["code"] for error in await ready.unmatched_errors()] == [-32600]
    await ready.settle()


@pytest.mark.parametrize("extra", [{"jsonrpc": "1.0"}, {"jsonrpc": None}, {"method": 3}, {"method": None}])
async def test_a_request_with_an_id_gets_its_refusal_by_that_id(ready, extra):
    answer = await ready.call(CONTEXT, {}, **extra)
    assert answer["error"]["code"] == -32600


async def test_malformed_bytes_are_answered_and_ended_by_the_next_frame(ready):
    ready.send_bytes(b"nonsense\r\n\r\n")
    ready.send_bytes(frame(b"{"))
    await ready.settle()
    assert [error["code"] for error in await ready.unmatched_errors(2)] == [-32700, -32700]


@pytest.mark.parametrize(
    "message",
    [
        {"id": "a", "method": "magnetar/synchronize"},
        {"id": "a", "method": "magnetar/synchronize", "params": None},
        {"id": "a", "method": "magnetar/synchronize", "params": {"jsonrpc": "2.0", "id": 3, "method": "exit"}},
        {"id": "a", "method": "magnetar/synchronize", "params": {"max-tokens": 1, "class": 2, "_x": 3}},
        {"id": "a", "method": "magnetar/synchronize", "params": {}, "extra": 1},
        {"id": "a", "method": "magnetar/synchronize", "params": {}, "result": 1},
    ],
)
async def test_odd_but_well_formed_requests_are_answered(ready, message):
    await ready.settle()
    ready.send({"jsonrpc": "2.0", **message})
    await ready._until(lambda: [a for a in ready.unmatched if a["id"] == "a" and a["result"] == {}], 1)


@pytest.mark.parametrize("method", ALL_REQUESTS)
@pytest.mark.parametrize("params", [[], [1], 5, "x", True])
async def test_params_must_be_an_object(ready, method, params):
    error = await ready.error(f"magnetar/{method}", params)
    assert (error["code"], error["message"]) == (-32602, "params must be an object")


async def test_an_id_in_use_is_refused_and_the_first_request_still_answered(ready, service):
    msg_id, first = ready.start(CONTEXT, {"query": "hang"}, id="same")
    await ready.settle_hanging(service)
    ready.send({"jsonrpc": "2.0", "id": "same", "method": CONTEXT, "params": {}})
    assert (await first)["error"]["code"] == -32600
    ready.notify("$/cancelRequest", {"id": msg_id})
    assert [error["code"] for error in await ready.unmatched_errors()] == [-32800]


async def test_an_id_may_be_used_again_once_answered(ready):
    assert "result" in await ready.call(CONTEXT, {}, id="again")
    assert "result" in await ready.call(CONTEXT, {}, id="again")


async def test_ids_one_and_the_text_one_are_different(ready, service):
    ready.start(CONTEXT, {"query": "hang"}, id=70)
    await ready.settle_hanging(service)
    assert "result" in await ready.call(CONTEXT, {}, id="70")


@pytest.mark.parametrize(
    ("query", "code", "data"),
    [
        ("outside", -32803, {"kind": "outsideWorkspace"}),
        ("backend", -32803, {"kind": "backendUnavailable"}),
        ("bug", -32603, None),
        ("unserialisable", -32603, None),
    ],
)
async def test_a_failure_is_answered_by_its_kind(ready, query, code, data):
    error = await ready.error(CONTEXT, {"query": query})
    assert (error["code"], error.get("data")) == (code, data)


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
async def test_the_name_of_a_file_that_is_no_unicode_is_told_with_a_replacement_character(ready, service):
    await ready.settle()
    error = await ready.error(CONTEXT, {"query": "odd name"})
    assert (error["code"], error["message"]) == (-32803, "/elsewhere/?.py lies in no workspace folder")
    service.on_message(os.fsdecode(NO_UNICODE))
    assert (await ready.note("window/showMessage"))[0]["message"] == "/elsewhere/?.py"


async def test_an_unexpected_failure_tells_nothing(ready, caplog):
    error = await ready.error(CONTEXT, {"query": "bug"})
    assert error == {"code": -32603, "message": "internal error"}
    assert "magnetar/context failed unexpectedly (KeyError)" in caplog.messages


async def test_a_cancelled_request_is_answered_once_and_its_work_stopped(ready, service):
    msg_id, answer = ready.start(CONTEXT, {"query": "hang"})
    await ready.settle_hanging(service)
    ready.notify("$/cancelRequest", {"id": msg_id})
    assert (await answer)["error"]["code"] == -32800
    await ready.settle()
    assert service.cancelled == 1
    assert not ready.unmatched


async def test_a_cancel_is_answered_at_once_even_where_the_work_does_not_stop(ready, service):
    msg_id, answer = ready.start(CONTEXT, {"query": "deaf"})
    await ready.settle_hanging(service)
    ready.notify("$/cancelRequest", {"id": msg_id})
    assert (await asyncio.wait_for(answer, 30))["error"]["code"] == -32800
    service.hears.set()


async def test_cancelling_what_is_not_running_is_nothing(ready):
    for msg_id in (999, "x", None, [1], 1):
        ready.notify("$/cancelRequest", {"id": msg_id})
    ready.notify("$/cancelRequest", None)
    await ready.settle()
    assert not ready.unmatched


async def test_a_thousand_requests_half_of_them_cancelled_leave_no_task(ready):
    await ready.settle()
    dice, before = random.Random(1), len(asyncio.all_tasks())
    queries = ["", "hang", "bug", "outside", "unserialisable"]
    asked = [ready.start(CONTEXT, {"query": dice.choice(queries)}) for _ in range(1_000)]
    for msg_id in dice.sample([msg_id for msg_id, _ in asked], 500):
        ready.notify("$/cancelRequest", {"id": msg_id})
    for msg_id, _ in asked:
        ready.notify("$/cancelRequest", {"id": msg_id})
    answers = await asyncio.gather(*(answer for _, answer in asked))
    assert {answer.get("error", {}).get("code") for answer in answers} <= {None, -32800, -32603, -32803}
    await ready.settle()
    assert not ready.unmatched
    assert len(asyncio.all_tasks()) <= before


async def test_shutdown_answers_what_is_running(ready, service):
    _, answer = ready.start(CONTEXT, {"query": "hang"})
    await ready.settle_hanging(service)
    await ready.request("shutdown")
    assert (await answer)["error"]["code"] == -32800


async def test_requests_that_arrive_in_one_piece_are_all_answered(ready):
    body = [{"jsonrpc": "2.0", "id": f"r{n}", "method": CONTEXT, "params": {}} for n in range(100)]
    ready.send_bytes(b"".join(frame(json.dumps(message).encode()) for message in body))
    answers = await ready._until(lambda: [a["id"] for a in ready.unmatched], 100)
    assert sorted(answers) == sorted(message["id"] for message in body)


async def test_everything_may_come_in_one_piece_from_the_start(client, service):
    opened = {"uri": f"{ROOT_URI}/a.py", "languageId": "python", "version": 1, "text": "a"}
    pieces = [
        {"id": 1, "method": "initialize", "params": {"capabilities": {}, "rootUri": ROOT_URI}},
        {"method": "initialized"},
        {"method": "textDocument/didOpen", "params": {"textDocument": opened}},
        {"id": 2, "method": "magnetar/synchronize"},
    ]
    client.send_bytes(b"".join(frame(json.dumps({"jsonrpc": "2.0", **piece}).encode()) for piece in pieces))
    await client._until(lambda: [a for a in client.unmatched if a["id"] == 2], 1)
    assert [call[0] for call in service.calls] == ["add_folder", "opened"]


async def test_a_response_to_nothing_is_ignored(ready):
    ready.send({"jsonrpc": "2.0", "id": "unknown", "result": 1})
    ready.send({"jsonrpc": "2.0", "id": 7, "error": {"code": 1, "message": "x"}})
    ready.send({"jsonrpc": "2.0", "id": None, "result": None})
    await ready.settle()
    assert not ready.unmatched


async def test_synchronize_waits_for_what_was_asked_before(ready, service):
    msg_id, slow = ready.start(CONTEXT, {"query": "hang"})
    await ready.settle_hanging(service)
    _, settled = ready.start("magnetar/synchronize", {})
    assert "result" in await ready.call(CONTEXT, {})
    assert not settled.done()
    ready.notify("$/cancelRequest", {"id": msg_id})
    assert "result" in await settled
    assert slow.done()


async def test_requests_to_synchronize_that_come_at_once_do_not_wait_for_one_another(ready):
    requests = [{"jsonrpc": "2.0", "id": f"s{n}", "method": "magnetar/synchronize"} for n in range(50)]
    ready.send_bytes(b"".join(frame(json.dumps(request).encode()) for request in requests))
    answers = await ready._until(lambda: ready.unmatched, 50)
    assert {answer["id"] for answer in answers if answer["result"] == {}} == {request["id"] for request in requests}


class TestProgress:
    async def test_a_request_with_a_token_begins_and_ends_it_before_the_answer(self, ready):
        await ready.request(CONTEXT, {"workDoneToken": "t"})
        notes = [n["params"] for n in ready.notes if n["method"] == "$/progress"]
        assert [(n["token"], n["value"]["kind"]) for n in notes] == [("t", "begin"), ("t", "end")]
        assert ready.log.index(ready.notes[-1]) < len(ready.log) - 1

    async def test_a_failed_request_ends_its_progress(self, ready):
        await ready.error(CONTEXT, {"workDoneToken": 3, "query": "bug"})
        notes = await ready.note("$/progress", 2)
        assert notes[-1] == {"token": 3, "value": {"kind": "end"}}

    async def test_cancelling_the_progress_cancels_the_request(self, ready, service):
        _, answer = ready.start(CONTEXT, {"query": "hang", "workDoneToken": "t"})
        await ready.settle_hanging(service)
        ready.notify("window/workDoneProgress/cancel", {"token": "t"})
        assert (await answer)["error"]["code"] == -32800
        assert (await ready.note("$/progress", 2))[-1]["value"] == {"kind": "end"}

    async def test_a_token_of_the_wrong_type_is_refused(self, ready):
        error = await ready.error(CONTEXT, {"workDoneToken": []})
        assert (error["code"], error["message"]) == (-32602, "workDoneToken must be a string or an integer")

    async def test_a_warm_up_reports_how_far_it_is(self, ready):
        await ready.request("magnetar/warm", {"workDoneToken": "w"})
        values = [note["value"] for note in await ready.note("$/progress", 4)]
        assert values[0] == {"kind": "begin", "title": "Indexing", "cancellable": True, "percentage": 0}
        assert values[1] == {"kind": "report", "percentage": 0, "message": "0 / 10 000 files"}
        assert values[2] == {"kind": "report", "percentage": 100, "message": "10 000 / 10 000 files"}
        assert values[3] == {"kind": "end"}

    async def test_partial_result_tokens_are_accepted(self, ready):
        await ready.request(CONTEXT, {"partialResultToken": "p"})


class TestAccess:
    async def test_the_right_token_opens_the_door(self, service):
        async with connected(service, token="secret") as client:
            await client.initialize(options={"token": "secret"})
            await client.settle()

    @pytest.mark.parametrize("options", [None, {}, {"token": "wrong"}, {"token": 5}, {"token": ""}])
    async def test_any_other_closes_it(self, service, options):
        async with connected(service, token="secret") as client:
            error = await client.error("initialize", {"capabilities": {}, "initializationOptions": options})
            assert error["code"] == -32602
            assert await client.connection.ended == 1
            assert not service.opened_service

    async def test_a_first_message_other_than_initialize_closes_it(self, service):
        async with connected(service, token="secret") as client:
            client.notify("textDocument/didFocus", {})
            assert await client.connection.ended == 1

    async def test_a_first_request_other_than_initialize_is_refused_and_closes_it(self, service):
        async with connected(service, token="secret") as client:
            assert (await client.error(CONTEXT, {}))["code"] == -32002
            assert await client.connection.ended == 1

    async def test_a_line_that_is_no_header_closes_it(self, service):
        async with connected(service, token="secret") as client:
            client.send_bytes(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
            assert await client.connection.ended == 1
