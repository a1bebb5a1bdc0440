"""How far the warming of a workspace is, told to whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from magnetar.workspace.warming import Progress

REPORT_SECONDS = 0.1
"""At most one report in this time."""

Report = Callable[[float, float, str], Awaitable[None]]
"""Sends how much is done, of how much, and a sentence."""


async def unheard(_done: float, _total: float, _message: str) -> None:
    """Reports to nobody."""


@asynccontextmanager
async def reported(report: Report) -> AsyncIterator[Progress]:
    """A progress that is reported: the first state at once, the last one before this ends, and never a step back."""
    latest: tuple[int, int] | None = None
    sent = -1
    changed = asyncio.Event()

    def advance(done: int, total: int) -> None:
        nonlocal latest
        latest = done, total
        changed.set()

    async def send() -> None:
        nonlocal sent
        if latest is not None and latest[0] > sent:
            done, total = latest
            await report(float(done), float(total), f"reading the workspace: {done:,} of {total:,} files")
            sent = done

    async def follow() -> None:
        while True:
            await changed.wait()
            changed.clear()
            await send()
            await asyncio.sleep(REPORT_SECONDS)

    following = asyncio.get_running_loop().create_task(follow())
    try:
        yield advance
    finally:
        following.cancel()
        await asyncio.wait({following})
    await send()
