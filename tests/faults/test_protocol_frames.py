"""Bytes of every kind on the wire of a real server: what is a request is answered once, what is none costs itself alone."""

import json
import random

import pytest

from faults.project import Project
from faults.raw import Raw, frame

SYNCHRONIZE = "magnetar/synchronize"
ROUNDS, ALL_ROUNDS = 150, 50_000
LARGE = 50_000_000
FLUSH = b"\n" * 20_000
"""More than any length that garbage may announce and be believed."""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("frames"), files=4)


@pytest.fixture(scope="module")
def running(project):
    with Raw(project.cache) as raw:
        raw.initialize(project.root)
        raw.settle()
        yield raw


@pytest.fixture
def server(running):
    """The server of this module, which must be as well afterwards as it was before."""
    running.unmatched.clear()
    yield running
    running.settle()
    running.check()


def refusals(server, count):
    """The codes of so many answers without an id."""
    return [
        error["code"]
        for error in server.wait(lambda: server.unmatched[: count if len(server.unmatched) >= count else 0])
    ]


def test_frames_may_come_byte_by_byte(server):
    for byte in server.message("magnetar/predict", {})[1] + frame({"jsonrpc": "2.0", "method": "$/x"}):
        server.write(bytes([byte]))


def test_many_frames_in_one_write_are_answered_in_any_order_but_once(server):
    note = frame({"jsonrpc": "2.0", "method": "textDocument/didFocus", "params": {}})
    ids, frames = zip(*(server.message("magnetar/stats", {}) for _ in range(200)), strict=True)
    server.write(note.join(frames))
    for msg_id in ids:
        assert "result" in server.answer(msg_id)


@pytest.mark.parametrize(
    "bad",
    [
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: +5\r\n\r\n",
        b"Content-Length: 0x10\r\n\r\n",
        b"Content-Length: 1_0\r\n\r\n",
        "Content-Length: ٣\r\n\r\n".encode(),
        b"Content-Length: 134217729\r\n\r\n",
        b"Content-Length: 99999999999999999999999999\r\n\r\n",
        b"Content-Length:\r\n\r\n{}",
        b"Content-Type: text/plain\r\n\r\n{}",
        b"Content-Length 5\r\n\r\n12345",
        b"\r\n\r\n",
        b"\xff\xfe\x00\x00",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"X: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
    ids=lambda bad: repr(bad[:24]),
)
def test_a_header_that_is_none_is_refused_and_the_next_frame_read(server, bad):
    server.write(bad)
    server.fence()
    assert set(refusals(server, 1)) == {-32700}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe" + '{"jsonrpc":"2.0"}'.encode("utf-16-le"),
        '{"jsonrpc":"2.0"}'.encode("utf-16"),
        '{"jsonrpc":"2.0","id":"\xe4"}'.encode("latin-1"),
        b'\xef\xbb\xbf{"jsonrpc":"2.0"}',
        b'{"jsonrpc":"2.0","params":NaN}',
        b'{"jsonrpc":"2.0","params":-Infinity}',
        b'{"jsonrpc":"2.0","params":"\\ud800 and NaN":NaN}',
        b'{"jsonrpc":"2.0","params":01}',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"0" + b"}" * 100_000,
        b'{"a":"\\ud800","b":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'"' + b"x" * 1_000_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_body_that_is_no_json_is_refused_and_the_next_frame_read(server, body):
    server.write(frame(body))
    server.fence()
    assert refusals(server, 1) == [-32700]


@pytest.mark.parametrize("body", ["null", "5", '"text"', "[]", '[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]', "{}"])
def test_json_that_is_no_message_is_refused(server, body):
    server.write(frame(body.encode()))
    server.fence()
    assert refusals(server, 1) == [-32600]


@pytest.mark.parametrize("msg_id", ["null", "true", "1.5", "1e400", "[1]", '{"a":1}', "18446744073709551616"])
def test_an_id_that_is_none_is_refused_without_one(server, msg_id):
    server.write(frame(b'{"jsonrpc":"2.0","id":%b,"method":"magnetar/stats"}' % msg_id.encode()))
    server.fence()
    assert refusals(server, 1)[0] in {-32600, -32700}


@pytest.mark.parametrize("msg_id", [0, -1, 2**31, 2**53 + 1, 2**63, "", "1", "\0", "ä😀", "x" * 100_000])
def test_an_id_comes_back_as_it_was(server, msg_id):
    assert server.answer(server.start("magnetar/predict", {}, msg_id))["id"] == msg_id


def test_an_id_in_use_is_refused_and_the_first_request_answered_all_the_same(server):
    two = server.message("magnetar/warm", {}, "twice")[1] + server.message("magnetar/stats", {}, "twice")[1]
    server.write(two)
    refused, answered = server.wait(lambda: len(server.answers.get("twice", ())) == 2 and server.answers["twice"])
    assert refused["error"]["code"] == -32600
    assert "files" in answered["result"]


@pytest.mark.parametrize(
    "method", ["$/nonsense", "nonsense", "", "textDocument/didOpen", "exit", "__init__", "x" * 10**6]
)
def test_what_is_no_request_of_this_server_is_not_found(server, method):
    assert server.call(method, {})["error"]["code"] == -32601
    if method != "exit":
        server.notify(method, [[]])


def test_a_string_of_fifty_megabytes_is_read_and_a_wrong_one_refused(server):
    text = "x" * LARGE
    assert server.call(text, {})["error"]["code"] == -32601
    assert server.call("magnetar/search", {"query": 5, "more": text})["error"]["code"] == -32602


def test_a_lone_surrogate_is_read_as_a_replacement_character(server):
    half = rb'{"jsonrpc":"2.0","id":"half","method":"magnetar/search","params":{"query":"\ud800 \udc00 depth"}}'
    server.sent["half"] += 1
    server.write(frame(half))
    assert server.answer("half")["result"]["hits"]


def garbage(dice, good):
    """Bytes that are no frame, though they may begin like one: what they announce is short, or too much to be believed."""
    changed = bytearray(good)
    for _ in range(dice.randrange(1, 4)):
        changed[dice.randrange(len(good))] = dice.randrange(256)
    announced = dice.choice([0, 1, 5, 300, 5_000, 2**28, 10**30])
    return dice.choice(
        [
            changed,
            good[: dice.randrange(len(good))],
            dice.randbytes(dice.randrange(40)),
            frame(dice.randbytes(dice.randrange(60))),
            b"Content-Length: %d\r\n\r\n" % announced + dice.randbytes(9),
            b"Content-Length: 7\r\nContent-Length: %d\r\n" % dice.randrange(300),
            dice.choice([b"\r\n", b"\n\n", b"Content-Length: ", b"content-length:9", b": \r\n\r\n", b"{}"]),
        ]
    )


def test_requests_between_garbage_are_answered_once(server, effort):
    dice = random.Random(effort.seed)
    for _ in range(effort.times("protocol: requests between garbage", ROUNDS, ALL_ROUNDS) // 10):
        # Garbage may become a request that nobody counts: none of its ids are numbers that are counted.
        model = frame({"jsonrpc": "2.0", "id": "z" * 8, "method": "$/z", "params": {"depth": [1, 2.5, None, "ä"]}})
        ids, stream = [], bytearray()
        for _ in range(10):
            stream += garbage(dice, model)
            msg_id, data = server.message(SYNCHRONIZE if dice.random() < 0.05 else "$/z", {})
            ids.append(msg_id)
            stream += data
        stream += FLUSH
        while stream:
            size = dice.choice([1, 7, 100, 10_000, 100_000])
            server.write(stream[:size])
            del stream[:size]
        for msg_id in ids:
            server.answer(msg_id)
        for stranger in [key for key in server.answers if isinstance(key, str) and key not in server.sent]:
            del server.answers[stranger]  # a frame whose bytes were changed was still one


def test_what_the_server_says_is_json_whatever_was_in_the_question(server):
    odd = "\u2028\x00\x7f\ufffe😀" + "\\" * 9 + '"'
    for method in ("magnetar/search", "magnetar/context", "magnetar/symbols", "magnetar/explain"):
        assert json.dumps(server.call(method, {"query": odd, "conversationId": odd})["result"])
