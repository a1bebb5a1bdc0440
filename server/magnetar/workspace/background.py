"""Background tasks: started, named, watched over, waited for, and ended together.

This is one of the few places that catch every exception (the others are the request boundaries): a task that fails is logged and reported once, and nothing else
stops because of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Background:
    """The tasks of one owner. `jobs` end by themselves and can be waited for; `loops` run until `close`."""

    def __init__(self, on_failure: Callable[[str], None], on_idle: Callable[[], None]) -> None:
        """Makes an empty set.

        Args:
            on_failure: Told, in a sentence, of a task that failed.
            on_idle: Called when the last job has ended.
        """
        self._on_failure = on_failure
        self._on_idle = on_idle
        self._jobs: set[asyncio.Task[None]] = set()
        self._loops: set[asyncio.Task[None]] = set()
        self._failed: set[str] = set()
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return bool(self._jobs)

    def job(self, work: Coroutine[Any, Any, object], name: str) -> asyncio.Task[None]:
        """Starts work that ends by itself."""
        return self._start(work, name, self._jobs)

    def loop(self, turn: Callable[[], Coroutine[Any, Any, object]], name: str) -> asyncio.Task[None]:
        """Starts work that runs until `close`, turn after turn; each begins by waiting, and one that fails ends alone."""
        return self._start(self._repeat(turn, name), name, self._loops)

    async def settled(self) -> None:
        """Returns once no job is under way."""
        while self._jobs:
            await asyncio.wait(self._jobs)

    async def close(self) -> None:
        """Cancels everything and waits for it to end."""
        self._closed = True
        tasks = self._jobs | self._loops
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _start(
        self, work: Coroutine[Any, Any, object], name: str, among: set[asyncio.Task[None]]
    ) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._supervise(work, name), name=name)
        among.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, among))
        task.add_done_callback(lambda _: work.close())  # a task that is cancelled before its first step never awaits it
        if self._closed:
            task.cancel()
        return task

    def _ended(self, task: asyncio.Task[None], among: set[asyncio.Task[None]]) -> None:
        among.discard(task)
        if among is self._jobs and not among and not self._closed:
            self._on_idle()

    async def _repeat(self, turn: Callable[[], Coroutine[Any, Any, object]], name: str) -> None:
        while True:
            await self._supervise(turn(), name)

    async def _supervise(self, work: Coroutine[Any, Any, object], name: str) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception as exc:
            log.exception("The background task %r failed.", name)
            if name not in self._failed:
                self._failed.add(name)
                self._on_failure(f"magnetar could not {name} ({type(exc).__name__}); the log says more.")
