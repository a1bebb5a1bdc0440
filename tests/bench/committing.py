"""A process that commits to a cache file all the time, as one that indexes does.

usage: python -m tests.bench.committing FILE ENTRIES     until it is killed
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Final

from magnetar import CacheBackend, SmartCache

from .workload import KILOBYTE, ROOM

KEYS: Final = 2_000
"""Values it stores, again and again."""
_AT_ONCE: Final = 20


@asynccontextmanager
async def committing(path: Path, entries: int) -> AsyncIterator[None]:
    """Such a process, once it has committed for the first time.

    Args:
        path: the file.
        entries: how many the cache may hold, which both processes have to agree on.

    Raises:
        RuntimeError: it ended by itself, and what was measured meanwhile means nothing.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, str(path), str(entries), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        ready = await process.stdout.readline()
        if ready:
            yield
        if not ready or process.returncode is not None:
            raise RuntimeError(f"The process that commits has ended with {process.returncode}.")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _commit(path: Path, entries: int) -> None:
    value = (KILOBYTE * 8).encode()
    async with SmartCache(CacheBackend.SQLITE, entries, ROOM, path) as cache:
        for first in cycle(range(0, KEYS, _AT_ONCE)):
            await cache.set_blobs({f"blob:{first + place}": value for place in range(_AT_ONCE)})
            if first == 0:
                sys.stdout.write("ready\n")
                sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_commit(Path(sys.argv[1]), int(sys.argv[2])))
