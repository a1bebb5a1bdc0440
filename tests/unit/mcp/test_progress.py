"""Progress reaches whoever waits: at once, never back, and to the end."""

import asyncio

from magnetar.mcp.progress import reported


async def test_the_first_state_is_told_at_once_and_the_last_before_the_end():
    told = []
    first = asyncio.Event()

    async def report(done, total, message):
        told.append((done, total, message))
        first.set()

    async with reported(report) as progress:
        progress(0, 2_000)
        await first.wait()
        for done in range(1, 2_001):
            progress(done, 2_000)
    assert told[0] == (0.0, 2_000.0, "reading the workspace: 0 of 2,000 files")
    assert told[-1] == (2_000.0, 2_000.0, "reading the workspace: 2,000 of 2,000 files")
    assert len(told) == 2


async def test_nothing_is_told_of_nothing():
    told = []

    async def report(*state):
        told.append(state)

    async with reported(report):
        pass
    assert told == []


async def test_a_second_run_that_begins_anew_does_not_count_back():
    told = []
    first = asyncio.Event()

    async def report(done, _total, _message):
        told.append(done)
        first.set()

    async with reported(report) as progress:
        progress(5, 9)
        await first.wait()
        progress(3, 9)
    assert told == [5.0]
