"""The results as Markdown: what was measured and how, a table for each group, and where ours is behind and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from .measure import LeftOut, Pair

_HOW: Final = """\
Written by `npm run bench`; do not edit. Every row compares two things that were measured in the same process, taking turns
round by round on the same keys, so that a machine that is busy is busy for both: trust the ratios, not the times. Times are
of single calls, less what reading the clock costs. A ratio is the median of the rounds' ratios of medians; below 1, ours is
faster. *It goes without* names what ours does in that time and the other does not; values are texts of 1 KB unless a row
says otherwise. Accesses are queued in the calls that are timed and learned from between the rounds, as they are in an
editor between two keystrokes: what learning costs is not in these rows."""

_HEAD: Final = """\
| entries | p50 | p99 | against | its p50 | its p99 | ours ÷ it | it goes without |
|--:|--:|--:|---|--:|--:|--:|---|"""


def as_markdown(machine: Mapping[str, str], groups: Mapping[str, Sequence[Pair | LeftOut]]) -> str:
    """The whole report."""
    return "\n".join(_lines(machine, groups)) + "\n"


def _lines(machine: Mapping[str, str], groups: Mapping[str, Sequence[Pair | LeftOut]]) -> Iterator[str]:
    yield from ("# Benchmark results", "", _HOW, "", "| | |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in machine.items())
    for title, rows in groups.items():
        pairs = [row for row in rows if isinstance(row, Pair)]
        if pairs:
            yield from ("", f"## {title}")
            yield from _tables(pairs)
            yield from _where_ours_is_slower(pairs)
    left_out = [row for rows in groups.values() for row in rows if isinstance(row, LeftOut)]
    if left_out:
        yield from ("", "## Left out", "")
        yield from (f"- {row.what}: {row.reason}." for row in left_out)


def _tables(pairs: Sequence[Pair]) -> Iterator[str]:
    """One for each operation."""
    operations: dict[str, list[Pair]] = {}
    for pair in pairs:
        operations.setdefault(f"{pair.operation}: {pair.ours}", []).append(pair)
    for operation, rows in operations.items():
        yield from ("", f"### {operation}", "", _HEAD)
        yield from map(_row, rows)


def _row(pair: Pair) -> str:
    cells = (
        pair.size,
        _time(pair.our_timing.p50),
        _time(pair.our_timing.p99),
        pair.rival,
        _time(pair.its_timing.p50),
        _time(pair.its_timing.p99),
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


def _time(nanoseconds: float) -> str:
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{_three_digits(nanoseconds / size)} {unit}"
    return f"{nanoseconds:.0f} ns"


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _three_digits(number: float) -> str:
    return f"{number:.2f}" if number < 10 else f"{number:.1f}" if number < 100 else f"{number:.0f}"
