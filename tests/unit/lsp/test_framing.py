import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnetar.lsp.framing import Malformed, MessageDecoder, frame

GOOD = {"jsonrpc": "2.0", "method": "ok"}
GOOD_FRAME = frame(json.dumps(GOOD).encode())


def messages(*chunks):
    decoder = MessageDecoder()
    return [message for chunk in chunks for message in decoder.feed(chunk)]


@given(st.lists(st.dictionaries(st.text(), st.text()), max_size=5), st.data())
def test_a_stream_gives_the_same_messages_however_it_is_cut(values, data):
    stream = b"".join(frame(json.dumps(value).encode()) for value in values)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert messages(*chunks) == values


@pytest.mark.parametrize(
    "header",
    [
        b"content-length: %d\r\n\r\n",
        b"CONTENT-LENGTH:%d\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: %d  \r\nX-Other: 1\r\n\r\n",
        b"Content-Length: %d\n\n",
    ],
)
def test_headers_are_read_in_any_case_and_company(header):
    body = json.dumps(GOOD).encode()
    assert messages(header % len(body) + body) == [GOOD]


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n\r\n",
        b"hello\r\n",
        b"{}",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Content-Length: abc\r\n\r\n",
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: 99999999999\r\n\r\n",
        b"Content-Length: 9999999999999999999999999\r\n\r\n",
        b"X-Only: 1\r\n\r\n" + json.dumps(GOOD).encode(),
        b"\r\n\r\n",
        b"\x00\xff" * 50_000,
        b"x" * 20_000 + b"\r\n",
    ],
)
def test_after_garbage_the_next_frame_is_found(garbage):
    for chunks in ([garbage + GOOD_FRAME], [garbage, GOOD_FRAME], [bytes([b]) for b in (garbage + GOOD_FRAME)[-9000:]]):
        out = messages(*chunks)
        assert out[-1] == GOOD
        assert out[:-1]
        assert all(isinstance(message, Malformed) and message.in_header for message in out[:-1])


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b'{"a": NaN}', b'"\xff"', b"[" * 100_000])
def test_a_body_that_is_no_json_costs_itself_alone(body):
    out = messages(frame(body) + GOOD_FRAME)
    assert isinstance(out[0], Malformed)
    assert not out[0].in_header
    assert out[1:] == [GOOD]


@pytest.mark.parametrize("error", [-3, 3, 10])
def test_a_wrong_length_costs_its_own_message_and_no_other(error):
    body = json.dumps(GOOD).encode()
    wrong = b"Content-Length: %d\r\n\r\n%b" % (len(body) + error, body)
    out = messages(wrong + GOOD_FRAME + GOOD_FRAME)
    assert [message for message in out if not isinstance(message, Malformed)] == [GOOD, GOOD]
    assert any(isinstance(message, Malformed) for message in out)


def test_lengths_that_all_swallow_what_follows_are_not_tried_without_end():
    out = messages(b"Content-Length: 100000\r\n\r\n" * 20_000 + b"\n" * 110_000 + GOOD_FRAME)
    assert out[-1] == GOOD
    assert len(out) < 1_000


def test_a_promise_of_too_many_bytes_is_refused_without_waiting_for_them():
    out = MessageDecoder(max_body_bytes=100).feed(b"Content-Length: 101\r\n\r\n")
    assert [type(message) for message in out] == [Malformed]


def test_garbage_without_end_is_not_kept():
    decoder = MessageDecoder()
    for _ in range(100):
        decoder.feed(b"y" * 10_000)
    assert len(decoder._buffer) < 100


def test_half_a_surrogate_pair_becomes_a_replacement_character_of_the_same_width():
    body = rb'{"text": "a\ud83db", "whole": "\ud83d\ude00", "not": "\\ud83d"}'
    assert messages(frame(body)) == [{"text": "a�b", "whole": "😀", "not": "\\ud83d"}]


def test_a_length_counts_bytes():
    body = json.dumps({"text": "ä😀"}, ensure_ascii=False).encode()
    assert messages(frame(body) + GOOD_FRAME) == [{"text": "ä😀"}, GOOD]
