"""A real workspace in a temporary folder: real files, a real database, a real worker process; only the cache is a dictionary."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from magnetar.config import Settings
from magnetar.workspace.pool import Pool
from magnetar.workspace.workspace import Workspace
from unit.workspace.watching import Watched


class Blobs(dict[str, bytes]):
    """The cache's side of the contract, kept in a dictionary; `shared` is what all machines see."""

    def __init__(self) -> None:
        super().__init__()
        self.shared: dict[str, bytes] = {}
        self.now = 0
        """Seconds; what is kept for less is gone."""
        self.ends: dict[str, int] = {}

    async def get_blobs(self, keys: Sequence[str], *, hot: bool = False, shared: bool = True) -> dict[str, bytes]:
        del hot, shared
        return {key: self[key] for key in keys if key in self and self.ends.get(key, self.now + 1) > self.now}

    async def get_shared_blobs(self, keys: Sequence[str]) -> dict[str, bytes]:
        return {key: self.shared[key] for key in keys if key in self.shared}

    async def set_blobs(
        self, items: Mapping[str, bytes], ttl: int | None = None, *, hot: bool = False, shared: bool = True
    ) -> int:
        del hot
        self.update(items)
        if ttl is not None:
            self.ends.update(dict.fromkeys(items, self.now + ttl))
        if shared:
            self.shared.update(items)
        return len(items)

    async def share_blobs(self, items: Mapping[str, bytes], ttl: int) -> int:
        del ttl
        self.shared.update(items)
        return len(items)

    async def delete(self, key: str) -> bool:
        return self.pop(key, None) is not None


@pytest.fixture(scope="session")
def prompt():
    pool = Pool(1, niced=False, timeout=60.0)
    yield pool
    pool.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def git(root: Path):
    def run(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main", *arguments],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    return run


@pytest.fixture
def open_workspace(root: Path, tmp_path: Path, prompt: Pool):
    """Opens the folder; opening it again is a second process's or a later session's view of it."""
    blobs = Blobs()

    @asynccontextmanager
    async def opening(
        settings: Settings | None = None, *, warm: bool = True, session: str = ""
    ) -> AsyncIterator[Workspace]:
        messages: list[str] = []
        workspace = await Workspace.open(
            root, tmp_path / "cache", settings or Settings(), blobs, prompt, lambda: None, messages.append, session
        )
        try:
            if warm:
                await workspace.warm()
                await workspace.settled()
            yield workspace
        finally:
            await workspace.close()

    opening.blobs = blobs
    return opening


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "folder"
    (root / "src" / "deep").mkdir(parents=True)
    (root / "src" / "a.py").write_text("a")
    (root / "src" / "deep" / "b.py").write_text("b")
    (root / "node_modules" / "left").mkdir(parents=True)
    return root


@pytest.fixture
def watched(folder):
    watched = Watched(folder)
    yield watched
    watched.watcher.stop()


@pytest.fixture
def repository(watched):
    watched.git("init")
    watched.git("add", ".")
    watched.git("commit", "-m", "one")
    watched.told()
    return watched
