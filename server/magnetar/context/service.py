"""What every door calls (the language server, MCP, the command line): one object over all open folders.

Signals are synchronous and only enqueue; requests are coroutines and may be cancelled. Paths are absolute.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from magnetar.config import Settings
from magnetar.model import (
    Candidate,
    ContextAnswer,
    ContextRequest,
    FileChange,
    Prediction,
    PrefetchReport,
    SearchHit,
    ServerStats,
    ServerStatus,
    SymbolHit,
    Target,
    WarmReport,
)


class Progress(Protocol):
    """Told how far a warm-up is."""

    def __call__(self, done: int, total: int) -> None:
        """Files done, of all."""


class Service:
    """Opened by `open`, closed by `close`; both may be called twice."""

    on_status: Callable[[ServerStatus], None]
    """Called on every change of health or quiescence."""
    on_message: Callable[[str], None]
    """Called with a sentence worth showing the user (a backend that is down, a watch limit)."""
    on_warming: Callable[[Path], Progress | None]
    """Called when a folder starts to warm by itself; the answer is told how far it is, then `done == total`."""

    async def open(self) -> None:
        """Opens the cache. Needs no folder and reads none."""
    async def close(self) -> None:
        """Stops all background work and closes every database cleanly."""

    # -- folders and settings ------------------------------------------------------------------------------------
    def add_folder(self, root: Path) -> None: ...
    def remove_folder(self, root: Path) -> None: ...
    def configure(self, settings: Settings) -> None: ...

    # -- signals ---------------------------------------------------------------------------------------------------
    def opened(self, path: Path, language: str, version: int, text: str, *, access: bool) -> None:
        """A buffer opened; `access` says whether that is a sign of the user's attention."""
    def changed(self, path: Path, version: int, text: str) -> None: ...
    def saved(self, path: Path) -> None: ...
    def closed(self, path: Path) -> None: ...
    def focused(self, path: Path | None) -> None: ...
    def disk_changed(self, changes: Sequence[FileChange]) -> None: ...
    def renamed(self, old: Path, new: Path) -> None:
        """A file or folder was renamed; what was learned of it follows."""

    # -- requests --------------------------------------------------------------------------------------------------
    async def context(self, request: ContextRequest, ledger: str) -> ContextAnswer:
        """The main job. `ledger` names the connection whose conversations `request.conversation_id` is one of."""
    async def explain(self, request: ContextRequest) -> Sequence[Candidate]: ...
    async def predict(self, document: Target | None, top_k: int | None) -> Sequence[Prediction]: ...
    async def prefetch(self, targets: Sequence[Target]) -> PrefetchReport: ...
    async def warm(
        self, folder: Path | None, patterns: Sequence[str] | None, progress: Progress | None = None
    ) -> WarmReport:
        """Warms one folder, or all; joins a warm-up that is already running."""
    async def search(self, query: str, limit: int, folder: Path | None) -> Sequence[SearchHit]: ...
    async def symbols(
        self, document: Target | None, query: str | None, limit: int, folder: Path | None
    ) -> Sequence[SymbolHit]: ...
    async def stats(self, folder: Path | None) -> ServerStats: ...
    async def clear(self, scope: str, folder: Path | None) -> int:
        """Forgets `cache`, `model` or `all`; the number of entries that were removed."""
    async def synchronize(self) -> None:
        """Returns once everything received before has been worked off."""
    def forget_ledger(self, ledger: str) -> None:
        """The connection ended."""
