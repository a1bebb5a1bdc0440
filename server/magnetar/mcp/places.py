"""The workspace's folders as a model names files in them.

Where there is one folder, a file is named relative to it. Where there are several, the folder's own name stands in front,
with as many of its parents as tell the folders apart.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from magnetar.errors import NotFound


class Places:
    """Some folders, none of them twice; the first is meant where none is named."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = tuple(dict.fromkeys(roots))
        self._parents = _parents_needed(self.roots) if len(self.roots) > 1 else 0

    def base(self, root: Path) -> Path:
        """What the names of a folder's files are relative to."""
        return Path(*root.parts[: max(1, len(root.parts) - self._parents)])

    def label(self, root: Path) -> str:
        """What stands before the names of a folder's files, without a slash; empty where there is one folder."""
        return "" if root == self.base(root) else root.relative_to(self.base(root)).as_posix()

    def holder(self, path: Path) -> Path:
        """The deepest folder that holds a file; the first folder where none does."""
        holders = [root for root in self.roots if path.is_relative_to(root)]
        return max(holders, key=lambda root: len(root.parts), default=self.roots[0])

    def name(self, path: Path) -> str:
        """A file as a model is told of it; of one outside every folder, only its own name."""
        base = self.base(self.holder(path))
        return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name

    def path(self, name: str) -> Path:
        """The file a model means: by its name here, its absolute path or its `file:` URI. Nothing is looked up.

        Raises:
            NotFound: No file can be called so, or there are several folders and the name begins with none of theirs.
        """
        if "\0" in name:
            raise NotFound("No file's name holds a null character.")
        if name.startswith("file:"):
            return path_of_uri(name)
        if Path(name).is_absolute():
            return Path(os.path.normpath(name))
        plain = os.path.normpath(name)
        if len(self.roots) == 1:
            return Path(os.path.normpath(self.roots[0] / plain))
        found = [root for root in self.roots if Path(plain).is_relative_to(self.label(root))]
        if not found:
            raise NotFound(f"{name}: begin the name of a file with that of its folder: {self._labels()}.")
        return self.base(max(found, key=lambda root: len(self.label(root)))) / plain

    def folder(self, label: str | None) -> Path | None:
        """The folder a model means by its name; None where it names none.

        Raises:
            NotFound: There is no such folder.
        """
        if label is None:
            return None
        for root in self.roots:
            if label.strip("/") in (self.label(root) or ".", root.name, root.as_posix().strip("/")):
                return root
        raise NotFound(f"{label} is no folder of this workspace. Leave it out, or take one of: {self._labels()}.")

    def _labels(self) -> str:
        return ", ".join(self.label(root) or root.name for root in self.roots)


def path_of_uri(uri: str) -> Path:
    """The absolute path that a `file:` URI names."""
    parts = urlsplit(uri)
    host = f"//{parts.netloc}" if parts.netloc not in ("", "localhost") else ""
    path = url2pathname(host + parts.path) if os.name == "nt" else host + unquote(parts.path)
    return Path(os.path.normpath(path))


def _parents_needed(roots: Sequence[Path]) -> int:
    """How many last parts of their paths tell some folders apart."""
    deepest = max(len(root.parts) for root in roots)
    return next(count for count in range(1, deepest + 1) if len({root.parts[-count:] for root in roots}) == len(roots))
