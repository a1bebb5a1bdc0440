"""How keys are spelled, and what the first word of a key, its kind, says of the value.

What is derived from content is keyed by the content's hash: it never goes stale and may be shared.
What is keyed by a place on this machine holds contents or paths and stays here unless its owner says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

_FILE: Final = "file:"
_CONTENT_ADDRESSED: Final = ("symbols:", "embedding:")
_LOCAL: Final = (_FILE, "directory:", "search:", "conversation:", "index:", "history:")


def file_key(path: Path) -> str:
    """The key of a file's contents: `file:` and its absolute path with `/` between the parts."""
    return _FILE + path.absolute().as_posix()


def file_path(key: str) -> Path | None:
    """The path in a key that `file_key` made; None for any other key."""
    return Path(key[len(_FILE) :]) if key.startswith(_FILE) else None


def directory_key(path: Path) -> str:
    """The key of what a directory holds."""
    return f"directory:{path.absolute().as_posix()}"


def symbols_key(sha256: str, version: int | str) -> str:
    """The key of what one version of the extractor finds in a content."""
    return f"symbols:{sha256}:{version}"


def embedding_key(sha256: str, model: str) -> str:
    """The key of a content's embedding by a model."""
    return f"embedding:{sha256}:{model}"


def search_key(scope: str, query: str) -> str:
    """The key of a search's results in a scope (a folder, say); it holds the query's hash and not its words."""
    return f"search:{_digest(scope)}:{_digest(query)}"


def conversation_key(owner: str, conversation: str) -> str:
    """The key of what an owner (a connection, say) keeps of a conversation."""
    return f"conversation:{_digest(owner)}:{_digest(conversation)}"


def index_key(root: Path) -> str:
    """The key of the note that a folder's index was made with this cache."""
    return f"index:{root.as_posix()}"


def history_key(commit: str) -> str:
    """The key of what git tells of a commit's past."""
    return f"history:{commit}"


def sharing(*, contents: bool, own_keys: bool) -> Callable[[str], bool]:
    """Which keys' values may leave this machine: those addressed by content always, others only where they are named here.

    Args:
        contents: whether those of files may.
        own_keys: whether keys of no kind that is known here may: a program's own.
    """

    def may_share(key: str) -> bool:
        if key.startswith(_CONTENT_ADDRESSED):
            return True
        if key.startswith(_LOCAL):
            return contents and key.startswith(_FILE)
        return own_keys

    return may_share


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
