"""Finding every file of a folder that may be indexed, in one pass over its directories.

A link is neither followed nor listed: where it leads into the folder, its target is found under its own name. What git
tracks is found even where the rules ignore it. A repository inside the folder, submodules included, goes by its own
rules. A name that is not Unicode cannot be told to a client and counts as unreadable. Nothing is opened: what only
contents tell (binary, minified, secret lines) is found out when a file is read.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator

from attrs import frozen

from magnetar.files.fingerprint import Fingerprint
from magnetar.files.ignore import IgnoreRules, Layer
from magnetar.files.kinds import has_binary_name, is_unicode
from magnetar.files.privacy import VERSION_CONTROL, PathPolicy
from magnetar.model import DropReason, Skipped


@frozen
class ScanResult:
    """What a folder holds."""

    files: tuple[tuple[str, Fingerprint], ...]
    """Relative path and fingerprint of each file to index, in path order."""
    skipped: Skipped
    """What was left out; an ignored or secret directory counts as one, for nothing in it is looked at."""
    complete: bool
    """False where the scan was cancelled or found more than `max_files`; those nearest to the top are then kept."""


def scan(
    ignore: IgnoreRules,
    policy: PathPolicy,
    *,
    max_files: int,
    max_bytes: int,
    cancelled: Callable[[], bool] = lambda: False,
) -> ScanResult:
    """Scans the folder that the rules are for.

    Args:
        ignore: The folder's ignore rules.
        policy: What is never read.
        max_files: The scan stops once it has found more.
        max_bytes: Larger files are left out.
        cancelled: Asked at every directory; once it is true, the scan returns what it has.
    """
    walk = _Walk(ignore, policy, max_bytes)
    files: dict[str, Fingerprint] = {}
    pending = deque([ignore.top()])
    while pending and len(files) <= max_files and not cancelled():
        layer = pending.popleft()
        for name, is_dir in walk.entries(layer):
            if is_dir:
                pending.append(ignore.enter(layer, name))
            elif (fingerprint := walk.fingerprint(layer, name)) is not None:
                files[layer.relative + name] = fingerprint
    kept = sorted(list(files.items())[:max_files])
    return ScanResult(tuple(kept), walk.skipped(), complete=not pending and len(files) <= max_files)


class _Walk:
    """Judges entries, and counts those it leaves out."""

    def __init__(self, ignore: IgnoreRules, policy: PathPolicy, max_bytes: int) -> None:
        self._ignore = ignore
        self._policy = policy
        self._max_bytes = max_bytes
        self._left_out: Counter[DropReason] = Counter()

    def entries(self, layer: Layer) -> Iterator[tuple[str, bool]]:
        """The entries of a directory that may be looked at, in order, and whether each is a directory."""
        try:
            with os.scandir(layer.directory) as entries:
                found = sorted(
                    (entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries if not entry.is_symlink()
                )
        except (FileNotFoundError, NotADirectoryError):
            return  # it vanished meanwhile
        except OSError:
            self._left_out[DropReason.UNREADABLE] += 1
            return
        for name, is_dir in found:
            if name.lower() in VERSION_CONTROL:
                continue
            reason = self._reason(layer, name, is_dir=is_dir)
            if reason is None:
                yield name, is_dir
            else:
                self._left_out[reason] += 1

    def fingerprint(self, layer: Layer, name: str) -> Fingerprint | None:
        """The fingerprint of a file worth indexing."""
        fingerprint = Fingerprint.at(f"{layer.directory}{os.sep}{name}")
        if fingerprint is None:
            self._left_out[DropReason.UNREADABLE] += 1
        elif fingerprint.size > self._max_bytes:
            self._left_out[DropReason.TOO_LARGE] += 1
            return None
        return fingerprint

    def skipped(self) -> Skipped:
        left_out = self._left_out
        return Skipped(
            ignored=left_out[DropReason.IGNORED],
            binary=left_out[DropReason.BINARY],
            too_large=left_out[DropReason.TOO_LARGE],
            secret=left_out[DropReason.SECRET],
            unreadable=left_out[DropReason.UNREADABLE],
        )

    def _reason(self, layer: Layer, name: str, *, is_dir: bool) -> DropReason | None:
        relative = layer.relative + name
        if self._policy.denied_entry(relative, is_dir=is_dir):
            return DropReason.SECRET
        if layer.ignores(name, is_dir=is_dir) and not layer.tracks(name):
            return DropReason.IGNORED
        if not is_unicode(name):
            return DropReason.UNREADABLE
        return DropReason.BINARY if not is_dir and has_binary_name(name) else None
