"""The golden messages in `tests/wire`, which the extension's tests read too: what goes in means this, what comes out is that."""

import json
from pathlib import Path

import pytest

from lsp.fake_service import STATS
from magnetar.lsp import messages
from magnetar.model import (
    Candidate,
    ContextAnswer,
    ContextRequest,
    Cursor,
    Dropped,
    DropReason,
    IndexState,
    IndexStatus,
    Item,
    ItemKind,
    Position,
    PositionEncoding,
    Prediction,
    PrefetchReport,
    Range,
    Reason,
    SearchHit,
    Signal,
    Skipped,
    Symbol,
    SymbolHit,
    SymbolKind,
    Target,
    WarmReport,
)

WIRE = Path(__file__).parents[2] / "wire"
ROOT = Path("/workspace")
A, B = ROOT / "src/a b.py", ROOT / "src/b.py"
LINES = ("# ä😀\n", "def café(): pass\n", "\n", "x = café()\n")
UTF16 = PositionEncoding.UTF16


def span(line, start, end_line, end):
    return Range(Position(line, start), Position(end_line, end))


CAFE = Symbol("café", SymbolKind.FUNCTION, span(1, 0, 1, 17), span(1, 4, 1, 9), None)
METHOD = Symbol("run", SymbolKind.METHOD, span(0, 0, 0, 8), span(0, 2, 0, 4), "Engine")

FULL_REQUEST = ContextRequest(
    query="where is café called?",
    document=Target.of(A),
    position=Cursor(3, 7, UTF16),
    selection=(Cursor(3, 4, UTF16), Cursor(3, 8, UTF16)),
    token_budget=500,
    max_items=5,
    include=frozenset({ItemKind.SNIPPET, ItemKind.FILE}),
    must_include=(Target.of(B), Target("untitled:Untitled-1", None)),
    exclude=(Target.of(ROOT / "c.py"),),
    conversation_id="chat-1",
    preview=True,
    deadline_ms=250,
    folder=ROOT,
)
FULL_ANSWER = ContextAnswer(
    items=(
        Item(
            path=A,
            kind=ItemKind.SNIPPET,
            language="python",
            ranges=(span(0, 0, 0, 8), span(1, 0, 2, 0)),
            content="# ä😀\n⋯\ndef café(): pass\n",
            symbols=(CAFE,),
            tokens=21,
            score=0.75,
            reasons=(Reason(Signal.MENTIONED, 0.7, "café"), Reason(Signal.FOCUS, 0.3)),
            from_buffer=True,
            version=4,
            mtime=None,
            sha256="a" * 64,
            cached=True,
            lines=LINES,
        ),
        Item(
            path=B,
            kind=ItemKind.FILE,
            language="python",
            ranges=(span(0, 0, 1, 0),),
            content="",
            symbols=(),
            tokens=0,
            score=0.5,
            reasons=(Reason(Signal.PINNED, 1.0),),
            from_buffer=False,
            version=None,
            mtime=1_700_000_000.5,
            sha256="b" * 64,
            cached=False,
            lines=("import a\n",),
            unchanged=True,
        ),
    ),
    tokens=21,
    token_budget=500,
    held_tokens=9,
    removed=(Target.of(ROOT / "gone.py"),),
    dropped=(
        Dropped(Target.of(ROOT / "big.py"), DropReason.BUDGET, 0.25, 900),
        Dropped(Target("untitled:Untitled-1", None), DropReason.OUTSIDE_WORKSPACE, 0.0),
    ),
    late_sources=("semantic",),
    index=IndexStatus(IndexState.WARMING, 10, 4),
    hits=3,
    misses=1,
    elapsed_ms=12.5,
)
EXCHANGES = {
    "context": (FULL_ANSWER, (FULL_REQUEST, "test")),
    "explain": (
        (Candidate(A, 0.75, ((Signal.MENTIONED, 1, 0.7), (Signal.FOCUS, 2, 0.3)), True, "mentioned"),),
        ("explain", ContextRequest(query="café")),
    ),
    "predict": ((Prediction(B, 0.4, (Reason(Signal.IMPORTS, 1.0, "left out"),)),), ("predict", Target.of(A), 3)),
    "prefetch": (
        PrefetchReport(1, 1, ((Target("git:/x", None), "not a file"),)),
        ("prefetch", (Target.of(A), Target("git:/x", None))),
    ),
    "warm": (WarmReport(10, 40, 6, Skipped(1, 2, 3, 4, 5), 99.5), ("warm", ROOT, ("**/*.py",))),
    "search": (
        (SearchHit(A, span(3, 4, 3, 9), 0.9, "x = café()", (Signal.LEXICAL,), LINES),),
        ("search", "café", 5, ROOT),
    ),
    "symbols": (
        (
            SymbolHit(A, CAFE, "def café()", "", LINES),
            SymbolHit(B, METHOD, "def run(self)", "Runs.", ("  run run\n",)),
        ),
        ("symbols", Target.of(A), "caf", 10, None),
    ),
    "stats": (STATS, ("stats", ROOT)),
    "clear": (12, ("clear", "model", ROOT)),
    "synchronize": (None, ("synchronize",)),
}


def golden(name):
    return json.loads((WIRE / f"{name}.json").read_text("utf-8"))


def test_every_method_has_its_golden_messages():
    assert {golden(path.stem)["method"] for path in WIRE.glob("*.json")} == set(messages.METHODS)


@pytest.mark.parametrize("name", EXCHANGES)
async def test_a_request_means_what_it_says_and_its_answer_is_the_golden_one(client, service, name):
    answer, expected = EXCHANGES[name]
    exchange = golden(name)
    service.answers[name] = answer
    if name == "context":
        service.context_answer = answer
    await client.initialize()
    result = await client.request(exchange["method"], exchange["request"])
    assert service.requests[-1] == expected
    if "elapsedMs" in result:
        result["elapsedMs"] = exchange["response"]["elapsedMs"]
    assert result == exchange["response"]


@pytest.mark.parametrize(
    ("name", "error"), [(name, error) for name in EXCHANGES for error in golden(name).get("errors", [])]
)
async def test_a_bad_field_is_named_with_what_is_allowed(client, service, name, error):
    await client.initialize()
    answer = await client.error(golden(name)["method"], error["request"])
    assert answer == {"code": -32602, "message": error["message"]}
    assert not service.requests


@pytest.mark.parametrize("name", sorted(set(EXCHANGES) - {"prefetch", "search", "clear"}))
@pytest.mark.parametrize("nothing", [{}, None, {"textDocument": None, "query": None, "topK": None, "limit": None}])
async def test_absent_and_null_are_the_same(client, name, nothing):
    await client.initialize()
    await client.request(f"magnetar/{name}", nothing)


async def test_what_is_left_out_of_a_context_request_is_the_default(client, service):
    await client.initialize()
    await client.request("magnetar/context", {})
    assert service.requests[-1] == (ContextRequest(), "test")
