"""A service that records what it is told and answers from a script: what stands behind the server in these tests."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from magnetar.errors import BackendUnavailable, OutsideWorkspace
from magnetar.model import (
    ContextAnswer,
    IndexState,
    IndexStatus,
    PrefetchReport,
    ServerStats,
    Skipped,
    TierStats,
    WarmReport,
)

NO_UNICODE = b"/elsewhere/\xff.py"
INDEX = IndexStatus(IndexState.READY, 3, 3)
EMPTY_ANSWER = ContextAnswer(
    items=(),
    tokens=0,
    token_budget=8_192,
    held_tokens=0,
    removed=(),
    dropped=(),
    late_sources=(),
    index=INDEX,
    hits=0,
    misses=0,
    elapsed_ms=0.5,
)
STATS = ServerStats(
    cache={
        "hits": 1,
        "misses": 1,
        "evictions": 0,
        "predictions": 2,
        "correct_predictions": 1,
        "size": 1,
        "size_bytes": 7,
        "max_size": 10_000,
        "max_size_bytes": 104_857_600,
        "hit_rate": 50.0,
        "prediction_accuracy": 50.0,
    },
    backend="tiered",
    tiers=(TierStats("memory", 1, 1, 1, 7),),
    prediction={"transitions": 2, "documents": 2, "hitAt1": 50.0, "hitAt5": 100.0, "evaluated": 2},
    index=INDEX,
    symbols=4,
    embeddings=0,
    index_bytes=4_096,
    rss_bytes=1_000_000,
    cpu_seconds=0.25,
    uptime_seconds=2.5,
    watcher_mode="native",
    watcher_pending=0,
    log_file=None,
)


class FakeService:
    """`calls` holds (name, arguments) of every signal; a context request does what its query says."""

    def __init__(self):
        self.calls = []
        self.requests = []
        self.opened_service = self.closed_service = False
        self.context_answer = EMPTY_ANSWER
        self.answers = {}
        self.hanging = asyncio.Event()
        self.hears = asyncio.Event()
        self.cancelled = 0
        self.on_status = self.on_message = self.on_warming = None

    async def open(self):
        self.opened_service = True

    async def close(self):
        self.closed_service = True

    def __getattr__(self, name) -> Callable[..., None]:
        if name not in SIGNALS:
            raise AttributeError(name)
        return lambda *args, **kwargs: self.calls.append((name, *args, *sorted(kwargs.items())))

    async def context(self, request, ledger):
        self.requests.append((request, ledger))
        match request.query:
            case "hang":
                self.hanging.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    self.cancelled += 1
            case "deaf":
                self.hanging.set()
                try:
                    await self.hears.wait()
                except asyncio.CancelledError:
                    await self.hears.wait()
            case "bug":
                raise KeyError("the contents of a file")
            case "outside":
                raise OutsideWorkspace("/elsewhere/x.py lies in no workspace folder")
            case "odd name":
                raise OutsideWorkspace(f"{os.fsdecode(NO_UNICODE)} lies in no workspace folder")
            case "backend":
                raise BackendUnavailable("Redis at localhost cannot be reached; start it or change cache.backend")
            case "unserialisable":
                return ContextAnswer(**{**_fields(EMPTY_ANSWER), "late_sources": object()})
            case _ if request.query.startswith("large "):
                size = int(request.query.split()[1])
                return ContextAnswer(**{**_fields(EMPTY_ANSWER), "late_sources": ("x" * size,)})
        return self.context_answer

    async def explain(self, request):
        return self._answer("explain", (), request)

    async def predict(self, document, top_k):
        return self._answer("predict", (), document, top_k)

    async def prefetch(self, targets):
        return self._answer("prefetch", PrefetchReport(0, 0, ()), targets)

    async def warm(self, folder, patterns, progress=None):
        if progress is not None:
            progress(0, 10_000)
            progress(1_234, 10_000)
            progress(10_000, 10_000)
        return self._answer("warm", WarmReport(3, 4, 2, Skipped(), 1.5), folder, patterns)

    async def search(self, query, limit, folder):
        return self._answer("search", (), query, limit, folder)

    async def symbols(self, document, query, limit, folder):
        return self._answer("symbols", (), document, query, limit, folder)

    async def stats(self, folder):
        return self._answer("stats", STATS, folder)

    async def clear(self, scope, folder):
        return self._answer("clear", len(self.calls), scope, folder)

    async def synchronize(self):
        self.requests.append(("synchronize",))

    def _answer(self, name, default, *args):
        self.requests.append((name, *args))
        return self.answers.get(name, default)

    def signals(self, *names):
        """The recorded signals of these names."""
        return [call for call in self.calls if call[0] in names]


SIGNALS = {
    "add_folder",
    "remove_folder",
    "configure",
    "opened",
    "changed",
    "saved",
    "closed",
    "focused",
    "disk_changed",
    "renamed",
    "forget_ledger",
}


def _fields(value):
    return {name: getattr(value, name) for name in value.__slots__ if name != "__weakref__"}


def path(name: str) -> Path:
    """A path in the workspace that the tests pretend to have."""
    return Path("/workspace") / name
