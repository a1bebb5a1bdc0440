"""Whether one path may be read at this moment: the decision that the scan, every request and every watch event share."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from magnetar.files.ignore import IgnoreRules
from magnetar.files.kinds import has_binary_name, is_unicode
from magnetar.files.privacy import PathPolicy
from magnetar.files.read import Refusal, Text, is_binary, open_inside, read_text, resolve_inside
from magnetar.model import DropReason

_HEAD = 8_192
_JUNCTION = 0xA000_0003
"""IO_REPARSE_TAG_MOUNT_POINT of Windows."""


class Gate:
    """The door of one folder; it asks the disk each time.

    A link is judged by both its ends: by its own name, and by what it leads to.

    Args:
        root: The folder.
        ignore: The folder's ignore rules.
        policy: What is never read.
        max_bytes: Larger files are refused.
    """

    def __init__(self, root: Path, ignore: IgnoreRules, policy: PathPolicy, max_bytes: int) -> None:
        self.root = Path(os.path.realpath(root))
        self._given = Path(os.path.abspath(root))  # noqa: PTH100 - links are kept, `..` is not
        self._ignore = ignore
        self._policy = policy
        self._max_bytes = max_bytes

    def relative(self, path: Path) -> str | None:
        """The path below the folder, with `/` between its parts, by name alone; None where it lies outside."""
        plain = Path(os.path.normpath(path if path.is_absolute() else self.root / path))
        for root in (self.root, self._given):
            if plain.is_relative_to(root):
                return plain.relative_to(root).as_posix()
        return None

    def refusal(self, path: Path) -> DropReason | None:
        """Why a path can't be served, or None where it can."""
        judged = self._judged(path)
        opened = judged if isinstance(judged, DropReason) else open_inside(self.root, judged)
        if isinstance(opened, DropReason):
            return opened
        with os.fdopen(opened, "rb") as file:
            if os.fstat(opened).st_size > self._max_bytes:
                return DropReason.TOO_LARGE
            try:
                return DropReason.BINARY if is_binary(file.read(_HEAD)) else None
            except OSError:
                return DropReason.UNREADABLE

    def lists(self, relative: str) -> bool:
        """Whether a file belongs into the index: one that is reached by a link stands there under its own name alone."""
        place = self.root / relative
        judged = self._judged(place)
        straight = isinstance(judged, Path) and os.path.normcase(judged) == os.path.normcase(place)
        return straight and self.refusal(place) is None

    def read(self, path: Path) -> Text | Refusal:
        """The text of a path that can be served, or why it can't."""
        judged = self._judged(path)
        return judged if isinstance(judged, DropReason) else read_text(self.root, judged, self._max_bytes)

    def refusal_by_name(self, path: Path) -> DropReason | None:
        """The same without opening the file: what its name, its place and the rules say."""
        judged = self._judged(path)
        return judged if isinstance(judged, DropReason) else None

    def _judged(self, path: Path) -> Path | DropReason:
        """The real path of a file that may be read, links followed, or why there is none."""
        relative = self.relative(path)
        if relative is None:
            return DropReason.OUTSIDE_WORKSPACE
        if not is_unicode(relative):
            return DropReason.UNREADABLE
        if self._policy.denied(relative):  # before the disk is asked, so that nothing tells whether it exists
            return DropReason.SECRET
        real = resolve_inside(self.root, self.root / relative)
        if real is None:
            return DropReason.OUTSIDE_WORKSPACE
        return self._refusal_of_target(relative, real) or real

    def refused(self, files: Iterable[str]) -> set[str]:
        """The regular files among some (relative, no links) that can't be served: `refusal_by_name` for many at once."""
        places = {"": os.path.realpath(self.root) == str(self.root)}
        top = str(self.root) + os.sep

        def without_links(folder: str) -> bool:
            if folder not in places:
                above, _, _ = folder.rpartition("/")
                places[folder] = without_links(above) and not _is_link(top + folder)
            return places[folder]

        refused, straight = set(), []
        for file in files:
            if not without_links(file.rpartition("/")[0]):
                if self.refusal_by_name(self.root / file) is not None:
                    refused.add(file)
            elif self._policy.denied(file) or has_binary_name(file):
                refused.add(file)
            else:
                straight.append(file)
        return refused | self._ignore.ignored_files(straight)

    def _refusal_of_target(self, relative: str, real: Path) -> DropReason | None:
        target = real.relative_to(self.root).as_posix()
        if self._policy.denied(target):
            return DropReason.SECRET
        try:
            is_dir = stat.S_ISDIR(os.lstat(real).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return DropReason.MISSING
        except (OSError, ValueError):
            return DropReason.UNREADABLE
        if any(self._ignore.ignored(name, is_dir) for name in {relative, target} - {"."}):
            return DropReason.IGNORED
        return DropReason.BINARY if has_binary_name(target) else None


def _is_link(path: str) -> bool:
    """Whether a path is a link, on Windows also a junction."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return False
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION
