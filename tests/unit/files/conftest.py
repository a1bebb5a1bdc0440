from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


class Folder:
    """A folder that a test fills, and git run in it as a user would."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, relative: str, text: str = "text\n") -> Path:
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def git(self, *arguments: str, folder: str = ".") -> str:
        command = ["git", "-c", "user.name=N", "-c", "user.email=n@host.net", *arguments]
        return subprocess.run(command, cwd=self.root / folder, check=True, capture_output=True, text=True).stdout

    def commit(self, message: str = "message") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD").strip()


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """A home of its own, so that the user's git settings and ignore file have no say."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "folder"
    root.mkdir()
    return Folder(root)


@pytest.fixture
def repository(folder):
    folder.git("init", "-q", "-b", "main")
    return folder
