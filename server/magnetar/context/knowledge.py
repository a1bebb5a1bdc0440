"""What the engine asks of a workspace, and nothing more: the seam that tests and the training of the weights stand in at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from magnetar.model import DropReason, IndexStatus, Prediction
from magnetar.symbols.facts import Facts
from magnetar.workspace.catalogue import Known
from magnetar.workspace.documents import Source
from magnetar.workspace.history import History


class Knowledge(Protocol):
    """A `Workspace`, as far as context is concerned. Paths are relative to `root`."""

    @property
    def root(self) -> Path:
        """The folder."""

    @property
    def generation(self) -> int:
        """Equal generations give equal answers."""

    @property
    def index_generation(self) -> int:
        """Equal ones mean the same index and the same history, whatever the user did meanwhile."""

    @property
    def files(self) -> Mapping[str, Known]:
        """Every file that can be served, in path order."""

    @property
    def history(self) -> History | None:
        """The git history, where it is known."""

    @property
    def status(self) -> IndexStatus:
        """How far the index is."""

    @property
    def focused_document(self) -> str | None:
        """The document the user looks at."""

    def recent(self) -> Sequence[str]:
        """Documents the user was in, latest first."""

    def edited(self) -> Sequence[str]:
        """Documents the user changed, latest first."""

    def predict(self, path: str, top_k: int) -> Sequence[Prediction]:
        """The likeliest next documents after one."""

    def refusal(self, path: Path) -> DropReason | None:
        """Why a file can't be served."""

    async def lexical(self, terms: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
        """Files that hold some of the terms, best first."""

    async def document_frequency(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many files each term stands; those that stand in none are left out."""

    async def defining(self, names: Iterable[str], most: int | None = None) -> dict[str, tuple[str, ...]]:
        """Identifier to the files that define it; those that more than `most` files define are left out."""

    async def importers(self, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Module key to the files that import something so called."""

    async def modules(self, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Module key to the files that can be imported by it."""

    async def named(self, stems: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """File-name stem to the files called so."""

    async def facts(self, paths: Iterable[str], patience: float = 0.0) -> dict[str, Facts]:
        """Facts as indexed, unverified; a few that are lost are waited for, so many seconds."""

    def proof(self, sources: Iterable[Source]) -> Callable[[], bool] | None:
        """What tells whether documents are still what they were; None where nothing short of reading them can."""

    async def load(self, paths: Iterable[str]) -> dict[str, Source]:
        """Verified documents; what can't be served is absent."""
