"""The real server on the Python standard library: two hundred different questions, and a second start."""

import ast
import contextlib
import random
import shutil
import sysconfig
import time
import tokenize
from pathlib import Path

import pytest

from lsp.editor import Editor
from lsp.truth import Truth, comparable, split_lines

pytestmark = pytest.mark.timeout(600)

QUESTIONS = 200
BATCHES = 8
PLENTY_MS = 60_000
"""A deadline that no source misses, so that answers can be compared."""
KINDS = (["file"], ["snippet"], ["outline"], ["symbol"], ["outline", "symbol"], ["file", "snippet"])
BUDGETS = (1, 40, 300, 1_000, 1_000, 2_048, 2_048, 4_096, 8_192, 8_192, 16_384, 32_761)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A copy of the standard library."""
    root = tmp_path_factory.mktemp("library") / "python"
    ignore = shutil.ignore_patterns("site-packages", "__pycache__", "*.a")
    shutil.copytree(sysconfig.get_paths()["stdlib"], root, ignore=ignore)
    return root


@pytest.fixture(scope="module")
def library_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def warmed(library, library_cache):
    """A server that has warmed the library, and the report of that."""
    with Editor(library_cache, library) as editor:
        yield editor, editor.ask("warm")


@pytest.fixture(scope="module")
def truth(library):
    """What can be served of it; a source says itself how it is encoded."""
    truth = Truth(library)
    for path in library.rglob("*.py"):
        with contextlib.suppress(SyntaxError), path.open("rb") as file:
            truth.encodings[path] = tokenize.detect_encoding(file.readline)[0]
    return truth


@pytest.fixture(scope="module")
def words(library):
    """What questions are made of: sources, names they define, and words of their documentation."""
    paths = sorted(library.glob("[a-z]*.py")) + sorted(library.glob("[a-k]*/*.py"))
    names, prose = [], []
    for path in paths[:150]:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                names.append(node.name)
                prose += [line.strip() for line in (ast.get_docstring(node) or "").splitlines() if len(line) > 20]
    return paths, names, prose


def questions(library, words):
    """The same different requests at each run."""
    paths, names, prose = words
    random_ = random.Random(20)
    for number in range(QUESTIONS):
        params = {"tokenBudget": random_.choice(BUDGETS) + random_.randrange(7), "deadlineMs": PLENTY_MS}
        asked = (
            random_.choice(prose),
            f"how does {random_.choice(names)} use `{random_.choice(names)}`?",
            f"{random_.choice(paths).relative_to(library).as_posix()} {random_.choice(names)}",
            " ".join(random_.sample(names, 3)),
            "",
        )
        params["query"] = asked[number % len(asked)]
        if number % 5 == 4 or random_.random() < 0.5:
            path = random_.choice(paths)
            params["textDocument"] = {"uri": path.as_uri()}
            last = max(len(split_lines(path.read_text("utf-8"))) - 2, 0)
            start = {"line": random_.randint(0, last), "character": 0}
            end = {"line": min(start["line"] + random_.randrange(30), last), "character": 0}
            params.update(random_.choice(({}, {"position": start}, {"selection": {"start": start, "end": end}})))
        if random_.random() < 0.3:
            params["mustInclude"] = [path.as_uri() for path in random_.sample(paths, random_.randint(1, 3))]
        if random_.random() < 0.3:
            params["exclude"] = [path.as_uri() for path in random_.sample(paths, random_.randint(1, 20))]
        if random_.random() < 0.3:
            params["include"] = random_.choice(KINDS)
        if random_.random() < 0.3:
            params["maxItems"] = random_.choice((1, 2, 5, 20))
        if random_.random() < 0.2:
            params["conversationId"] = random_.choice("abc")
        yield params


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_answer_keeps_every_promise(warmed, library, truth, words, batch):
    editor, _ = warmed
    served = 0
    for number, params in enumerate(questions(library, words)):
        if number % BATCHES == batch:
            if "conversationId" in params:
                params["conversationId"] += str(batch)
            answer = truth.check(editor.ask("context", **params), **params)
            assert answer["lateSources"] == []
            assert answer["index"]["state"] == "ready"
            served += len(answer["items"])
            if "conversationId" not in params and number % 3 == 0:
                assert comparable(editor.ask("context", **params)) == comparable(answer)
    assert served > 100


def test_a_question_that_names_what_it_wants_is_answered_with_it(warmed, library):
    editor, _ = warmed
    answer = editor.ask("context", query="how does textwrap.dedent find the margin of `dedent`?")
    assert library / "textwrap.py" in {Path(item["uri"].removeprefix("file://")) for item in answer["items"][:5]}


def test_searches_and_symbols_are_those_on_disk(warmed, truth, words):
    editor, _ = warmed
    _, names, prose = words
    for query in random.Random(5).sample(names, 10) + random.Random(5).sample(prose, 10):
        truth.check_hits(editor.ask("search", query=query)["hits"])
    for query in random.Random(6).sample(names, 10):
        symbols = editor.ask("symbols", query=query)["symbols"]
        assert query in {symbol["name"] for symbol in symbols}
        truth.check_symbols(symbols)


def test_the_whole_library_is_indexed(warmed, library):
    _, report = warmed
    sources = sum(1 for path in library.rglob("*.py"))
    assert report["files"] >= 0.98 * sources
    assert report["symbols"] > 30_000
    assert report["reused"] < 0.05 * report["files"], "only what is there twice is not parsed"


def test_a_second_start_reads_only_what_changed(warmed, library, library_cache, record_property):
    editor, first = warmed
    for name in ("textwrap", "bisect"):
        with (library / f"{name}.py").open("a") as file:
            file.write(f"\n\ndef zebra_{name}():\n    pass\n")
        if name == "textwrap":
            editor.settle()  # the second file is seen by the next server alone
    with Editor(library_cache, library) as second:
        second.wait_until_quiescent()
        record_property("quiescent_after_seconds", round(time.perf_counter() - second.started, 2))
        report = second.ask("warm")
        symbols = second.ask("symbols", query="zebra_")["symbols"]
    assert (report["files"], report["reused"]) == (first["files"], first["files"])
    assert {symbol["name"] for symbol in symbols} == {"zebra_textwrap", "zebra_bisect"}
