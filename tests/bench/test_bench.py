"""The benchmark still runs and makes every row. What the figures are is nothing that a test could hold it to."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bench.report import section_of
from redis_server import MISSING, PROGRAM

REPOSITORY = Path(__file__).parents[2]

pytestmark = pytest.mark.timeout(300)  # it takes seconds, but for a machine that is busy with everything else

MEMORY = {
    ("floor: awaited dictionary", None),
    ("cachetools LRUCache", "cachetools"),
    ("cachetools TTLCache", "cachetools"),
    ("cashews mem://", "cashews"),
}
DISKCACHE = {("diskcache", "diskcache"), ("diskcache, in a thread", "diskcache")}
MARKOV = {("floor: order-1 Markov counter", None)}
STATEMENT = {("floor: aiosqlite, one SELECT", None)}
SIZES = ("20", "40", "60")
LARGE = ("60 of 8 KB",)

EXPECTED = {
    **{f"{name}: SmartCache(MEMORY)": (SIZES, MEMORY) for name in ("get, hit", "set, replacing", "set, evicting")},
    "get, hit in memory: SmartCache(TIERED)": (SIZES, DISKCACHE),
    "get, hit: SmartCache(SQLITE)": (SIZES, STATEMENT | DISKCACHE),
    "get, hit, while a process commits: SmartCache(SQLITE)": (LARGE, STATEMENT),
    "set, replacing: SmartCache(SQLITE)": (SIZES, DISKCACHE),
    "set, evicting: SmartCache(SQLITE)": (SIZES, DISKCACHE),
    "predict, latest key: SmartCache.predict_next": (SIZES, MARKOV),
    "predict, any key: SmartCache.predict_next": (SIZES, MARKOV),
    "predict, very many successors: SmartCache.predict_next": (SIZES, MARKOV),
    "learn an access: PredictionModel.record_access": (SIZES, MARKOV),
}
CONNECTIONS = ("Unix socket", "TCP")
REDIS = {
    "get, hit": ("1 KB", "8 KB"),
    "set": ("1 KB", "8 KB"),
    "get, many keys in one call": ("50 of 1 KB",),
    "get, many callers at once": ("50 of 1 KB",),
}

MACHINE = re.compile(r"^\| (alone|first of two|second of two) \| (\d+) \| (\d+) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def report():
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick"],
        cwd=REPOSITORY,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(report):
    """What each row compares with what, at which size."""
    operation = ""
    for line in report.splitlines():
        if line.startswith("#"):
            operation = line.removeprefix("### ") if line.startswith("### ") else ""
        elif line.startswith("| ") and operation:
            size, p50, p99, against, its_p50, its_p99, ratio, _ = (cell.strip() for cell in line.strip("|").split("|"))
            if size != "size":
                yield operation, size, against, (p50, p99, its_p50, its_p99), ratio


def test_every_row_is_made(report):
    made = [row[:3] for row in rows(report)]
    expected = {
        (operation, size, rival)
        for operation, (sizes, rivals) in EXPECTED.items()
        for size in sizes
        for rival, library in rivals
        if library is None or find_spec(library)
    }
    expected |= {("get, hit: SmartCache(SQLITE)", size, rival) for size in LARGE for rival, _ in STATEMENT}
    if PROGRAM is not None:
        expected |= {
            (f"{name}: SmartCache(REDIS)", f"{size}, {connection}", "redis-py")
            for name, sizes in REDIS.items()
            for size in sizes
            for connection in CONNECTIONS
        }
    assert sorted(made) == sorted(expected)


def test_every_figure_is_a_time_or_a_ratio(report):
    for *_, times, ratio in rows(report):
        assert all(re.fullmatch(r"[\d.]+ (ns|µs|ms|s)", time) for time in times)
        assert float(ratio.strip("*")) >= 0


def test_what_is_left_out_is_named_with_the_reason(report):
    for library in ("cachetools", "cashews", "diskcache"):
        assert (f"{library} is not installed" in report) == (find_spec(library) is None)
    assert ("no redis-server" in report) == (PROGRAM is None)


def test_the_report_says_what_it_was_measured_on(report):
    for name in ("date", "commit", "machine", "Python", "libraries"):
        assert re.search(rf"^\| {name} \| \S.*\|$", report, re.MULTILINE)


@pytest.mark.skipif(PROGRAM is None, reason=MISSING)
def test_a_second_machine_parses_nothing(report):
    counts = {name: (files, parsed) for name, files, parsed in MACHINE.findall(report)}
    files = counts["alone"][0]
    assert files != "0"
    assert counts == {"alone": (files, files), "first of two": (files, files), "second of two": (files, "0")}


WIRE = (
    "a question asked before, nothing changed",
    "a new question",
    "its slowest of a hundred",
    "a request that does nothing",
    "from exec to the answer to `initialize`",
    "`magnetar --help`",
)


def test_the_wire_and_the_start_are_measured_beside_their_floors(report):
    section = section_of(report, "## The wire and the start")
    assert [line.split(" | ")[0].removeprefix("| ") for line in section.splitlines() if line.startswith("| ")][
        1:
    ] == list(WIRE)


def test_the_aims_come_first(report):
    section = section_of(report, "## Aims")
    assert report.index("## Aims") < report.index("## In short")
    assert all(f"| {row} |" in section for row in WIRE)
    assert "processor at rest, of one core, 60 files" in section


SCALE = (
    "source text",
    "exec to the first answer that holds something",
    "first warm-up",
    "bare parse",
    "files per second of the warm-up ÷ of the bare parse",
    "second start, of the first warm-up",
    "worst answer to a probe while warming (the echo's)",
    "probe while warming, p50 / p99",
    "echo meanwhile, p50 / p99",
    "behind an edit: p99 while warming ÷ at rest",
    "new question: p99 while warming ÷ at rest",
    "new question at rest, p50 / p99",
    "question asked before, p50 / p99",
    "a changed file is found, median / worst",
    "server's memory at rest (most)",
    "all its workers' memory, most",
    "on disk",
    "processor at rest, of one core",
)


def test_warming_is_measured_beside_a_bare_parse_and_an_echo(report):
    section, stages = (
        section_of(report, f"## {title}") for title in ("Warming and scale", "Where the time of a warm-up goes")
    )
    lines = [line.split(" | ") for line in section.splitlines() if line.startswith("| ")]
    assert lines[0][1] == "60 files"
    assert tuple(line[0].removeprefix("| ") for line in lines[1:]) == SCALE
    assert re.search(r"^\| parse \| \d+% \| [\d.]+ ms \|$", stages, re.MULTILINE)
