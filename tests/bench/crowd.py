"""What a Redis saves a crowd: several machines warm the same commit, one Redis between them, beside one that is alone.

A machine is a process with a cache directory of its own (`machines.py`). The first warms alone; the others come after it one
by one, for that is what a machine added to a team meets: processes that warm at the same time on one computer would only
wait for one another's processor. What Redis is asked is counted by Redis.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import redis
from tests.redis_server import MISSING, PROGRAM, RedisServer

from .machines import PATIENCE, run
from .workspaces import make_workspace

TITLE: Final = "## Many machines with one Redis"
_FILES: Final = 1_000
_CROWDS: Final = (1, 2, 8, 32)
_NOTE: Final = """\
The first warm-up of the same commit, {files:,} files, by one machine after another. *Work* is the processor time of all of them together,
beside as many machines without Redis. Commands and bytes are what the machine added last cost Redis, counted by Redis itself."""
_HEAD: Final = """\
| machines | files parsed, all together | work, all together | of as many alone | wall time, the last one | CPU, the last one | commands | bytes to it | bytes from it |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""


def section(most: int) -> Iterator[str]:
    """The report's lines, for crowds of up to so many machines."""
    yield from ("", TITLE, "")
    if PROGRAM is None:
        yield f"Left out: {MISSING}."
        return
    server = RedisServer()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="magnetar-bench-") as directory,
            redis.Redis.from_url(server.url) as asked,
        ):
            folder = Path(directory) / "workspace"
            make_workspace(folder, _FILES)
            alone = run(folder, Path(directory) / "alone", "")
            yield from (_NOTE.format(files=alone["files"]), "", _HEAD)
            parsed, work = 0, 0.0
            for number in range(1, min(most, _CROWDS[-1]) + 1):
                before = _counted(asked)
                machine = run(folder, Path(directory) / str(number), server.url + PATIENCE)
                spent = {name: count - before[name] for name, count in _counted(asked).items()}
                parsed += machine["parsed"]
                work += machine["cpu"]
                if number in _CROWDS:
                    yield _row(number, parsed, work, alone, machine, spent)
            memory = asked.info("memory")["used_memory"] / 1e6
            yield ""
            yield (
                f"Redis then holds {machine['shared_bytes'] / 1e6:.1f} MB of values for {machine['shared']:,} contents, in "
                f"{memory:.1f} MB of memory."
            )
    finally:
        server.close()


def _row(
    number: int, parsed: int, work: float, alone: Mapping[str, Any], last: Mapping[str, Any], spent: Mapping[str, int]
) -> str:
    return (
        f"| {number} | {parsed:,} | {work:.1f} s | {work / (number * alone['cpu']):.0%} | {last['seconds']:.1f} s | {last['cpu']:.1f} s"
        f" | {spent['commands']:,} | {spent['in'] / 1e6:.2f} MB | {spent['out'] / 1e6:.2f} MB |"
    )


def _counted(server: redis.Redis) -> dict[str, int]:
    figures = server.info("stats")
    return {
        "commands": figures["total_commands_processed"],
        "in": figures["total_net_input_bytes"],
        "out": figures["total_net_output_bytes"],
    }
