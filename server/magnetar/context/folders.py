"""The open workspace folders: each opens in the background, and what is signalled meanwhile reaches it in order."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from magnetar.context.engine import Engine
from magnetar.context.inside import relative_path
from magnetar.errors import NoWorkspace, OutsideWorkspace
from magnetar.workspace.workspace import Workspace

Signal = Callable[[Workspace], object]


def workspace_id(root: Path) -> str:
    """The identity of a folder: its real path, folded where the file system folds, as 16 hexadecimal digits of SHA-256."""
    real = os.path.normcase(os.path.realpath(root))
    return hashlib.sha256(real.encode("utf-8", "surrogateescape")).hexdigest()[:16]


class Folder:
    """One folder, from the moment it is added."""

    def __init__(self, root: Path) -> None:
        """Names it; `become` gives it its workspace."""
        self.root = root
        self.real = Path(os.path.realpath(root))
        self.opened = asyncio.Event()
        self.workspace: Workspace | None = None
        self.engine: Engine | None = None
        self._waiting: list[Signal] = []

    def signal(self, signal: Signal) -> None:
        """Passes a signal on, now or once the folder is open."""
        if self.workspace is None:
            self._waiting.append(signal)
        else:
            signal(self.workspace)

    def become(self, workspace: Workspace) -> None:
        """The folder is open: what waited for it is passed on."""
        self.workspace = workspace
        self.engine = Engine(workspace)
        waiting, self._waiting = self._waiting, []
        for signal in waiting:
            signal(workspace)
        self.opened.set()

    def end(self) -> None:
        """The folder is closed, and nothing of it stays in memory."""
        self.workspace = self.engine = None

    async def ready(self) -> Workspace:
        """The workspace, once it is open."""
        await self.opened.wait()
        if self.workspace is None:
            raise NoWorkspace(f"The folder {self.root} could not be opened.")
        return self.workspace

    def engine_now(self) -> Engine:
        """The engine of an open folder."""
        if self.engine is None:
            raise NoWorkspace(f"The folder {self.root} is not open.")
        return self.engine

    def relative(self, path: Path) -> str | None:
        """A path within this folder as the workspace names it; None where it lies outside."""
        return relative_path(self.root, path, self.real)


class Folders:
    """All of them, by root; the deepest one that holds a document answers for it."""

    def __init__(self) -> None:
        """Starts with none."""
        self._by_root: dict[Path, Folder] = {}
        self.focused: Folder | None = None

    def __iter__(self) -> Iterator[Folder]:
        return iter(tuple(self._by_root.values()))

    def __len__(self) -> int:
        return len(self._by_root)

    def add(self, root: Path) -> Folder | None:
        """A new folder, or None where it is open already."""
        if root in self._by_root:
            return None
        folder = self._by_root[root] = Folder(root)
        return folder

    def remove(self, root: Path) -> Folder | None:
        """The folder that was open there."""
        folder = self._by_root.pop(root, None)
        if folder is not None and self.focused is folder:
            self.focused = None
        return folder

    def of(self, path: Path) -> tuple[Folder, str] | None:
        """The folder that holds a document, and the document's name in it."""
        found = [(folder, name) for folder in self if (name := folder.relative(path)) is not None]
        return max(found, key=lambda pair: len(pair[0].root.parts), default=None)

    def choose(self, root: Path | None, document: Path | None) -> Folder:
        """The folder a request is about: the named one, the document's, the last focused, or the first.

        Raises:
            NoWorkspace: No folder is open.
            OutsideWorkspace: The named folder is not open, or the document lies in none.
        """
        if not self._by_root:
            raise NoWorkspace("No workspace folder is open.")
        if document is not None:
            place = self.of(document)
            if place is None:
                raise OutsideWorkspace(f"{document.name} lies outside every open workspace folder.")
            return place[0]
        if root is not None:
            for folder in self:
                if root in (folder.root, folder.real):
                    return folder
            raise OutsideWorkspace(f"{root.name} is no open workspace folder.")
        return self.focused or next(iter(self))
