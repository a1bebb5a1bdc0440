"""What a second machine is spared: two cache directories, one Redis, the same folder; beside a machine that is alone.

Each machine is a process of its own that opens the folder through the composition root, as the command line does, and
warms it from nothing.

usage: python -m tests.bench.machines FOLDER CACHE_DIRECTORY [REDIS_URL]     prints one machine's figures as JSON
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.redis_server import MISSING, PROGRAM, RedisServer

from magnetar.app import opened_service
from magnetar.config import parse_settings

from .aims import Section
from .measure import FULL, Effort

_FOLDER: Final = Path(sysconfig.get_path("stdlib"))
PATIENCE: Final = "?socket_timeout=60"

_TITLE: Final = "## One Redis for two machines"
_NOTE: Final = """\
The first warm-up of {folder}, by a machine that is alone, by the first of two that share a Redis, and by the second of
them, one after the other. Each has a cache directory of its own and knows nothing. *Parsed* counts the files that nobody
had told it of. The second machine reads every file, finds by the hash of its content what the first one told of it (names and
places), checks that against the text, and finds words, prices and secrets itself; files with a secret, of which nobody tells
anything, it parses. *CPU* is that of all its processes, starting and stopping included."""
_HEAD: Final = """\
| machine | files | parsed | wall time | CPU | CPU, of a lone warm-up | contents Redis then holds |
|---|--:|--:|--:|--:|--:|--:|"""


def section(effort: Effort) -> Section:
    """The report's lines."""
    return Section(list(_lines(effort)))


def _lines(effort: Effort) -> Iterator[str]:
    folder = _FOLDER if effort is FULL else _FOLDER / "json"
    yield from ("", _TITLE, "")
    if PROGRAM is None:
        yield f"Left out: {MISSING}."
        return
    server = RedisServer()
    try:
        with tempfile.TemporaryDirectory() as directory:
            alone = run(folder, Path(directory) / "alone", "")
            first = run(folder, Path(directory) / "first", server.url + PATIENCE)
            second = run(folder, Path(directory) / "second", server.url + PATIENCE)
    finally:
        server.close()
    yield from (_NOTE.format(folder="the standard library" if folder == _FOLDER else "a small package"), "", _HEAD)
    for name, machine in (("alone", alone), ("first of two", first), ("second of two", second)):
        share = machine["cpu"] / alone["cpu"]
        yield (
            f"| {name} | {machine['files']:,} | {machine['parsed']:,} | {machine['seconds']:.1f} s | {machine['cpu']:.1f} s "
            f"| {share:.0%} | {machine['shared']:,} |"
        )
    yield from (
        "",
        f"Redis then holds {first['shared_bytes'] / 1e6:.1f} MB of values for {first['shared']:,} contents.",
    )


def run(folder: Path, cache: Path, url: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.machines", str(folder), str(cache), url]
    before = os.times()
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    after = os.times()  # its workers are counted once it has ended: not before does it know what they used
    figures: dict[str, Any] = json.loads(done.stdout)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {**figures, "cpu": cpu}


async def _warm(folder: Path, cache: Path, url: str) -> dict[str, Any]:
    settings, _ = parse_settings({"cache": {"redisUrl": url}})
    started = time.perf_counter()
    async with opened_service(folder, settings, cache) as service:
        report = await service.warm(None, None)
        seconds = time.perf_counter() - started
        await service.synchronize()
        tiers = {tier.name: tier for tier in (await service.stats(None)).tiers}
    shared = tiers.get("redis")
    return {
        "files": report.files,
        "parsed": report.files - report.reused,
        "seconds": seconds,
        "shared": shared.entries if shared else 0,
        "shared_bytes": shared.size_bytes if shared else 0,
    }


if __name__ == "__main__":
    folder, cache, url = sys.argv[1:]
    json.dump(asyncio.run(_warm(Path(folder), Path(cache), url)), sys.stdout)
