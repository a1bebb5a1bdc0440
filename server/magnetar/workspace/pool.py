"""Worker processes for what would stall the event loop: parsing, tokenizing, reading histories.

Two pools: a *bulk* pool at low priority that lives while a folder warms, and a single *prompt* worker that is kept for
edits. A worker that crashes or hangs costs its job alone: the pool is made anew and the job reported as failed. Workers
end when their parent does, however it ends.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import connection
from typing import ParamSpec, TypeVar

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_NICENESS = 10
_MOST_WORKERS = 8
_MOST_FAILURES = 32
"""Jobs that fail in a row before no more are tried: the workers, not the jobs, are at fault."""


class JobFailed(Exception):
    """The job failed, or its worker died or ran out of time over it."""


class Pool:
    """Processes that are started when first needed."""

    def __init__(self, workers: int, *, niced: bool, timeout: float) -> None:
        """Makes a pool of so many workers whose jobs may take `timeout` seconds each."""
        self.workers = workers
        self._niced = niced
        self._timeout = timeout
        self._executor: ProcessPoolExecutor | None = None
        self._closed = False
        self._failures = 0

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a picklable function in a worker.

        Raises:
            JobFailed: The job failed, its worker died or the time ran out; other jobs are not affected for longer than a restart. After
                several failures in a row it is raised at once.
        """
        for _ in (1, 2):
            if self._failures >= _MOST_FAILURES:
                raise JobFailed("the worker processes do not work; `magnetar doctor` may say why")
            executor = self._ready()
            try:
                future = asyncio.get_running_loop().run_in_executor(executor, _call, job, args, kwargs)
            except (BrokenProcessPool, OSError) as refusal:  # its worker died before, or none can be started
                log.warning("No worker could be asked for %s.", job.__name__, exc_info=refusal)
                self._failures += 1
                self._discard(executor)
                continue
            done, _ = await asyncio.wait({future}, timeout=self._timeout)
            error = future.exception() if done else asyncio.TimeoutError()
            if error is None:
                self._failures = 0
                return future.result()
            if done and not isinstance(error, BrokenProcessPool):
                log.warning("A worker failed over %s.", job.__name__, exc_info=error)
                raise JobFailed(f"{job.__name__}: {type(error).__name__}") from error
            self._failures += 1
            self._discard(executor)
            if not done:
                raise JobFailed(f"{job.__name__}: no answer within {self._timeout:.0f} s")
        raise JobFailed(f"{job.__name__}: the worker process died")

    def close(self) -> None:
        """Ends the processes, also in the middle of a job."""
        self._closed = True
        if self._executor is not None:
            self._discard(self._executor)

    def _ready(self) -> ProcessPoolExecutor:
        if self._closed:
            raise JobFailed("the pool is closed")
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self.workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(self._niced,),
            )
        return self._executor

    def _discard(self, executor: ProcessPoolExecutor) -> None:
        if self._executor is executor:
            self._executor = None
        processes = list((executor._processes or {}).values())  # noqa: SLF001 - there is no public way to end a hung worker
        executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            with suppress(OSError, ValueError):
                process.kill()


def bulk_workers() -> int:
    """How many processes warm a folder: one for each core this process may use, within reason."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(_MOST_WORKERS, available))


def _call(job: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    return job(*args, **kwargs)


def _begin(niced: bool) -> None:  # noqa: FBT001 - initializers take positional arguments
    """Makes a fresh worker harmless: no hold on the client's pipes, low priority, gone with its parent."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    sys.stdin, sys.stdout = open(os.devnull, encoding="utf-8"), sys.stderr  # noqa: PTH123, SIM115
    if niced and hasattr(os, "nice"):
        os.nice(_NICENESS)
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)  # facts are made in bulk and hold no cycles
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(0)
