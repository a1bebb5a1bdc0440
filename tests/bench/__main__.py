"""The benchmark: the smart cache beside its rivals, requests and the start beside their floors, in one run.

usage: npm run bench                          writes tests/bench/RESULTS.md, in some minutes
       npm run bench -- --quick               makes every row in seconds and prints them; the figures mean nothing
       npm run bench -- --wire               measures requests and the start; writes that section alone
       npm run bench -- --scale 100000        measures workspaces of up to so many files; writes that section alone
       npm run bench -- --machines 32         measures up to so many machines with one Redis; writes that section alone

What the last two have written, the first one keeps.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Iterable

from . import aims, crowd, disk, machines, memory, prediction, redis_round_trips, scale, wanted, wire
from .contenders import missing_rivals
from .machine import RESULTS, describe
from .measure import FULL, QUICK, Effort, LeftOut, Pair
from .report import Group, as_markdown, section_of

GROUPS = (memory, disk, prediction, redis_round_trips)


async def measure(effort: Effort) -> list[Group]:
    """All rows by group."""
    groups = []
    for group in GROUPS:
        rows: list[Pair | LeftOut] = []
        async for row in group.rows(effort):
            rows.append(row)
            _progress(f"{group.TITLE}: {len(rows)} rows")
        groups.append(Group(group.TITLE, group.NOTE, rows))
    _progress("")
    return groups


def main() -> None:
    """Runs it."""
    parser = argparse.ArgumentParser(prog="bench", description="Compares the smart cache with its rivals.")
    parser.add_argument("--quick", action="store_true", help="print rows that mean nothing, in seconds; write nothing")
    parser.add_argument("--wire", action="store_true", help="measure requests and the start, alone")
    parser.add_argument("--scale", type=int, metavar="FILES", help="measure workspaces of up to so many files, alone")
    parser.add_argument("--machines", type=int, metavar="N", help="measure up to N machines with one Redis, alone")
    arguments = parser.parse_args()
    logging.getLogger("magnetar").setLevel(logging.ERROR)
    if arguments.scale:
        sizes = [size for size in scale.SIZES if size <= arguments.scale]
        _rewrite(scale.LARGE_TITLE, scale.section(FULL, sizes, scale.LARGE_TITLE).lines)
    elif arguments.wire:
        _rewrite(wire.TITLE, wire.section(FULL).lines)
    elif arguments.machines:
        _rewrite(crowd.TITLE, crowd.section(arguments.machines))
    else:
        _measure_all(QUICK if arguments.quick else FULL)


def _measure_all(effort: Effort) -> None:
    machine = describe()
    groups = asyncio.run(measure(effort))
    sections = []
    for title, section in (
        ("One Redis for two machines", machines.section),
        ("The wire and the start", wire.section),
        ("Warming and scale", scale.section),
    ):
        _progress(title)
        sections.append(section(effort))
    _progress("")
    found = [*wanted.aims_of(groups), *(aim for section in sections for aim in section.aims)]
    report = as_markdown(machine, groups, missing_rivals(), list(aims.table(found)))
    report += "".join("\n".join(section.lines) + "\n" for section in sections)
    sys.stdout.write(report)
    if effort is FULL:
        before = RESULTS.read_text("utf-8")
        kept = [section_of(before, title) for title in (scale.LARGE_TITLE, crowd.TITLE)]
        RESULTS.write_text(report + "".join(f"\n{section}" for section in kept if section), "utf-8", newline="\n")
        aims.PICTURE.write_text(aims.picture(found), "utf-8", newline="\n")


def _rewrite(title: str, lines: Iterable[str]) -> None:
    """Writes one section over, or behind all others, with what it was measured on."""
    section = "\n".join([*lines, "", *(f"{name}: {value}  " for name, value in describe().items())]).lstrip("\n") + "\n"
    sys.stdout.write(section)
    before = RESULTS.read_text("utf-8")
    old = section_of(before, title)
    RESULTS.write_text(before.replace(old, section) if old else f"{before}\n{section}", "utf-8", newline="\n")


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


main()
