"""The workspace: what git knows of it, what is in it, whether it can be watched, and who keeps its index."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from magnetar.app import SCHEMA
from magnetar.cli.doctor import Site, Verdict, fail, ok, warn
from magnetar.context.folders import workspace_id
from magnetar.files.git import Git
from magnetar.files.ignore import IgnoreRules
from magnetar.files.privacy import PathPolicy
from magnetar.files.scan import ScanResult, scan
from magnetar.workspace.lease import Lease
from magnetar.workspace.watch import Watcher, WatchMode

_OLDEST_GIT = (2, 20)
_INOTIFY = Path("/proc/sys/fs/inotify")
_SHORT_QUEUE = 4_096
_FUTURE_SECONDS = 3_600.0
_SPECIAL = "pipes, sockets or devices"
_OTHERS = frozenset({".git", "node_modules", ".venv"})
_SECONDS = 20.0
"""How long a look at the files may take: a huge workspace is judged by its beginning."""


def git(site: Site) -> Verdict:
    """Git is there, new enough, and works in this folder where it is a repository."""
    program = shutil.which("git")
    if program is None:
        remedy = "Install git for answers that know a project's history; everything else works without."
        return warn("git is not on PATH.", remedy)
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    found = re.search(r"(\d+)\.(\d+)", done.stdout)
    if found is None:
        said = done.stderr.strip().splitlines()[:1] or ["it says nothing"]
        return warn(f"{program} does not run: {said[0]}", "Mend or reinstall git.")
    if (int(found[1]), int(found[2])) < _OLDEST_GIT:
        return warn(f"{done.stdout.strip()} is old.", "Use git 2.20 or newer for answers that know the history.")
    reason = Git(site.workspace).reason
    if reason is not None and any((place / ".git").exists() for place in (site.workspace, *site.workspace.parents)):
        remedy = "Until git works there, answers do without its history. git status in the folder says more."
        return warn(f"git is not used in {site.workspace}: {reason}.", remedy)
    return ok(f"{done.stdout.strip()}.")


# -- files -------------------------------------------------------------------------------------------------------------


def files(site: Site) -> Verdict:
    """The workspace's files can be read; what is left out of it is told."""
    try:
        with os.scandir(site.workspace):
            pass
    except OSError as error:
        return fail(f"{site.workspace} cannot be read: {error.strerror}.", "Give yourself the right to read it.")
    warm = site.settings.warm
    policy = PathPolicy(site.settings.privacy.exclude)
    ends = time.monotonic() + _SECONDS
    found = scan(
        IgnoreRules.for_root(site.workspace),
        policy,
        max_files=warm.max_files,
        max_bytes=warm.max_file_bytes,
        cancelled=lambda: time.monotonic() > ends,
    )
    odd = Counter(_oddities(site.workspace))
    unreadable = found.skipped.unreadable - odd[_SPECIAL]  # they count as such
    if unreadable > 0:
        remedy = "Give yourself the right to read them and use names in UTF-8, or add them to .gitignore."
        return warn(f"{unreadable:,} files or folders in {site.workspace} cannot be read.", remedy)
    if not found.complete and len(found.files) == warm.max_files:
        remedy = "Raise magnetar.warm.maxFiles, or leave folders out with .gitignore or magnetar.privacy.exclude."
        return warn(f"There are more than the {warm.max_files:,} files that are indexed.", remedy)
    horizon = (time.time() + _FUTURE_SECONDS) * 1e9
    ahead = sum(fingerprint.mtime_ns > horizon for _, fingerprint in found.files)
    if ahead:
        remedy = "Set this machine's clock if it is behind; else touch the files, so that new changes look newer."
        return warn(f"{ahead:,} of {len(found.files):,} files have times in the future.", remedy)
    return _told(site, found, odd)


def _told(site: Site, found: ScanResult, odd: Counter[str]) -> Verdict:
    limit, too_large = site.settings.warm.max_file_bytes, found.skipped.too_large
    parts = [f"{too_large:,} larger than {limit / 1024**2:,.1f} MB"] if too_large else []
    parts += [f"{number:,} {kind}" for kind, number in odd.items()]
    left_out = f"; left out: {', '.join(parts)}" if parts else ""
    case = " Its file system takes names that differ in case alone for one." if ignores_case(site.workspace) else ""
    remedy = "Raise magnetar.warm.maxFileBytes to have larger files indexed." if too_large else ""
    count = f"{len(found.files):,}" if found.complete else f"At least {len(found.files):,}"
    return ok(f"{count} files can be indexed in {site.workspace}{left_out}.{case}", remedy)


def _oddities(root: Path) -> Iterator[str]:
    """What is found besides files and folders, dependencies and git's own left out: the kind of each."""
    ends = time.monotonic() + _SECONDS
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _OTHERS]
        if time.monotonic() > ends:
            return
        for name in (*folders, *names):
            kind = _oddity(Path(folder, name))
            if kind is not None:
                yield kind


def _oddity(path: Path) -> str | None:
    try:
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode):
            return None if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else _SPECIAL
        target = Path(os.path.realpath(path))
        if not target.exists():
            return "links that lead nowhere or in a circle"
    except OSError:
        return None
    return "links that lead to a folder they are in" if path.is_relative_to(target) else None


def ignores_case(folder: Path) -> bool:
    """Whether a file system takes names that differ in case alone for one: another spelling of the folder's is it, too."""
    swapped = folder.name.swapcase()
    if swapped == folder.name:
        return False
    other = folder.with_name(swapped)
    try:
        return other.samefile(folder) and other not in folder.parent.iterdir()
    except OSError:
        return False


# -- watching ----------------------------------------------------------------------------------------------------------


def watching(site: Site) -> Verdict:
    """Changes in the workspace are told by the system, all of them."""
    rules, policy = IgnoreRules.for_root(site.workspace), PathPolicy(site.settings.privacy.exclude)

    def ignored(path: str, is_dir: bool) -> bool:  # noqa: FBT001 - the watcher's signature
        return policy.denied(path) or rules.ignored(path, is_dir)

    watcher = Watcher(site.workspace, ignored, lambda _: None)
    watcher.start()
    mode = watcher.mode
    watcher.stop()
    if mode is not WatchMode.NATIVE:
        return warn(
            f"The system does not tell of all changes in {site.workspace} ({mode.value}); they are found by looking again.",
            "On Linux: sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024. "
            "A disk of another machine tells of nothing.",
        )
    if not _INOTIFY.is_dir():
        return ok("The system tells of every change in the folder.")
    watches = int((_INOTIFY / "max_user_watches").read_text())
    needed = _count_folders(site.workspace, ignored, watches)
    if needed >= watches:
        remedy = "sudo sysctl fs.inotify.max_user_watches=524288; until then changes are found by looking again."
        return warn(f"{site.workspace} has more folders than the {watches:,} that may be watched.", remedy)
    queue = int((_INOTIFY / "max_queued_events").read_text())
    if queue < _SHORT_QUEUE:
        remedy = "sudo sysctl fs.inotify.max_queued_events=16384; until then a burst makes magnetar look at everything."
        return warn(f"The system keeps only {queue:,} changes until they are read.", remedy)
    return ok(f"{needed:,} of the {watches:,} folders that may be watched.")


def _count_folders(root: Path, ignored: Callable[[str, bool], bool], most: int) -> int:
    """The root and the folders below it that are not left out; no further than `most`."""
    count = 0
    for folder, folders, _ in os.walk(root):
        below = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if name != ".git" and not ignored((below / name).as_posix(), True)]
        count += 1
        if count >= most:
            break
    return count


# -- the index ---------------------------------------------------------------------------------------------------------


def lease(site: Site) -> Verdict:
    """No other process keeps the workspace's index, or one that should."""
    path = site.cache_dir / SCHEMA / "workspaces" / workspace_id(site.workspace) / "index.lock"
    if not os.access(path, os.F_OK):
        return ok("No server has indexed this workspace yet.")
    held = Lease(path)
    if not held.acquire():
        return ok(
            "Another server keeps this workspace's index; all others read it.",
            "That is as it should be while an editor or an agent has the folder open. If none has, end that server.",
        )
    held.release()
    return ok("No other server keeps this workspace's index.")
