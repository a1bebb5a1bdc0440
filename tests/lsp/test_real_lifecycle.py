"""The real server's life: killed, restarted, doubled, cancelled, asked too early. Nothing done is lost, nothing is left behind."""

import random
import shutil
import sysconfig
import time
from pathlib import Path

import psutil
import pytest

from lsp.editor import Refused
from lsp.truth import Truth

pytestmark = pytest.mark.timeout(300)

SOON = 10
"""Seconds after which nothing of a killed server may be left."""


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A few hundred real files."""
    root = tmp_path_factory.mktemp("sources") / "python"
    library = Path(sysconfig.get_paths()["stdlib"])
    for name in ("asyncio", "email", "encodings", "http", "importlib", "json", "logging", "unittest", "xml", "lib2to3"):
        if (library / name).is_dir():
            shutil.copytree(library / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.pickle"))
    return root


def family(editor):
    """The server's worker processes."""
    return psutil.Process(editor.process.pid).children(recursive=True)


def test_a_kill_while_warming_loses_nothing_that_was_reported(sources, attach):
    random_ = random.Random(3)
    reported = 0
    for _ in range(3):
        editor = attach(sources)
        seen, workers = 0, []
        until = reported + random_.randint(1, 120)
        while seen < until and editor.ask("stats")["index"]["state"] != "ready":
            seen = max(seen, editor.ask("stats")["index"]["indexedFiles"])
            workers = family(editor) or workers
        assert seen >= reported, "a restart forgets nothing"
        editor.kill()
        reported = seen
        assert workers
        _, alive = psutil.wait_procs(workers, timeout=SOON)
        assert alive == [], "no worker survives its parent"
    editor = attach(sources)
    report = editor.ask("warm")
    assert report["reused"] >= reported
    Truth(sources).check(editor.ask("context", query="parse an email header"))
    editor.settle()
    assert editor.close() == 0


def test_questions_are_answered_while_warming(sources, attach):
    editor = attach(sources, progress=True)
    truth = Truth(sources)
    states, slowest = [], 0.0
    while not states or states[-1] != "ready":
        pending = editor.start("magnetar/context", {"query": "parse an email header", "tokenBudget": 2_000})
        message, seconds = pending.message()
        truth.check(message["result"], query="parse an email header", tokenBudget=2_000)
        states.append(message["result"]["index"]["state"])
        slowest = max(slowest, seconds)
    assert "warming" in states
    assert slowest < 30
    last = message["result"]
    assert last["index"]["files"] == last["index"]["indexedFiles"]
    editor.settle()
    kinds = [note["params"]["value"]["kind"] for note in editor.notes if note["method"] == "$/progress"]
    assert kinds[0] == "begin"
    assert kinds[-1] == "end"
    quiet = [note["params"]["quiescent"] for note in editor.notes if note["method"] == "experimental/serverStatus"]
    assert (quiet[0], quiet[-1]) == (False, True)


def test_a_cancelled_request_is_answered_at_once(sources, attach):
    editor = attach(sources)
    slowest, outcomes = 0.0, []
    for name in ("warm", "warm", "synchronize", "context", "context", "explain", "search"):
        pending = editor.start(f"magnetar/{name}", {"query": f"parse {name} {len(outcomes)}"})
        cancelled = time.perf_counter()
        editor.cancel(pending)
        message, seconds = pending.message()
        slowest = max(slowest, seconds - (cancelled - pending.sent))
        outcomes.append(message.get("error", {}).get("code"))
    assert outcomes[:3] == [-32800] * 3
    assert set(outcomes) <= {-32800, None}  # a short one may have been done already
    assert slowest < 5
    assert editor.ask("warm")["files"] > 200, "a joined warm-up goes on for the others"


def test_a_source_that_misses_the_deadline_is_named(sources, attach):
    editor = attach(sources)
    editor.settle()
    late = set()
    for word in ("header", "charset", "future", "decoder", "parser", "handler", "fixer", "loader"):
        params = {"query": f"how does `{word}` work with encode_{word}?", "deadlineMs": 1}
        answer = Truth(sources).check(editor.ask("context", **params), **params)
        late.update(answer["lateSources"])
    assert late


def test_two_servers_share_a_folder_and_a_cache(root, attach):
    (root / "engine.py").write_text("def ignite():\n    return 1\n")
    truth = Truth(root)
    first, second = attach(root), attach(root)
    for editor in (first, second):
        truth.check(editor.ask("context", query="ignite"))
        editor.settle()
    (root / "engine.py").write_text("def kindle():\n    return 1\n")
    (root / "newcomer.py").write_text("def newcomer():\n    return 1\n")
    first.settle()
    for editor in (first, second):
        answer = truth.check(editor.ask("context", query="kindle the newcomer"), query="kindle the newcomer")
        assert answer["items"]
    first.kill()
    (root / "latecomer.py").write_text("def latecomer():\n    return 1\n")
    found = []
    ends = time.monotonic() + SOON
    while not found and time.monotonic() < ends:  # the second takes over what the first had the lease of
        second.settle()
        found = second.ask("symbols", query="latecomer")["symbols"]
    assert [symbol["name"] for symbol in found] == ["latecomer"]
    assert second.close() == 0


def test_a_server_that_leaves_leaves_no_process_and_no_lock(root, attach):
    (root / "a.py").write_text("x = 1\n")
    editor = attach(root)
    editor.settle()
    workers = family(editor)
    assert editor.close() == 0
    _, alive = psutil.wait_procs(workers, timeout=SOON)
    assert alive == []
    assert list(editor.cache.rglob("*-wal")) == [], "the databases are closed cleanly"
    again = attach(root)
    assert again.ask("warm")["reused"] == 1
    (root / "b.py").write_text("y = 1\n")
    again.settle()
    assert again.ask("warm")["files"] == 2


def test_the_end_of_its_input_ends_a_server_in_time(root, attach):
    editor = attach(root)
    editor.settle()
    workers = family(editor)
    editor.process.stdin.close()
    started = time.monotonic()
    assert editor.process.wait(SOON) == 1
    assert time.monotonic() - started < 5 + 1
    assert psutil.wait_procs(workers, timeout=SOON)[1] == []


def test_a_cleared_cache_is_filled_again(root, attach):
    (root / "engine.py").write_text("def ignite():\n    return 1\n")
    editor = attach(root)
    editor.settle()
    assert editor.ask("clear", scope="all")["entries"] > 0
    editor.settle()
    assert editor.ask("stats")["index"]["indexedFiles"] == 1
    (item,) = Truth(root).check(editor.ask("context", query="ignite"), query="ignite")["items"]
    assert "ignite" in item["content"]


@pytest.mark.parametrize("damaged", ["content.db", "workspace.db", "*.db"])
def test_a_damaged_database_is_no_obstacle(root, cache, attach, damaged):
    (root / "engine.py").write_text("def ignite():\n    return 1\n")
    with attach(root) as editor:
        editor.settle()
    for path in cache.rglob(damaged):
        path.write_bytes(b"no database at all" * 500)
    editor = attach(root)
    editor.settle()
    (item,) = Truth(root).check(editor.ask("context", query="ignite"), query="ignite")["items"]
    assert "ignite" in item["content"]


def test_an_error_names_the_field_and_no_traceback(root, attach):
    editor = attach(root)
    for name, params, word in (
        ("context", {"tokenBudget": 0}, "tokenBudget"),
        ("context", {"include": ["everything"]}, "include"),
        ("search", {}, "query"),
        ("clear", {"scope": "world"}, "scope"),
    ):
        with pytest.raises(Refused, match=word) as refused:
            editor.ask(name, **params)
        assert refused.value.code == -32602
        assert "Traceback" not in str(refused.value)
