"""What is worth loading before it is asked for: what was learned, likeliest first, then the folder's source files.

Which files there are and which may be read is decided by `magnetar.files`; this only puts the two in one order.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from magnetar.cache.keys import file_key, file_path
from magnetar.config import WarmSettings
from magnetar.files.gate import Gate
from magnetar.files.ignore import IgnoreRules
from magnetar.files.kinds import is_generated, is_minified
from magnetar.files.patterns import Patterns
from magnetar.files.privacy import PathPolicy
from magnetar.files.read import Text
from magnetar.files.scan import scan
from magnetar.files.secrets import secret_lines


class SourceTree:
    """The files of one folder that may be cached. Its methods block on the disk: call them in a thread."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._limits = WarmSettings()
        self._ignore = IgnoreRules.for_root(self._root)
        self._policy = PathPolicy()

    def keys(self, learned: Iterable[str], patterns: Sequence[str] | None) -> list[str]:
        """Keys to warm, in order.

        Args:
            learned: keys, likeliest first; those of files that are ignored, secret, gone or elsewhere are left out.
            patterns: which files follow, as lines of a `.gitignore` would name them; by default those that a person wrote.
        """
        limits = self._limits
        result = scan(self._ignore, self._policy, max_files=limits.max_files, max_bytes=limits.max_file_bytes)
        files = {file_key(self._root / path): path for path, _ in result.files}
        wanted = Patterns("\n".join(patterns).encode(), fold_case=False) if patterns else None
        first = [key for key in learned if file_path(key) is None or key in files]
        then = [key for key, path in files.items() if (_written(path) if wanted is None else _matches(wanted, path))]
        return list(dict.fromkeys(first + then))

    def read(self, key: str) -> str | None:
        """The text of a file that may be served and holds no secret; None for any other, and for a key that is no file's."""
        path = file_path(key)
        if path is None:
            return None
        gate = Gate(self._root, self._ignore, self._policy, self._limits.max_file_bytes)
        text = gate.read(path)
        return text.text if isinstance(text, Text) and not secret_lines(text.text, path.name) else None


def _written(path: str) -> bool:
    """Whether a person wrote the file, as far as its name tells."""
    return not is_generated(path, "") and not is_minified(path, "")


def _matches(patterns: Patterns, path: str) -> bool:
    return bool(patterns.verdict(os.fsencode(path), os.fsencode(path.rpartition("/")[2]), is_dir=False))
