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


class Blobs(dict[str, bytes]):
    """The cache's side of the contract, kept in a dictionary."""

    async def get_blobs(self, keys: Sequence[str], *, hot: bool = False) -> dict[str, bytes]:
        return {key: self[key] for key in keys if key in self}

    async def set_blobs(self, items: Mapping[str, bytes], ttl: int | None = None, *, hot: bool = False) -> int:
        self.update(items)
        return len(items)


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
    async def opening(settings: Settings | None = None, *, warm: bool = True) -> AsyncIterator[Workspace]:
        messages: list[str] = []
        workspace = await Workspace.open(
            root, tmp_path / "cache", settings or Settings(), blobs, prompt, lambda: None, messages.append
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
