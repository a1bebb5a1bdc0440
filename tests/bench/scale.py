"""Warming and scale as tables: what was measured of workspaces of several sizes, side by side.

usage: python -m tests.bench.scale FILES…     prints the table for these sizes alone
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Final

from . import stages
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

_Cell = Callable[[Figures], str]
_Met = Callable[[Figures], bool]


def section(effort: Effort, sizes: Sequence[int] = SIZES[:2], title: str = TITLE) -> Iterator[str]:
    """The report's lines."""
    found = [measure(size) for size in sizes] if effort is FULL else [measure(60, calls=3, edits=1, rest=0.6, turn=0.2)]
    yield from ("", title, "", _NOTE, "")
    yield f"| | {' | '.join(f'{figures.files:,} files' for figures in found)} | target |"
    yield f"|---|{'--:|' * len(found)}---|"
    for name, cell, target, is_met in _ROWS:
        cells = [cell(figures) + ("" if is_met(figures) else " **missed**") for figures in found]
        yield f"| {name} | {' | '.join(cells)} | {target} |"
    if len(found) > 1:
        first, last = found[0], found[-1]
        ratio = median(last.idle.questions) / median(first.idle.questions)
        yield ""
        yield (
            f"A new question takes {ratio:.1f} times as long among {last.files:,} files as among {first.files:,}"
            " (the aim for 100,000 and 1,000: at most 2)."
        )
    if title == TITLE:
        yield from stages.section(effort)


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


def _always(_figures: Figures) -> bool:
    return True


_ROWS: Final[Sequence[tuple[str, _Cell, str, _Met]]] = (
    ("source text", lambda one: _megabytes(one.source_bytes), "", _always),
    ("exec to the first answer that holds something", lambda one: _time(one.first_answer), "", _always),
    ("first warm-up", lambda one: f"{_time(one.first_warm)}, {one.files / one.first_warm:.0f} files/s", "", _always),
    ("bare parse", lambda one: f"{_time(one.bare_parse)}, {one.files / one.bare_parse:.0f} files/s", "", _always),
    (
        "files per second of the warm-up ÷ of the bare parse",
        lambda one: f"{_share_of_parse(one):.2f}",
        "≥ 0.7",
        lambda one: _share_of_parse(one) >= 0.7,
    ),
    (
        "second start, of the first warm-up",
        lambda one: f"{_time(one.second_start)}, {one.second_start / one.first_warm:.0%}",
        "≤ 10 %",
        lambda one: one.second_start <= 0.1 * one.first_warm,
    ),
    (
        "worst answer to a probe while warming (the echo's)",
        lambda one: f"{_time(max(one.warming.probes))} ({_time(max(one.warming.echoes))})",
        "≤ 50 ms",
        lambda one: max(one.warming.probes) <= 0.05,
    ),
    ("probe while warming, p50 / p99", lambda one: _pair(one.warming.probes), "", _always),
    ("echo meanwhile, p50 / p99", lambda one: _pair(one.warming.echoes), "", _always),
    (
        "behind an edit: p99 while warming ÷ at rest",
        lambda one: f"{_grown(one.warming.typing, one.idle.typing):.1f}",
        "≤ 3",
        lambda one: _grown(one.warming.typing, one.idle.typing) <= 3,
    ),
    (
        "new question: p99 while warming ÷ at rest",
        lambda one: f"{_grown(one.warming.questions, one.idle.questions):.1f}",
        "≤ 3",
        lambda one: _grown(one.warming.questions, one.idle.questions) <= 3,
    ),
    ("new question at rest, p50 / p99", lambda one: _pair(one.idle.questions), "", _always),
    ("question asked before, p50 / p99", lambda one: _pair(one.repeated), "", _always),
    (
        "a changed file is found, median / worst",
        lambda one: f"{_time(median(one.edits))} / {_time(max(one.edits))}",
        "≤ 100 ms",
        lambda one: median(one.edits) <= 0.1,
    ),
    (
        "server's memory at rest (most)",
        lambda one: f"{_megabytes(one.resident)} ({_megabytes(one.resident_most)})",
        "≤ 300 MB at 50,000",
        lambda one: one.files > 50_000 or one.resident <= 300e6,
    ),
    ("all its workers' memory, most", lambda one: _megabytes(one.resident_workers), "", _always),
    ("on disk", lambda one: _megabytes(one.on_disk), "", _always),
    ("processor at rest, of one core", lambda one: f"{one.idle_cpu:.2%}", "< 0.5 %", lambda one: one.idle_cpu < 0.005),
)


if __name__ == "__main__":
    sys.stdout.write("\n".join(section(FULL, [int(size) for size in sys.argv[1:]])) + "\n")
