"""The benchmark: the smart cache beside its rivals, requests and the start beside their floors, in one run.

usage: npm run bench                 writes tests/bench/RESULTS.md, in some minutes
       npm run bench -- --quick      makes every row in seconds and prints them; the figures mean nothing
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys

from . import disk, machines, memory, prediction, redis_round_trips, wire
from .contenders import missing_rivals
from .machine import RESULTS, describe
from .measure import FULL, QUICK, Effort, LeftOut, Pair
from .report import Group, as_markdown

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
    quick = parser.parse_args().quick
    logging.getLogger("magnetar").setLevel(logging.ERROR)
    machine = describe()
    effort = QUICK if quick else FULL
    report = as_markdown(machine, asyncio.run(measure(effort)), missing_rivals())
    _progress("One Redis for two machines")
    report += "\n".join(machines.section(effort)) + "\n"
    _progress("The wire and the start")
    report += "\n".join(wire.section(effort)) + "\n"
    _progress("")
    sys.stdout.write(report)
    if not quick:
        RESULTS.write_text(report, "utf-8", newline="\n")


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


main()
