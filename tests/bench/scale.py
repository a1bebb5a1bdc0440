"""Warming and scale as tables: what was measured of workspaces of several sizes, side by side.

usage: python -m tests.bench.scale FILES…     prints the table for these sizes alone
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Final

from attrs import frozen

from . import stages
from .aims import Aim, Section
from .measure import FULL, Effort
from .warming import Figures, measure

TITLE: Final = "## Warming and scale"
LARGE_TITLE: Final = "## Large workspaces"
SIZES: Final = (1_000, 10_000, 50_000, 100_000)

_NOTE: Final = """\
Workspaces made of real sources (`workspaces.py`), a cold cache, one server over stdio. *Bare parse* reads and parses the same files with
tree-sitter in as many processes, and does nothing with the trees. While the server warms it is asked, by turns of two seconds, nothing but
a request that does nothing every 20 ms, or that behind edits of an open document every 100 ms and a new question every half second, too;
at rest it is asked the same. An *echo* on bare asyncio answers the same probes: what it is late, the machine is. A warm-up counts from exec until all
that was asked for is worked off; a changed file from the end of writing until a search finds what was written."""

_OF_WARMING: Final = (
    "A bare parse is a sixth of a worker's time (*Where the time of a warm-up goes*): a query of the tree, prices of lines, words and "
    "secrets take the rest, and parse and query together are already 1.6 bare parses. Cutting words out at memory speed, one look at "
    "a file's layout and a tokenizer without its Python part saved up to a tenth a file and a fifth of the workers' time; the aim needs native code, or to do less."
)
_OF_EDITS: Final = "The workers, niced as they are, take both cores; where the rest goes has not been looked for."
_OF_SECOND_STARTS: Final = "The process itself takes 0.6 s until it answers `initialize`, whatever the size."
_OF_PROBES: Final = (
    "It grows with the files. A full collection of 90,000 rows took 46 ms by itself, so rows are settled while they come in; "
    "what else holds the loop up has not been looked for."
)
_OF_QUESTIONS: Final = "Workers take both cores, and in how many files a term stands is counted again after each change; how much either makes has not been measured."
_OF_REST: Final = "What took it is not known."
_OF_MEMORY: Final = "Texts and facts of what was asked about last are kept, by bytes; then come the modules, pages of SQLite and a row for each file."

_Cell = Callable[[Figures], str]
_Share = Callable[[Figures], float]


@frozen
class _Row:
    """One line: what each workspace showed, and what is aimed at."""

    name: str
    cell: _Cell
    target: str = ""
    share: _Share = lambda _: 0.0
    """What was measured as a share of what it may be at most."""
    why: str = ""

    def text(self, figures: Figures) -> str:
        return self.cell(figures) + ("" if self.share(figures) <= 1 else " **missed**")

    def aim(self, figures: Figures) -> Aim:
        name = f"{self.name}, {figures.files:,} files"
        return Aim(name, self.cell(figures), self.target, self.share(figures), self.why)


def section(effort: Effort, sizes: Sequence[int] = SIZES[:2], title: str = TITLE) -> Section:
    """The report's lines, and the aims at the largest size."""
    found = [measure(size) for size in sizes] if effort is FULL else [measure(60, calls=3, edits=1, rest=0.6, turn=0.2)]
    lines = [
        *("", title, "", _NOTE, ""),
        f"| | {' | '.join(f'{figures.files:,} files' for figures in found)} | target |",
        f"|---|{'--:|' * len(found)}---|",
        *(f"| {row.name} | {' | '.join(map(row.text, found))} | {row.target} |" for row in _ROWS),
    ]
    first, last = found[0], found[-1]
    if len(found) > 1:
        ratio = median(last.idle.questions) / median(first.idle.questions)
        grown = f"A new question takes {ratio:.1f} times as long among {last.files:,} files as among {first.files:,}"
        lines += ["", f"{grown} (the aim for {SIZES[-1]:,} and {SIZES[0]:,}: at most 2)."]
    if title == TITLE:
        lines += stages.section(effort)
    else:
        lines += ["", *_missed(found)]
    return Section(lines, [row.aim(last) for row in _ROWS if row.target])


def _missed(found: Sequence[Figures]) -> Iterator[str]:
    """Where the time of what is missed goes."""
    for row in _ROWS:
        if any(row.share(figures) > 1 for figures in found):
            yield f"- *{row.name}*: {row.why}"


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100]


def _pair(seconds: Sequence[float]) -> str:
    return f"{_time(median(seconds))} / {_time(_p99(seconds))}"


def _grown(warming: Sequence[float], idle: Sequence[float]) -> float:
    """By how much the latest of a hundred are later while warming; 0 where there was no time to ask."""
    return _p99(warming) / _p99(idle) if warming and idle else 0.0


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1e3:.1f} ms"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _share_of_parse(figures: Figures) -> float:
    return figures.bare_parse / figures.first_warm


_ROWS: Final = (
    _Row("source text", lambda one: _megabytes(one.source_bytes)),
    _Row("exec to the first answer that holds something", lambda one: _time(one.first_answer)),
    _Row("first warm-up", lambda one: f"{_time(one.first_warm)}, {one.files / one.first_warm:.0f} files/s"),
    _Row("bare parse", lambda one: f"{_time(one.bare_parse)}, {one.files / one.bare_parse:.0f} files/s"),
    _Row(
        "files per second of the warm-up ÷ of the bare parse",
        lambda one: f"{_share_of_parse(one):.2f}",
        "≥ 0.7",
        lambda one: 0.7 / _share_of_parse(one),
        _OF_WARMING,
    ),
    _Row(
        "second start, of the first warm-up",
        lambda one: f"{_time(one.second_start)}, {one.second_start / one.first_warm:.0%}",
        "≤ 10 %",
        lambda one: one.second_start / one.first_warm / 0.1,
        _OF_SECOND_STARTS,
    ),
    _Row(
        "worst answer to a probe while warming (the echo's)",
        lambda one: f"{_time(max(one.warming.probes))} ({_time(max(one.warming.echoes))})",
        "≤ 50 ms",
        lambda one: max(one.warming.probes) / 0.05,
        _OF_PROBES,
    ),
    _Row("probe while warming, p50 / p99", lambda one: _pair(one.warming.probes)),
    _Row("echo meanwhile, p50 / p99", lambda one: _pair(one.warming.echoes)),
    _Row(
        "behind an edit: p99 while warming ÷ at rest",
        lambda one: f"{_grown(one.warming.typing, one.idle.typing):.1f}",
        "≤ 3",
        lambda one: _grown(one.warming.typing, one.idle.typing) / 3,
        _OF_EDITS,
    ),
    _Row(
        "new question: p99 while warming ÷ at rest",
        lambda one: f"{_grown(one.warming.questions, one.idle.questions):.1f}",
        "≤ 3",
        lambda one: _grown(one.warming.questions, one.idle.questions) / 3,
        _OF_QUESTIONS,
    ),
    _Row("new question at rest, p50 / p99", lambda one: _pair(one.idle.questions)),
    _Row("question asked before, p50 / p99", lambda one: _pair(one.repeated)),
    _Row(
        "a changed file is found, median / worst",
        lambda one: f"{_time(median(one.edits))} / {_time(max(one.edits))}",
        "≤ 100 ms",
        lambda one: median(one.edits) / 0.1,
    ),
    _Row(
        "server's memory at rest (most)",
        lambda one: f"{_megabytes(one.resident)} ({_megabytes(one.resident_most)})",
        "≤ 300 MB at 50,000",
        lambda one: one.resident / 300e6 if one.files <= 50_000 else 0.0,
        _OF_MEMORY,
    ),
    _Row("all its workers' memory, most", lambda one: _megabytes(one.resident_workers)),
    _Row("on disk", lambda one: _megabytes(one.on_disk)),
    _Row(
        "processor at rest, of one core",
        lambda one: f"{one.idle_cpu:.2%}",
        "< 0.5 %",
        lambda one: one.idle_cpu / 0.005,
        _OF_REST,
    ),
)


if __name__ == "__main__":
    sys.stdout.write("\n".join(section(FULL, [int(size) for size in sys.argv[1:]]).lines) + "\n")
