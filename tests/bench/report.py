"""The results as Markdown: what was measured and how, a table for each group, and where ours is behind and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from .measure import LeftOut, Pair

_HOW: Final = """\
Written by `npm run bench`; do not edit. Every row compares two things that were measured in the same process, taking turns
round by round on the same keys, so that a machine that is busy is busy for both: trust the ratios, not the times. Times are
of single calls, less what reading the clock costs; a tenth as many calls before each turn are not counted. A ratio is the
median of the rounds' ratios of medians; below 1, ours is faster. *It goes without* names what ours does and the other does
not.

Accesses are queued in the calls that are timed and learned from between the rounds, as they are in an editor between two
keystrokes; what that costs stands in a row of its own, *learn an access*."""

_SHORT_HEAD: Final = """\
| operation | size | p50 | p99 | ours ÷ the other |
|---|---|--:|--:|---|"""

_HEAD: Final = """\
| size | p50 | p99 | against | its p50 | its p99 | ours ÷ it | it goes without |
|--:|--:|--:|---|--:|--:|--:|---|"""


@frozen
class Group:
    """What is measured alike."""

    title: str
    note: str
    """What is to be known of all of its rows."""
    rows: Sequence[Pair | LeftOut]

    def pairs(self) -> list[Pair]:
        """The rows that there are."""
        return [row for row in self.rows if isinstance(row, Pair)]


def as_markdown(
    machine: Mapping[str, str], groups: Sequence[Group], missing: Sequence[LeftOut], first: Sequence[str] = ()
) -> str:
    """The whole report; `first` are the lines that come before all tables."""
    return "\n".join(_lines(machine, groups, missing, first)) + "\n"


def section_of(report: str, title: str) -> str:
    """The section of a report with this title, up to the next one; empty where there is none."""
    found = re.search(rf"^{re.escape(title)}\n.*?(?=^## |\Z)", report, re.MULTILINE | re.DOTALL)
    return found[0].rstrip("\n") + "\n" if found else ""


def _lines(
    machine: Mapping[str, str], groups: Sequence[Group], missing: Sequence[LeftOut], first: Sequence[str]
) -> Iterator[str]:
    yield from ("# Benchmark results", "", _HOW, "", "| | |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in machine.items())
    yield from first
    yield from ("", "## In short", "", _SHORT_HEAD)
    for group in groups:
        yield from (_short_row(operation, pairs) for operation, pairs in _operations(group).items())
    for group in groups:
        if group.pairs():
            yield from ("", f"## {group.title}", "", group.note)
            yield from _tables(group)
            yield from _where_ours_is_slower(group.pairs())
    left_out = [*missing, *(row for group in groups for row in group.rows if isinstance(row, LeftOut))]
    if left_out:
        yield from ("", "## Left out", "")
        yield from (f"- {row.what}: {row.reason}." for row in left_out)


def _operations(group: Group) -> dict[str, list[Pair]]:
    """The rows of a group by what is done."""
    operations: dict[str, list[Pair]] = {}
    for pair in group.pairs():
        operations.setdefault(f"{pair.operation}: {pair.ours}", []).append(pair)
    return operations


def _short_row(operation: str, pairs: Sequence[Pair]) -> str:
    """An operation at the size in the middle, against all others."""
    sizes = list(dict.fromkeys(pair.size for pair in pairs))
    size = sizes[len(sizes) // 2]
    chosen = [pair for pair in pairs if pair.size == size]
    ours = chosen[0].our_timing
    ratios = ", ".join(f"{pair.rival.removeprefix('floor: ')} **{_ratio(pair.ratio)}**" for pair in chosen)
    return f"| {operation} | {size} | {as_time(ours.p50)} | {as_time(ours.p99)} | {ratios} |"


def _tables(group: Group) -> Iterator[str]:
    """One for each operation."""
    for operation, pairs in _operations(group).items():
        yield from ("", f"### {operation}", "", _HEAD)
        yield from map(_row, pairs)


def _row(pair: Pair) -> str:
    cells = (
        pair.size,
        as_time(pair.our_timing.p50),
        as_time(pair.our_timing.p99),
        pair.rival,
        as_time(pair.its_timing.p50),
        as_time(pair.its_timing.p99),
        f"**{_ratio(pair.ratio)}**",
        pair.terms.without,
    )
    return f"| {' | '.join(cells)} |"


def _where_ours_is_slower(pairs: Sequence[Pair]) -> Iterator[str]:
    """By how much at each size, and what the other one gains that by."""
    slower: dict[tuple[str, str], dict[str, list[str]]] = {}
    for pair in pairs:
        if pair.ratio > 1:
            rivals = slower.setdefault((pair.operation, pair.terms.why), {})
            rivals.setdefault(pair.rival, []).append(f"{_ratio(pair.ratio)} ({pair.size})")
    if slower:
        yield from ("", "### Where ours is slower, and why", "")
    for (operation, why), rivals in slower.items():
        ratios = "; ".join(f"{rival}: {', '.join(found)}" for rival, found in rivals.items())
        yield f"- *{operation}*, ours ÷ it: {ratios}. {why}"


def as_time(nanoseconds: float) -> str:
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{_three_digits(nanoseconds / size)} {unit}"
    return f"{nanoseconds:.0f} ns"


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _three_digits(number: float) -> str:
    return f"{number:.2f}" if number < 10 else f"{number:.1f}" if number < 100 else f"{number:.0f}"
