"""`magnetar …` as a process on a small real workspace: what goes to which stream, in which shape, with which exit code."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import frozen

from magnetar.cli import main
from magnetar.symbols.tokens import count_tokens

FILES = {
    "shop/cart.py": '''from shop.prices import price_of


class Cart:
    """What a customer is about to buy."""

    def __init__(self):
        self.lines = []

    def add_line(self, article, amount):
        self.lines.append((article, amount))

    def grand_total(self):
        return sum(price_of(article) * amount for article, amount in self.lines)
''',
    "shop/prices.py": '''PRICES = {"apple": 3, "pear": 4, "Äpfel": 9}


def price_of(article):
    """The price of one article, in cents."""
    return PRICES[article]
''',
    "README.md": "# Shop\n\nA cart adds up prices.\n\n```python\nCart().grand_total()\n```\n",
    ".gitignore": "build/\n",
    "build/generated.py": "grand_total = 1\n",
    ".env": "PASSWORD=hunter2hunter2\n",
}


@frozen
class Run:
    stdout: str
    stderr: str
    returncode: int


@pytest.fixture
def magnetar(capfd, monkeypatch):
    """Runs a command in this process, which is faster; what needs a process of its own starts one."""
    monkeypatch.setenv("COLUMNS", "100")
    capfd.readouterr()

    def magnetar(*args, cwd=None, **variables):
        with monkeypatch.context() as patch:
            patch.chdir(cwd or Path.cwd())
            for name, value in variables.items():
                patch.setenv(name, value)
            try:
                code = main([str(arg) for arg in args])
            except SystemExit as leave:
                code = leave.code
        return Run(*capfd.readouterr(), code)

    return magnetar


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    root = tmp_path_factory.mktemp("workspace") / "shop project"
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root.resolve()


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache") / "magnetar"


@pytest.fixture
def ask(magnetar, shop, cache):
    def ask(command, *args, **options):
        return magnetar(command, "--cache-dir", cache, shop, *args, **options)

    return ask


def test_warming_tells_what_is_there_and_a_second_time_reads_nothing(ask):
    first = json.loads(ask("warm", "--format", "json").stdout)
    assert first["files"] == 4
    assert first["symbols"] >= 5
    assert first["skipped"]["ignored"] >= 1
    second = json.loads(ask("warm", "--format", "json").stdout)
    assert second["reused"] == second["files"] == first["files"]


def test_warming_in_words_is_one_line_on_stdout_and_nothing_on_stderr(ask):
    ask("warm")
    run = ask("warm")
    assert re.match(r"4 files, \d+ symbols, 4 files reused, [\d.]+ s\n", run.stdout)
    assert (run.stderr, run.returncode) == ("", 0)


def test_a_question_is_answered_as_markdown_for_a_prompt(ask):
    run = ask("context", "-q", "how is the grand_total of a Cart made?")
    assert run.returncode == 0, run.stderr
    assert "## shop/cart.py\n\n```python\n" in run.stdout
    assert FILES["shop/cart.py"] in run.stdout
    assert "hunter2" not in run.stdout
    assert "generated" not in run.stdout


def test_markdown_in_an_answer_keeps_its_own_fences(ask):
    assert f"````markdown\n{FILES['README.md']}````\n" in ask("context", "-q", "README.md").stdout


def test_how_full_the_answer_is_goes_to_stderr(ask):
    run = ask("context", "-q", "grand_total", "--budget", "150")
    assert re.search(r"\d+ pieces, \d+ tokens, \d+ ms", run.stderr)


@pytest.mark.parametrize("budget", [1, 20, 60, 150, 400])
def test_what_is_printed_never_takes_more_tokens_than_the_budget(ask, budget):
    run = ask("context", "-q", "grand_total of a Cart", "--budget", budget)
    assert run.returncode == 0, run.stderr
    assert count_tokens(run.stdout) <= budget


def test_json_is_the_result_of_the_protocol(ask, shop):
    answer = json.loads(ask("context", "-q", "grand_total", "--format", "json").stdout)
    assert {"items", "tokens", "tokenBudget", "dropped", "lateSources", "index", "cache", "elapsedMs"} <= set(answer)
    assert answer["tokenBudget"] == 8192
    item = answer["items"][0]
    assert item["uri"] == (shop / "shop/cart.py").as_uri()
    assert item["source"] == "disk"
    assert item["reasons"]


def test_a_file_and_line_put_that_place_first(ask, shop):
    for place in (f"{shop}/shop/prices.py:4", "shop/prices.py:4"):
        answer = json.loads(ask("context", "--file", place, "--format", "json").stdout)
        assert answer["items"][0]["uri"] == (shop / "shop/prices.py").as_uri()
        signals = {reason["signal"] for reason in answer["items"][0]["reasons"]}
        assert signals & {"focus", "selection"}


def test_a_file_that_is_not_there_is_a_failure_in_one_line(ask):
    for args in (("context", "--file", "nothing.py:3"), ("predict", "nothing.py")):
        run = ask(*args)
        assert (run.stdout, run.returncode) == ("", 1)
        assert run.stderr.startswith("magnetar: nothing.py")
        assert run.stderr.count("\n") == 1


def test_a_search_gives_places_the_way_editors_read_them(ask):
    run = ask("search", "price_of")
    assert run.returncode == 0, run.stderr
    assert re.search(r"^shop/(cart|prices)\.py:\d+: .*price_of", run.stdout, re.MULTILINE)
    hits = json.loads(ask("search", "price_of", "--limit", "1", "--format", "json").stdout)["hits"]
    assert len(hits) == 1
    assert {"uri", "range", "score", "preview", "signals"} <= set(hits[0])


def test_a_search_without_hits_says_so_and_is_no_failure(ask):
    run = ask("search", "zyzzyva")
    assert (run.stdout, run.stderr, run.returncode) == ("", "magnetar: Nothing was found.\n", 0)


def test_predictions_are_the_result_of_the_protocol(ask):
    run = ask("predict", "shop/cart.py", "--format", "json")
    assert run.returncode == 0, run.stderr
    assert sum(prediction["probability"] for prediction in json.loads(run.stdout)["predictions"]) <= 1 + 1e-9
    assert ask("predict", "shop/cart.py").returncode == 0


def test_stats_name_every_part_in_words_and_in_json(ask):
    stats = json.loads(ask("stats", "--format", "json").stdout)
    assert set(stats) == {"cache", "prediction", "index", "process", "watcher"}
    text = ask("stats").stdout
    for title in stats:
        assert re.search(rf"^{title}$", text, re.MULTILINE)


def test_the_path_of_stats_is_here_unless_named(magnetar, shop, cache):
    assert magnetar("stats", "--cache-dir", cache, cwd=shop).returncode == 0


def test_clearing_says_how_much_is_gone(ask):
    ask("warm")
    assert json.loads(ask("clear", "--scope", "all", "--format", "json").stdout)["entries"] > 0
    assert json.loads(ask("warm", "--format", "json").stdout)["reused"] == 0
    assert re.fullmatch(r"[\d,]+ entries removed\.\n", ask("clear").stdout)


def test_the_environment_names_the_cache_directory_and_a_flag_wins(magnetar, shop, tmp_path):
    magnetar("warm", shop, MAGNETAR_CACHE_DIR=str(tmp_path / "named"))
    assert (tmp_path / "named").is_dir()
    magnetar("warm", shop, "--cache-dir", tmp_path / "flag", MAGNETAR_CACHE_DIR=str(tmp_path / "other"))
    assert (tmp_path / "flag").is_dir()
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("nonsense",),
        ("warm",),
        ("warm", "/no/such/folder"),
        ("context", ".", "--budget", "0"),
        ("context", ".", "--budget", "many"),
        ("context", ".", "--format", "yaml"),
        ("search", "."),
        ("mcp", "/no/such/folder"),
        ("serve", "--tcp", "nowhere"),
        ("serve", "--tcp", "127.0.0.1:99999"),
        ("serve", "--stdio", "--tcp", "127.0.0.1:0"),
        ("clear", "--scope", "everything"),
    ],
    ids=" ".join,
)
def test_bad_usage_ends_with_two_and_says_what_is_wrong(magnetar, args):
    run = magnetar(*args)
    assert (run.stdout, run.returncode) == ("", 2)
    assert "magnetar" in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr


def test_an_address_others_can_reach_is_refused_in_one_line(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "magnetar", "serve", "--tcp", "0.0.0.0:0", "--cache-dir", tmp_path],
        capture_output=True,
        check=False,
    )
    assert (run.stdout, run.returncode) == (b"", 2)
    assert run.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    "command", ["serve", "mcp", "warm", "context", "predict", "search", "stats", "clear", "doctor"]
)
def test_every_command_of_the_protocol_has_help(magnetar, command):
    run = magnetar(command, "--help")
    assert run.returncode == 0
    assert "--cache-dir" in run.stdout
    assert command in magnetar("--help").stdout


def test_the_version_is_the_packages_own(magnetar):
    assert re.fullmatch(r"magnetar \d+\.\d+\.\d+\n", magnetar("--version").stdout)


def test_help_loads_nothing_that_it_does_not_need():
    program = "import sys; from magnetar.cli import main; sys.argv = ['magnetar', '--help']\ntry: main()\nexcept SystemExit: pass\n"
    heavy = "numpy pygls lsprotocol mcp pydantic anyio aiosqlite tree_sitter bpe_openai asyncio".split()
    run = subprocess.run(
        [sys.executable, "-c", f"{program}print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert run.stderr == "[]\n"


def test_a_reader_that_leaves_early_causes_no_traceback(shop, cache):
    process = subprocess.Popen(
        [sys.executable, "-m", "magnetar", "context", shop, "--cache-dir", cache, "-q", "cart"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    with process.stderr:
        said = process.stderr.read()
    assert process.wait() == 1
    assert b"Traceback" not in said
    assert b"BrokenPipe" not in said


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupt_ends_with_130_and_no_traceback(shop, cache):
    # Ctrl-C comes in the middle of a warm-up that would never end.
    program = """if True:
        import asyncio, os, signal, sys
        from magnetar.cli import main
        from magnetar.context.service import Service

        async def warm(*_):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()

        Service.warm = warm
        sys.exit(main(sys.argv[1:]))
    """
    run = subprocess.run(
        [sys.executable, "-c", program, "warm", shop, "--cache-dir", cache],
        capture_output=True,
        encoding="utf-8",
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (run.stdout, run.stderr, run.returncode) == ("", "", 130)


def test_output_is_utf_8_whatever_the_locale_says(shop, cache):
    run = subprocess.run(
        [sys.executable, "-m", "magnetar", "context", shop, "--cache-dir", cache, "-q", "how grün is an apple?"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert '"Äpfel"'.encode() in run.stdout


def test_a_folder_below_another_keeps_its_own_paths(magnetar, shop, cache):
    run = magnetar("search", shop / "shop", "price_of", "--cache-dir", cache)
    assert re.search(r"^prices\.py:\d+: ", run.stdout, re.MULTILINE), run.stderr
