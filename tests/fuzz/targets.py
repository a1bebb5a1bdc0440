"""What is fuzzed: functions of bytes that stumble over nothing, whatever the bytes are; each asserts what its code promises.

They know nothing of the fuzzer, so that unit tests can call them, too.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import orjson
from attrs import frozen
from pygls.exceptions import JsonRpcException

from magnetar.cache.backends.redis_layout import pack as pack_record
from magnetar.cache.backends.redis_layout import unpack
from magnetar.cache.codec import Encoded, Form, decode, encode
from magnetar.config import parse_settings
from magnetar.context.packing import Shelf, Units, completed, pack
from magnetar.context.question import Question
from magnetar.files.patterns import Patterns
from magnetar.lsp import messages, standard
from magnetar.lsp.convert import MalformedUri, path_of, uri_of
from magnetar.lsp.framing import Malformed, MessageDecoder, frame
from magnetar.symbols.build import build_facts
from magnetar.symbols.codec import decode_extraction, decode_facts, encode_extraction, encode_facts
from magnetar.symbols.extract import takes_a_parser
from magnetar.symbols.facts import Facts
from magnetar.symbols.hearsay import agrees

WIRE = Path(__file__).parents[1] / "wire"
SOURCES = {
    "a.py": "import os\n\n\nclass Reader:\n    def read(self, path):\n        return open(path)\n",
    "a.js": "import {a} from './a';\nexport class B extends a { c() { return require('d'); } }\n",
    "a.ts": "interface A<T> { b(c: T): void }\nexport const d = <T,>(e: T) => e;\n",
    "a.tsx": "export function A() { return <div>{b}</div>; }\n",
    "a.go": 'package a\n\nimport "fmt"\n\ntype B struct{}\n\nfunc (b *B) C() { fmt.Println() }\n',
    "a.rs": "use std::io;\n\npub struct A;\n\nimpl A { fn b(&self) -> io::Result<()> { Ok(()) } }\n",
    "A.java": "package a;\nimport java.util.*;\npublic class A { int b(int c) { return c; } }\n",
    "a.c": '#include "a.h"\nstruct a { int b; };\nint c(struct a *d) { return d->b; }\n',
    "a.cpp": "#include <a>\nnamespace b { template <class T> class C : D { T e(); }; }\n",
    "A.cs": "using System;\nnamespace A { class B { int C { get; set; } } }\n",
    "a.rb": "require 'a'\nmodule A\n  class B < C\n    def d; end\n  end\nend\n",
    "a.php": "<?php\nnamespace A;\nuse B\\C;\nclass D { function e() { return new C; } }\n",
    "A.kt": "package a\nimport b.c\nclass A(val b: Int) { fun c() = b }\n",
    "A.swift": "import A\nclass B: C { func d(_ e: Int) -> Int { e } }\n",
    "A.scala": "package a\nimport b._\ncase class A(b: Int) { def c = b }\n",
    "a.lua": "local a = require('a')\nfunction a.b(c) return c end\n",
    "a.sh": "source ./a.sh\nb() { echo $1; }\n",
    "a.md": "# A\n\n[b](b.md)\n\n## C\n",
}
PYTHON = SOURCES["a.py"]
FACTS = encode_facts(build_facts("a.py", PYTHON).facts)
TOLD = encode_extraction(FACTS) or b""
GOOD = {"jsonrpc": "2.0", "method": "ok"}
_MOST_BYTES = 4_096
_READERS = (*messages.REQUESTS.values(), *standard.REQUESTS.values(), *standard.NOTIFICATIONS.values())


@frozen
class Target:
    """One function, and inputs from which others are made."""

    run: Callable[[bytes], None]
    seeds: Sequence[bytes]


def framing(data: bytes) -> None:
    """However a stream is cut it gives the same; after garbage, the next frame is found."""
    cut = len(data) * (data[0] if data else 0) // 255
    stream = data + b"\n" * 9_000 + frame(orjson.dumps(GOOD))
    whole, parts = (MessageDecoder(_MOST_BYTES) for _ in range(2))
    found = whole.feed(stream)
    assert found == [*parts.feed(stream[:cut]), *parts.feed(stream[cut:])]
    assert found[-1] == GOOD
    for message in found:
        assert isinstance(message, Malformed) or orjson.dumps(message)


def fields(data: bytes) -> None:
    """Any JSON is read as params and as settings, or refused."""
    try:
        value = orjson.loads(data)
    except ValueError:
        return
    for read in _READERS:
        with contextlib.suppress(JsonRpcException):
            read(value)
    for problem in parse_settings(value)[1]:
        assert problem.message


def uris(data: bytes) -> None:
    """A URI is one or none; the path of one has a URI that names the same path."""
    uri = data.decode("utf-8", "replace")
    with contextlib.suppress(MalformedUri):
        path = path_of(uri)
        assert path is None or not path.is_absolute() or path_of(uri_of(path)) == path


def cached(data: bytes) -> None:
    """A stored value is read or refused, and what was read is stored as the same."""
    try:
        value = decode(Encoded(Form(data[0] % 5), data[1:]))
    except (ValueError, IndexError):
        return
    if not isinstance(value, bytes):
        again = decode(encode("key", value)[0])
        assert repr(again) == repr(value) if not isinstance(value, np.ndarray) else again.tobytes() == value.tobytes()


def redis_value(data: bytes) -> None:
    """A value in Redis is read or refused, and what was read is what stood there."""
    with contextlib.suppress(ValueError):
        assert pack_record(unpack("key", data)) == data


def facts(data: bytes) -> None:
    """Stored facts are refused, or such that whatever uses them can."""
    for blob in (data, _damaged(FACTS, data)):
        try:
            found = decode_facts(blob, 3)
        except ValueError:
            continue
        assert found.symbols is not None
        assert found.imports is not None
        decode_facts(encode_facts(found), 3)
        encode_extraction(blob)


def hearsay(data: bytes) -> None:
    """What another machine tells is refused, or puts no word into a text that does not stand there."""
    for blob in (data, _damaged(TOLD, data)):
        try:
            told = decode_extraction(blob)
        except ValueError:
            continue
        if agrees(told, PYTHON, "python"):
            built = build_facts("a.py", PYTHON, told=told).facts
            assert all(symbol.name in PYTHON for symbol in built.symbols)
            decode_facts(encode_facts(built), 3)


def ignored(data: bytes) -> None:
    """Any ignore file has a verdict on any path."""
    rules, _, path = data.partition(b"\0")
    path = path.strip(b"/") or b"a"
    for fold_case in (False, True):
        patterns = Patterns(rules, fold_case=fold_case)
        for is_dir in (False, True):
            assert patterns.verdict(path, path.rpartition(b"/")[2], is_dir=is_dir) in {None, False, True}


def symbols(data: bytes) -> None:
    """Any text in any language has facts that are sound, and another machine that is told of them has the same."""
    if not data:
        return
    path, text = list(SOURCES)[data[0] % len(SOURCES)], data[1:].decode("utf-8", "replace")
    built = build_facts(path, text)
    blob = encode_facts(built.facts)
    decode_facts(blob, built.facts.header_tokens)
    if takes_a_parser(built.facts.language):
        told = decode_extraction(encode_extraction(blob) or b"")
        if agrees(
            told, text, built.facts.language
        ):  # not where broken syntax spells an import oddly: then it is parsed
            assert encode_facts(build_facts(path, text, told=told).facts) == blob


def question(data: bytes) -> None:
    """Any question has terms, names and files."""
    asked = Question.of(data.decode("utf-8", "replace"))
    assert all(asked.terms)
    assert all(asked.names)
    assert asked.file_stems is not None


def packing(data: bytes) -> None:
    """A packed answer costs no more than its budget, and shows neither a secret nor a line twice."""
    numbers = [byte / 255 for byte in data]
    budget, most = sum(data[:8]) + 1, len(data) % 9
    shelves = {}
    for number in range(min(6, len(data) // 4)):
        known = _shelved(1 + data[number] % 3, hidden=bool(data[number] & 4))
        units = Units.of_runs(
            np.column_stack((known.starts, known.ends)),
            np.array([*numbers[number:], *[0.1] * len(known.starts)][: len(known.starts)]),
        )
        held = ((0, 2),) if data[number] & 8 else ()
        shelves[str(number)] = Shelf(str(number), known, units, numbers[number], held)
    packed = pack(list(shelves.values()), budget, most)
    packed, left = completed(shelves, packed, budget - sum(shelves[path].cost(runs) for path, runs in packed.items()))
    assert left >= 0
    assert len(packed) <= most
    for path, runs in packed.items():
        assert all(before[1] < after[0] for before, after in pairwise(runs))
        shown = {line for start, end in runs for line in range(start, end)}
        for start, end in (*shelves[path].facts.secret_lines, *shelves[path].held):
            assert shown.isdisjoint(range(start, end))


@lru_cache
def _shelved(repeats: int, *, hidden: bool) -> Facts:
    middle = repeats * len(PYTHON.splitlines()) // 2
    return build_facts("a.py", PYTHON * repeats, secret_lines=((middle, middle + 1),) if hidden else ()).facts


def _damaged(blob: bytes, data: bytes) -> bytes:
    """A blob in which bytes are others: each pair says where, and what."""
    damaged = bytearray(blob)
    for place, value in zip(data[::2], data[1::2], strict=False):
        damaged[place * len(blob) // 256] = value
    return bytes(damaged)


def _examples(part: str) -> list[bytes]:
    """Parts of the messages that the two sides of the wire agree on."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(WIRE.glob("*.json"))]
    return [json.dumps(one[part]).encode() for one in found if isinstance(one, dict) and part in one]


TARGETS = {
    "framing": Target(framing, [b"", frame(b"{}"), b"content-length: 3\n\n123", b"X: y\r\nContent-Length: 0\r\n\r\n"]),
    "fields": Target(
        fields,
        [
            *_examples("params"),
            b'{"textDocument":{"uri":"file:///a","version":1,"text":""},"position":{"line":0,"character":0}}',
            b'{"contentChanges":[{"range":{"start":{"line":0,"character":0},"end":{"line":1,"character":2}},"text":"a"}]}',
            b'{"changes":[{"uri":"file:///a","type":1}],"files":[{"uri":"file:///a","oldUri":"file:///a","newUri":"a:b"}]}',
            b'{"event":{"added":[],"removed":[]},"settings":{"magnetar":{"cache":{"ttl":{"file":5}}}},"processId":1}',
        ],
    ),
    "uris": Target(uris, [b"file:///a/b%20c.py", b"file://host/a", b"untitled:a", b"file:///C:/a"]),
    "cached": Target(cached, [b'\x01{"a":[1,2.5,null]}', b"\x02NaN", b"\x03\x04\x01\x01\0\0\0\0\0\x80\x3f", b"\x04a"]),
    "redis": Target(redis_value, [b"\x01" + b"\0" * 7 + b"\x40" + b"\0" * 7 + b"\x40{}"]),
    "facts": Target(facts, [FACTS, b"\0\3"]),
    "hearsay": Target(hearsay, [TOLD, b"\0\xe1"]),
    "ignored": Target(ignored, [b"*.log\n!a/**/b\n[[:alpha:]-z]?\\ \n/x/\0a/b.log", b"**/a*\0a/a/a"]),
    "symbols": Target(symbols, [bytes([number]) + text.encode() for number, text in enumerate(SOURCES.values())]),
    "question": Target(question, [b"where does src/app.py call load_config()?", b"`a.b`"]),
    "packing": Target(packing, [bytes(range(0, 255, 8))]),
}
