"""One open folder: its files, what is indexed of them, its buffers, its history, and what the user does in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from magnetar.model import DropReason, IndexStatus, Prediction
from magnetar.symbols.facts import Facts
from magnetar.workspace.history import History


@frozen
class Source:
    """A document as it is at this moment, verified: text and facts belong together."""

    path: str
    lines: Sequence[str]
    """The text split at LSP line ends (CR LF, LF, CR), terminators kept; joined, they are the text."""
    facts: Facts
    sha256: str
    from_buffer: bool
    version: int | None
    mtime: float | None
    cached: bool
    """Nothing was read, parsed or embedded for it in this request."""


@frozen
class Known:
    """What is known of a file without loading it."""

    path: str
    size: int
    language: str
    line_count: int


class Workspace:
    """What the context sources ask. Paths are relative to `root`, with `/` between parts.

    Every answer about files leaves out what is ignored, secret, binary or outside the folder.
    """

    root: Path
    generation: int
    """Grows whenever the index, a buffer or the history changed: equal generations give equal answers."""

    @property
    def status(self) -> IndexStatus: ...
    @property
    def files(self) -> Mapping[str, Known]:
        """Every indexed file, in path order."""
    @property
    def history(self) -> History | None:
        """None without git, or while it is still being read."""
    @property
    def focused(self) -> str | None: ...
    def recent(self) -> Sequence[str]:
        """Documents the user was in, latest first, at most fifty."""
    def edited(self) -> Sequence[str]:
        """Documents with unsaved or session edits, latest first, at most fifty."""
    def predict(self, path: str, top_k: int) -> Sequence[Prediction]: ...
    def refusal(self, path: Path) -> DropReason | None:
        """Why a file can't be served at all, or None where it can (asks the disk, not the index)."""

    async def lexical(self, terms: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
        """Files by BM25 over the given terms (stems and `=identifier`s, with weights), best first."""
    async def document_frequency(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many files each term stands; absent terms are left out."""
    async def containing(self, term: str, limit: int) -> list[str]:
        """Files that hold one term, in path order."""
    async def defining(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Identifier to the files that define it."""
    async def importers(self, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Import key (the last word of a module's spelling, folded) to the files that import something so called."""
    async def named(self, stems: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """File-name stem (`terms.name_stem`) to the files called so, tests and variants included."""
    async def facts(self, paths: Iterable[str]) -> dict[str, Facts]:
        """Facts as indexed, unverified, cheap: for ranking only."""
    async def load(self, paths: Iterable[str]) -> dict[str, Source]:
        """Verified documents; what changed on disk is extracted again first, what vanished is absent."""
