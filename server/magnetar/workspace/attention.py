"""What the user does in a folder: which document is focused, which were, which were edited, and what comes next.

The model in memory is a fold of an append-only log in the workspace database, so several windows learn from one
another: each appends its own accesses and folds in those of the others. What was prefetched, warmed, searched or served
never enters here.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from magnetar.errors import ModelFileError
from magnetar.model import Prediction, Reason
from magnetar.prediction.model import PredictionModel
from magnetar.search.store import Access, Store

_MOST_RECENT = 50
_LEFTOVER_SECONDS = 3_600.0
_SAVES = 3
"""How often a model is stored anew because the user went on meanwhile."""
_SNAPSHOT = "model"
"""The fact that names the newest snapshot: the last access it knows, and its file."""

log = logging.getLogger(__name__)


class Attention:
    """One folder's; `fold` must be called once before predictions know the past."""

    def __init__(
        self, store: Store, directory: Path, clock: Callable[[], float] = time.time, *, session: str = ""
    ) -> None:
        """Makes an empty model over an open database.

        Args:
            store: Holds the log.
            directory: Where snapshots of the model go.
            clock: Seconds of the wall clock.
            session: A word for whoever is at work, where that is no editor's user; each process is a session of its own.
        """
        self._store = store
        self._directory = directory
        self._clock = clock
        self._process = uuid.uuid4().hex[:12]
        self._session = f"{session}-{self._process}" if session else self._process
        self._pending: list[tuple[float, str, str, str, str]] = []
        self._entered = 0
        self._logging = asyncio.Lock()
        self._folded: int | None = None
        self._since_snapshot = 0
        self._shown: tuple[str, ...] = ()
        self._recent: dict[str, None] = {}
        self._edited: dict[str, None] = {}
        self.model = PredictionModel()
        self.focused: str | None = None
        self.generation = 0
        """Grows when the model learns by anything but this process's own signals."""

    # -- signals ---------------------------------------------------------------------------------------------------

    def focus(self, path: str | None) -> bool:
        """The user now looks at this document, or at none; whether that is a new access."""
        if path is None or path == self.focused:
            self.focused = path
            return False
        self.focused = path
        self._enter(path)
        return True

    def visit(self, path: str) -> bool:
        """A document was read by someone who looks at none, such as an agent; whether that is a new access."""
        if next(iter(self._recent), None) == path:
            return False
        self._enter(path)
        return True

    def show(self, paths: Iterable[str]) -> None:
        """An answer showed these documents, best first; the model hears of it with the next access, not before."""
        self._shown = tuple(paths)

    def edit(self, path: str) -> None:
        """A document changed; the model learns the first change of the focused one, for others change it too."""
        first = next(iter(self._edited), None) != path
        _to_front(self._edited, path)
        if first and path == self.focused:
            self._record(path, "edit")

    def rename(self, old: str, new: str) -> None:
        """What was learned of a file, or of everything in a folder, follows to its new name."""
        self._apply_rename(old, new)
        self._log(self._clock(), f"{old}\n{new}", "rename")

    # -- questions -------------------------------------------------------------------------------------------------

    def recent(self) -> Sequence[str]:
        """Documents the user was in, latest first."""
        return tuple(self._recent)

    def edited(self) -> Sequence[str]:
        """Documents the user changed, latest first."""
        return tuple(self._edited)

    def predict(self, root: Path, path: str, top_k: int) -> list[Prediction]:
        """The likeliest next documents after `path`."""
        found = self.model.explain(path, None, top_k, session=self._session)
        return [
            Prediction(root / one.key, one.probability, tuple(Reason(signal, weight) for signal, weight in one.reasons))
            for one in found
        ]

    # -- the log ---------------------------------------------------------------------------------------------------

    async def fold(self) -> bool:
        """Takes in the snapshot, once, and what other processes logged since; whether anything was new."""
        if self._folded is None:
            self._folded = await self._load_snapshot()
        rows = await self._store.accesses_after(self._folded)
        others = [row for row in rows if row.process != self._process]
        for row in others:
            self._replay(row)
        self.generation += bool(others)
        if rows:
            self._folded = rows[-1].id
        return bool(others)

    async def flush(self) -> None:
        """Appends what happened since the last flush to the log."""
        async with self._logging:
            pending, self._pending = self._pending, []
            if pending:
                try:
                    await self._store.number_accesses_after(self.folded)
                    await self._store.log_accesses(pending)
                except BaseException:
                    self._pending[:0] = pending
                    raise
                self._since_snapshot += len(pending)

    async def snapshot(self, *, at_least: int = 1) -> None:
        """Stores the model as of the newest logged access, so that the next start folds little.

        Nothing is stored where fewer than `at_least` accesses came since the last time.
        """
        await self.flush()
        if self._since_snapshot < at_least or self._store.in_memory is not None:
            return
        before = await self._store.get_fact(_SNAPSHOT)
        name = await self._save_in_step()
        if name is None:
            return
        self._since_snapshot = 0
        await self._store.set_facts({_SNAPSHOT: f"{self._folded} {name}".encode()})
        if before is not None:
            self._remove_snapshot(before)
        await asyncio.to_thread(self._remove_leftovers)

    async def _save_in_step(self) -> str | None:
        """Stores the model while it knows what the log tells, no more; the file's name, or None where the user is too busy.

        What the model knows and the log does not would be learned twice at the next start.
        """
        for _ in range(_SAVES):
            await self.flush()
            await self.fold()
            name = f"model-{self._folded}-{self._process}.json"
            entered = self._entered
            await asyncio.to_thread(self.model.save, self._directory / name)
            if entered == self._entered and not self._pending:
                return name
            (self._directory / name).unlink(missing_ok=True)
        return None

    @property
    def folded(self) -> int:
        """The number of the last access that was taken in; 0 where none was."""
        return self._folded or 0

    async def renew(self) -> None:
        """Asks the store for a sound database; the model, or the log it was folded from, goes on there.

        Raises:
            BackendUnavailable: That cannot be done yet.
        """
        if await self._store.link.renew(self.folded):
            # What this process logged stands among others' now: all is folded anew.
            self._process = uuid.uuid4().hex[:12]
            self._folded = None
            self.model = PredictionModel()
            self.generation += 1
            await self.fold()
        else:
            self._since_snapshot += 1
            await self.snapshot()

    async def forget(self) -> int:
        """Forgets everything learned in this folder; how many transitions that were."""
        async with self._logging:  # what is just being logged is forgotten, too
            count = self.model.transitions
            for seen in (self._pending, self._recent, self._edited):
                seen.clear()
            self._shown = ()
            self._since_snapshot = 0
            self.model = PredictionModel()
            stored = await self._store.get_fact(_SNAPSHOT)
            await self._store.clear_accesses()
            if stored is not None:
                self._remove_snapshot(stored)
        return count

    def _enter(self, path: str) -> None:
        _to_front(self._recent, path)
        if self._shown:
            self.model.record_results(self._shown, session=self._session)
            self._shown = ()
        self._record(path, "open")

    def _record(self, path: str, kind: str) -> None:
        now = self._clock()
        self.model.record_access(path, session=self._session, at=now, kind="edit" if kind == "edit" else "open")
        self._log(now, path, kind)

    def _log(self, at: float, path: str, kind: str) -> None:
        self._pending.append((at, self._process, self._session, path, kind))
        self._entered += 1

    def _replay(self, row: Access) -> None:
        if row.kind == "rename":
            self._apply_rename(*row.path.split("\n", 1))
        else:
            self.model.record_access(
                row.path, session=row.session, at=row.at, kind="edit" if row.kind == "edit" else "open"
            )

    def _apply_rename(self, old: str, new: str) -> None:
        self.model.rename(old, new)
        self.model.rename_prefix(old + "/", new + "/")
        for names in (self._recent, self._edited):
            renamed = {_renamed(name, old, new): None for name in names}
            names.clear()
            names.update(renamed)
        if self.focused is not None:
            self.focused = _renamed(self.focused, old, new)

    async def _load_snapshot(self) -> int:
        """Loads the stored model, if there is one that can be read; the last access it knows."""
        stored = await self._store.get_fact(_SNAPSHOT)
        if stored is None:
            return 0
        folded, name = stored.decode().split(" ", 1)
        try:
            await asyncio.to_thread(self.model.load, self._directory / name)
        except ModelFileError as exc:
            if await self._store.get_fact(_SNAPSHOT) != stored:  # another process has just put a newer one in its place
                return await self._load_snapshot()
            log.warning("What was learned before is folded anew from the log: %s", exc)
            return 0
        return int(folded)

    def _remove_leftovers(self) -> None:
        """Snapshots that nothing names: of processes that ended while they stored one, or stored one at the same time."""
        oldest = self._clock() - _LEFTOVER_SECONDS
        for pattern in ("model-*.json", ".model-*"):
            for path in self._directory.glob(pattern):
                with suppress(OSError):
                    if path.stat().st_mtime < oldest and not path.name.endswith(f"-{self._process}.json"):
                        path.unlink()

    def _remove_snapshot(self, stored: bytes) -> None:
        (self._directory / stored.decode().split(" ", 1)[1]).unlink(missing_ok=True)


def _to_front(names: dict[str, None], path: str) -> None:
    rest = [name for name in names if name != path]
    names.clear()
    names.update(dict.fromkeys([path, *rest[: _MOST_RECENT - 1]]))


def _renamed(name: str, old: str, new: str) -> str:
    if name == old:
        return new
    return new + name[len(old) :] if name.startswith(old + "/") else name
