"""Waits for the process that started the server to end; a zombie has ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

POLL_SECONDS = 1.0


async def parent_ended(process_id: int) -> None:
    """Returns within about a second of the process's end; a process number used again is another process."""
    await asyncio.sleep(POLL_SECONDS)
    import psutil  # not before the answer to `initialize`

    try:
        parent = psutil.Process(process_id)
    except psutil.NoSuchProcess:
        return
    while _is_alive(parent):  # noqa: ASYNC110 - no system tells of a process that is no child
        await asyncio.sleep(POLL_SECONDS)


def _is_alive(process: psutil.Process) -> bool:
    import psutil

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
