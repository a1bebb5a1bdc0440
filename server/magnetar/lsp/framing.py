"""Bytes to JSON messages and back: the base protocol of the Language Server Protocol, without any I/O.

A malformed frame costs the messages it swallowed and nothing more: the decoder reports it and goes on at the next
`Content-Length`. It knows nothing of requests, methods or threads.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
from attrs import frozen

MAX_BODY_BYTES = 128 * 1024 * 1024
"""Frames that announce more are refused; the largest editor buffers stay far below."""

_MAX_HEADER_BYTES = 8 * 1024
_LONGEST_LENGTH_HEADER = 64
_MOST_TRIES = 64
"""So often the same bytes are looked at again for frames that wrong lengths have swallowed."""
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_HEADER_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*?)[ \t]*")
_LENGTH_HEADER = re.compile(rb"content-length:[ \t]*\d+[ \t]*\r?\n", re.IGNORECASE)


@frozen
class Malformed:
    """Bytes that are no message; `in_header` says whether the framing itself was wrong, not just a body."""

    message: str
    in_header: bool


class MessageDecoder:
    """Turns a stream of bytes, cut anywhere, into JSON values and `Malformed` marks."""

    def __init__(self, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._max_body_bytes = max_body_bytes
        self._buffer = bytearray()
        self._length: int | None = None
        """The length of the body that comes next, once its header is complete."""
        self._lost = False
        """Whether everything up to the next length header is to be thrown away."""
        self._position = 0
        """Of the buffer's start in the stream."""
        self._tried_to = 0
        self._tries = 0
        """How often a body that is no JSON was looked into since the buffer started behind `_tried_to`."""

    def feed(self, data: bytes) -> list[Any]:
        """What is complete with `data`, in order."""
        self._buffer += data
        out: list[Any] = []
        while True:
            if self._length is None:
                problem = self._read_header()
                if problem is not None:
                    out.append(problem)
                    continue
            if self._length is None or len(self._buffer) < self._length:
                return out
            out.append(self._read_body(self._length))

    def _read_header(self) -> Malformed | None:
        if self._lost and not self._find_header(0):
            return None
        end = _HEADER_END.search(self._buffer, 0, _MAX_HEADER_BYTES)
        if end is None:
            if len(self._buffer) < _MAX_HEADER_BYTES:
                return None
            return self._lose("a header must end within 8192 bytes")
        length = _content_length(bytes(self._buffer[: end.start()]))
        if length is None:
            return self._lose("a header must be lines of `Name: value` with a whole number as Content-Length")
        if length > self._max_body_bytes:
            return self._lose(f"Content-Length must be at most {self._max_body_bytes}")
        self._drop(end.end())
        self._length = length
        return None

    def _read_body(self, length: int) -> Any:
        self._length = None
        try:
            message = _parse(bytes(self._buffer[:length]))
        except (ValueError, RecursionError):
            self._look_into(length)
            return Malformed("the body is not valid JSON", in_header=False)
        self._drop(length)
        return message

    def _look_into(self, length: int) -> None:
        """Goes on within a body that is no JSON: a length that was too large has swallowed the start of the next frame."""
        if self._position >= self._tried_to:
            self._tries = 0
        self._tries += 1
        self._tried_to = max(self._tried_to, self._position + length)
        if self._tries > _MOST_TRIES:
            self._drop(length)
        else:
            self._find_header(0)

    def _lose(self, message: str) -> Malformed:
        self._find_header(1)
        return Malformed(message, in_header=True)

    def _find_header(self, start: int) -> bool:
        """Drops what comes before the next length header; keeps the end of the buffer where one may be half there."""
        found = _LENGTH_HEADER.search(self._buffer, start)
        self._lost = found is None
        self._drop(max(start, len(self._buffer) - _LONGEST_LENGTH_HEADER) if found is None else found.start())
        return found is not None

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._position += count


def frame(body: bytes) -> bytes:
    """One message as it goes over the wire."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _content_length(block: bytes) -> int | None:
    length: int | None = None
    for line in block.splitlines():
        match = _HEADER_LINE.fullmatch(line)
        if match is None:
            return None
        if match[1].lower() == b"content-length":
            if not match[2].isdigit() or len(match[2]) > 18:
                return None
            length = int(match[2])
    return length


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        if b"\\ud" not in body.lower():
            raise
    # An editor may hold half a surrogate pair and send it escaped. It becomes U+FFFD, which is as wide in every
    # encoding, so that the document stays in step with the editor's.
    text = json.dumps(json.loads(body), ensure_ascii=False)
    return orjson.loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
