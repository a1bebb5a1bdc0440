"""How keys are spelled. What is derived from content is keyed by the content's hash, so that it never goes stale."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_FILE: Final = "file:"


def file_key(path: Path) -> str:
    """The key of a file's contents: `file:` and its absolute path with `/` between the parts."""
    return _FILE + path.absolute().as_posix()


def file_path(key: str) -> Path | None:
    """The path in a key that `file_key` made; None for any other key."""
    return Path(key[len(_FILE) :]) if key.startswith(_FILE) else None


def symbols_key(sha256: str, version: int | str) -> str:
    """The key of what one version of the extractor finds in a content."""
    return f"symbols:{sha256}:{version}"


def embedding_key(sha256: str, model: str) -> str:
    """The key of a content's embedding by a model."""
    return f"embedding:{sha256}:{model}"
