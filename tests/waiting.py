"""Waiting for what another process does, of which there is no event: looked at again and again, until a deadline."""

import asyncio
import inspect
import time

PATIENCE = 30.0  # a loaded machine is slow; nothing waits this long that works


async def until(condition, seconds=PATIENCE):
    """Returns what a condition (a function, or a coroutine function) gives as soon as that is true."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if inspect.isawaitable(result):
            result = await result
        if result:
            return result
        assert time.monotonic() < deadline, f"{inspect.getsource(condition).strip()} has not come true"
        await asyncio.sleep(0.01)
