import asyncio
import hashlib
from itertools import pairwise
from pathlib import Path

import pytest
from attrs import evolve
from bpe_openai import get_encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals.memory_workspace import MemoryWorkspace
from magnetar.context.engine import Engine
from magnetar.context.items import SEPARATOR
from magnetar.context.ledger import Conversation
from magnetar.errors import OutsideWorkspace
from magnetar.model import ContextRequest, Cursor, DropReason, ItemKind, PositionEncoding, Signal, Target
from magnetar.workspace.history import Commit, History, Hunk, index_by_file

ROOT = Path("/workspace")
SECRET = "password = 'correct horse battery staple'"


def module(name, uses=""):
    functions = "\n\n".join(
        f'def {name}_{verb}(value):\n    """{verb.title()}s a {name}."""\n    checked = {name}_check(value)\n'
        f"    for part in checked:\n        print(part, '{verb}')\n    return checked"
        for verb in ("open", "close", "parse", "render", "check")
    )
    return f"import os\n{uses}\n\nclass {name.title()}Error(Exception):\n    pass\n\n\n{functions}\n"


TEXTS = {
    "app/parser.py": module("token", "from app.lexer import lexeme_open"),
    "app/lexer.py": module("lexeme"),
    "app/window.py": module("window", "from app.parser import token_parse"),
    "app/config.py": f"import os\n\nDEBUG = True\n\n{SECRET}\n\nHOST = 'localhost'\nPORT = 80\n",
    "app/empty.py": "",
    "tests/test_parser.py": module("case", "from app.parser import token_parse"),
    "docs/guide.md": "# Guide\n\nHow to open a window and parse a token.\n\n## Errors\n\nSee the lexer.\n",
    **{f"lib/part{number}.py": module(f"part{number}") for number in range(12)},
}
COMMITS = (
    Commit(("app/parser.py", "tests/test_parser.py"), 2, "Parse tokens twice", 0),
    Commit(("app/window.py", "app/parser.py"), 2, "Close the window after an error", 1),
)
HISTORY = History(
    head="abc",
    commits=COMMITS,
    by_file=index_by_file(COMMITS),
    hunks={"app/parser.py": (Hunk(0, 12, 14),), "app/window.py": (Hunk(1, 20, 22),)},
    together={0: frozenset(COMMITS[0].files), 1: frozenset(COMMITS[1].files)},
)


@pytest.fixture
def workspace():
    return made_workspace()


def made_workspace():
    return MemoryWorkspace(TEXTS, HISTORY, secret_lines={"app/config.py": ((4, 5),)})


def target(path):
    return Target.of(ROOT / path)


def at(line):
    return Cursor(line, 0, PositionEncoding.UTF16)


def shown(answer):
    return {item.path.relative_to(ROOT).as_posix(): item for item in answer.items}


def lines_of(item):
    for span in item.ranges:
        yield from range(span.start.line, span.end.line + (span.end.column > 0 or span.end == span.start))


requests = st.builds(
    ContextRequest,
    query=st.sampled_from(
        ["", "parse a token", "close the window in app/window.py", "`lexeme_open` fails", "localhost port"]
    ),
    document=st.sampled_from([None, target("app/parser.py"), target("app/config.py")]),
    position=st.sampled_from([None, at(0), at(12), at(9_999)]),
    token_budget=st.integers(1, 4_000),
    max_items=st.integers(1, 12),
    include=st.sets(st.sampled_from(list(ItemKind)), min_size=1).map(frozenset),
    must_include=st.sampled_from([(), (target("app/config.py"),), (target("lib/part3.py"), target("app/gone.py"))]),
    exclude=st.sampled_from([(), (target("app/parser.py"),), (target("lib/part3.py"), target("docs/guide.md"))]),
    deadline_ms=st.just(60_000),
)
many = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(requests)
async def test_an_answer_stays_within_its_budget_and_its_number_of_items(workspace, request_):
    answer = await Engine(workspace).context(request_)
    assert answer.tokens == sum(item.tokens for item in answer.items) <= request_.token_budget
    assert len(answer.items) <= request_.max_items


@many
@given(requests)
async def test_every_item_shows_exactly_the_text_at_its_ranges_and_says_why(workspace, request_):
    for path, item in shown(await Engine(workspace).context(request_)).items():
        texts = [text_at(TEXTS[path], span) for span in item.ranges]
        assert item.content == f"\n{SEPARATOR}\n".join(texts)
        assert all(before.end < after.start for before, after in pairwise(item.ranges))
        assert item.sha256 == hashlib.sha256(TEXTS[path].encode()).hexdigest()
        assert item.reasons
        assert 0.99 <= sum(reason.weight for reason in item.reasons) <= 1.01 or len(item.reasons) > 1
        assert [reason.weight for reason in item.reasons] == sorted((r.weight for r in item.reasons), reverse=True)
        assert 0 <= item.score <= 1


@pytest.mark.parametrize("times", [2, 5, 1_000])
@pytest.mark.parametrize("document", [None, target("app/parser.py")])
@pytest.mark.parametrize("query", ["", "parse a token", "`lexeme_open` close the window"])
async def test_scores_are_numbers_where_terms_were_counted_before_files_went(
    workspace, monkeypatch, query, document, times
):
    counted = workspace.document_frequency

    async def counted_before(terms):
        found = await counted(terms)
        return {term: count if term.startswith("=") else times * count for term, count in found.items()}

    monkeypatch.setattr(workspace, "document_frequency", counted_before)
    answer = await Engine(workspace).context(ContextRequest(query=query, document=document))
    assert answer.items
    assert all(0 <= one.score <= 1 for one in (*answer.items, *answer.dropped))


def text_at(text, span):
    lines = text.splitlines(keepends=True)
    if span.start.line == span.end.line:
        return lines[span.start.line][span.start.column : span.end.column] if lines else ""
    last = lines[span.end.line][: span.end.column] if span.end.column else ""
    return "".join(lines[span.start.line : span.end.line]) + last


@many
@given(requests)
async def test_a_secret_line_is_in_no_answer(workspace, request_):
    answer = await Engine(workspace).context(evolve(request_, query="correct horse battery staple password"))
    assert not any("battery" in item.content for item in answer.items)
    assert not any(4 in lines_of(item) for path, item in shown(answer).items() if path == "app/config.py")


@many
@given(requests)
async def test_what_is_excluded_is_not_served_and_no_document_comes_twice(workspace, request_):
    answer = await Engine(workspace).context(request_)
    paths = [item.path for item in answer.items]
    assert len(paths) == len(set(paths))
    assert not set(paths) & {one.path for one in request_.exclude}


@many
@given(requests)
async def test_the_same_state_and_request_give_the_same_answer(request_):
    first = await Engine(made_workspace(), clock=lambda: 0.0).context(request_)
    engine = Engine(made_workspace(), clock=lambda: 0.0)
    await engine.context(ContextRequest(query="something else"))
    assert await engine.context(request_) == first


async def test_tokens_are_never_undercounted(workspace):
    answer = await Engine(workspace).context(ContextRequest(query="parse a token"))
    encoding = get_encoding("o200k_base")
    for item in answer.items:
        header = item.path.relative_to(ROOT).as_posix() + "\n"
        true = len(encoding.encode_ordinary(header + item.content))
        assert true <= item.tokens


async def test_the_budget_that_an_exclusion_leaves_is_used_for_others(workspace):
    request = ContextRequest(query="parse a token", token_budget=1_500)
    full = await Engine(workspace).context(request)
    best = full.items[0].path
    refilled = await Engine(workspace).context(evolve(request, exclude=(Target.of(best),)))
    assert best not in {item.path for item in refilled.items}
    assert refilled.tokens > 0.9 * full.tokens


async def test_documents_that_must_be_included_come_first_and_whole_where_they_fit(workspace):
    names = ("lib/part7.py", "docs/guide.md")
    answer = await Engine(workspace).context(ContextRequest(query="parse", must_include=tuple(map(target, names))))
    assert [item.path for item in answer.items[:2]] == [ROOT / name for name in names]
    for item in answer.items[:2]:
        assert item.kind is ItemKind.FILE
        assert item.content == TEXTS[item.path.relative_to(ROOT).as_posix()]
        assert item.reasons[0].signal is Signal.PINNED


async def test_a_document_that_must_be_included_but_does_not_fit_is_shown_in_parts(workspace):
    answer = await Engine(workspace).context(
        ContextRequest(query="render", must_include=(target("lib/part7.py"),), token_budget=150)
    )
    assert answer.items[0].path == ROOT / "lib/part7.py"
    assert "render" in answer.items[0].content


async def test_names_that_cannot_be_served_are_dropped_with_the_reason():
    workspace = MemoryWorkspace(TEXTS, refused={"app/config.py": DropReason.SECRET})
    names = (target("app/config.py"), target("app/gone.py"), Target("untitled:1", None), Target.of(Path("/etc/passwd")))
    answer = await Engine(workspace).context(ContextRequest(must_include=names, exclude=(target("docs/guide.md"),)))
    reasons = {one.target.uri: one.reason for one in answer.dropped}
    assert [reasons[one.uri] for one in names] == [
        DropReason.SECRET,
        DropReason.MISSING,
        DropReason.UNREADABLE,
        DropReason.OUTSIDE_WORKSPACE,
    ]
    assert reasons[target("docs/guide.md").uri] is DropReason.EXCLUDED
    assert "app/config.py" not in shown(answer)


async def test_candidates_that_the_budget_left_out_are_named_with_their_price(workspace):
    answer = await Engine(workspace).context(ContextRequest(query="parse a token", token_budget=200))
    left_out = [one for one in answer.dropped if one.reason is DropReason.BUDGET]
    assert left_out
    assert all(one.tokens for one in left_out)
    assert [one.score for one in left_out] == sorted((one.score for one in left_out), reverse=True)


async def test_a_document_outside_the_workspace_is_refused(workspace):
    with pytest.raises(OutsideWorkspace):
        await Engine(workspace).context(ContextRequest(document=Target.of(Path("/elsewhere/a.py"))))


async def test_the_focused_document_is_served_around_the_cursor(workspace):
    line = TEXTS["app/parser.py"].splitlines().index("def token_render(value):")
    answer = await Engine(workspace).context(
        ContextRequest(document=target("app/parser.py"), position=at(line + 2), token_budget=250)
    )
    item = shown(answer)["app/parser.py"]
    assert line + 2 in set(lines_of(item))
    assert item.reasons[0].signal in {Signal.SELECTION, Signal.FOCUS}


async def test_what_the_code_under_the_cursor_calls_is_in_the_answer(workspace):
    text = TEXTS["app/window.py"] + "\n\ndef last():\n    return lexeme_render(part9_check(1))\n"
    workspace.write("app/window.py", text)
    line = text.splitlines().index("def last():") + 1
    request = ContextRequest(
        document=target("app/window.py"), position=at(line), exclude=(target("app/window.py"),), token_budget=400
    )
    content = "".join(item.content for item in (await Engine(workspace).context(request)).items)
    assert "def lexeme_render" in content
    assert "def part9_check" in content


async def test_the_focus_of_the_session_counts_where_the_request_names_none(workspace):
    workspace.visit("lib/part2.py", "lib/part5.py")
    answer = await Engine(workspace).context(ContextRequest())
    assert "lib/part5.py" in shown(answer)


@pytest.mark.parametrize("kind", list(ItemKind))
async def test_only_the_kinds_asked_for_are_served(workspace, kind):
    answer = await Engine(workspace).context(ContextRequest(query="parse a token", include=frozenset({kind})))
    assert answer.items
    assert {item.kind for item in answer.items} == {kind}


async def test_an_outline_declares_and_shows_no_bodies(workspace):
    answer = await Engine(workspace).context(
        ContextRequest(query="parse a token", include=frozenset({ItemKind.OUTLINE}), document=target("app/parser.py"))
    )
    content = shown(answer)["app/parser.py"].content
    assert "def token_parse(value):" in content
    assert "return checked" not in content


async def test_every_candidate_is_explained(workspace):
    rows = await Engine(workspace).explain(ContextRequest(query="parse a token", token_budget=600))
    assert {row.path for row in rows} == {ROOT / path for path in TEXTS}
    assert {row.chosen for row in rows} == {True, False}
    assert [row.score for row in rows] == sorted((row.score for row in rows), reverse=True)


class SlowWorkspace(MemoryWorkspace):
    async def named(self, _stems):
        await asyncio.Event().wait()


async def test_sources_that_are_late_are_left_out_and_named():

    answer = await Engine(SlowWorkspace(TEXTS)).context(ContextRequest(query="parse a token", deadline_ms=50))
    assert answer.items
    assert "mentions" in answer.late_sources


class UnreadWorkspace(MemoryWorkspace):
    """Reads every document once; after that it is cached."""

    def __init__(self, texts):
        super().__init__(texts)
        self.known = set()

    async def load(self, paths):
        sources = await super().load(paths)
        unread = sources.keys() - self.known
        self.known |= unread
        return {path: evolve(source, cached=path not in unread) for path, source in sources.items()}


@pytest.mark.parametrize(
    "request_", [ContextRequest(query="parse a token"), ContextRequest(document=target("app/parser.py"))]
)
async def test_what_was_read_on_the_way_to_an_answer_is_not_called_cached(request_):
    engine = Engine(UnreadWorkspace(TEXTS))
    first = await engine.context(request_)
    assert first.items
    assert not any(item.cached for item in first.items)
    assert first.hits == 0
    assert all(item.cached for item in (await engine.context(request_)).items)


async def test_an_empty_workspace_has_an_empty_answer():
    answer = await Engine(MemoryWorkspace({})).context(ContextRequest(query="anything"))
    assert answer.items == ()


async def test_what_a_conversation_holds_is_not_sent_again(workspace):
    engine, conversation = Engine(workspace), Conversation()
    request = ContextRequest(query="parse a token", token_budget=1_500)
    first = await engine.context(request, conversation)
    second = await engine.context(evolve(request, query="close the window", token_budget=3_000), conversation)
    held = second.items[: len(first.items)]
    assert [item.path for item in held] == [item.path for item in first.items]
    assert all(item.unchanged and item.content == "" and item.tokens == 0 and item.reasons for item in held)
    assert second.held_tokens == first.tokens
    assert second.held_tokens + second.tokens <= 3_000
    lines = {(item.path, line) for item in first.items for line in lines_of(item)}
    assert lines.isdisjoint((item.path, line) for item in second.items[len(held) :] for line in lines_of(item))


async def test_a_changed_item_is_sent_again_and_a_deleted_one_reported(workspace):
    engine, conversation = Engine(workspace), Conversation()
    request = ContextRequest(query="parse a token", token_budget=4_000)
    first = await engine.context(request, conversation)
    assert {"app/parser.py", "app/lexer.py"} <= set(shown(first))
    workspace.write("app/parser.py", TEXTS["app/parser.py"].replace("Parses", "Really parses"))
    workspace.write("app/lexer.py", None)
    second = await engine.context(evolve(request, token_budget=6_000), conversation)
    again = shown(second)["app/parser.py"]
    assert not again.unchanged
    assert "Really parses" in again.content
    assert [one.path for one in second.removed] == [ROOT / "app/lexer.py"]


async def test_a_preview_shows_what_would_be_sent_and_is_held_by_nobody(workspace):
    engine, conversation = Engine(workspace), Conversation()
    request = ContextRequest(query="parse a token", token_budget=1_500)
    await engine.context(request, conversation)
    follow_up = evolve(request, query="close the window", token_budget=3_000)
    looked_at = await engine.context(evolve(follow_up, preview=True), conversation)
    again = await engine.context(evolve(follow_up, preview=True), conversation)
    sent = await engine.context(follow_up, conversation)
    assert looked_at.items == again.items == sent.items
    assert any(item.unchanged for item in sent.items)
    assert not all(item.unchanged for item in sent.items)


async def test_a_conversation_that_fills_the_budget_leaves_room_for_what_is_new(workspace):
    engine, conversation = Engine(workspace), Conversation()
    for query in ("parse a token", "close the window", "lexer errors", "part5 render"):
        answer = await engine.context(ContextRequest(query=query, token_budget=1_000), conversation)
        assert answer.held_tokens + answer.tokens <= 1_000
        assert answer.tokens > 100
