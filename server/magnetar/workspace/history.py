"""What the git history up to HEAD says about files: which change together, why, and where in a file change clusters.

Left out: the text of `git log` (`history_log`), following lines to HEAD (`hunks`), storing it (`history_codec`), and
what any of it is worth to a ranking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from attrs import evolve, frozen

from magnetar.files.git import Git, GitFailed
from magnetar.files.secrets import secret_lines
from magnetar.workspace.git_layout import find_git
from magnetar.workspace.history_log import EXACT_RENAMES, LOG_OPTIONS, PATCH_OPTIONS, LoggedCommit, read_log
from magnetar.workspace.hunks import MOST_FILES, Located, locate

_MESSAGE_LENGTH = 600


@frozen
class Commit:
    """One non-merge commit, newest first; paths are as they are called at HEAD."""

    files: tuple[str, ...]
    """Files it touched that exist at HEAD; empty where it touched more than forty."""
    touched: int
    """How many files it touched in all."""
    message: str
    """Its message without lines that hold a secret, at most 600 characters."""
    mainline: int
    """Index (0 = HEAD) of the first-parent commit that brought it in."""


@frozen
class Hunk:
    """Lines of the file at HEAD that a first-parent commit last changed or stands beside."""

    mainline: int
    start: int
    """First line, zero-based."""
    end: int
    """Line after the last."""


@frozen
class History:
    """The newest part of a history, as of one HEAD."""

    head: str
    commits: tuple[Commit, ...]
    by_file: Mapping[str, tuple[int, ...]]
    """Path to indices into `commits`, ascending (newest first)."""
    hunks: Mapping[str, tuple[Hunk, ...]]
    together: Mapping[int, frozenset[str]]
    """Mainline index to the files it touched, for commits of at most forty files."""


def load_history(root: Path, *, commits: int = 3_000, hunk_commits: int = 800, seconds: float = 20.0) -> History | None:
    """Reads the history of the repository that holds a folder, as far as it concerns the files in that folder.

    Takes the processor for a second or more where the history is long: run it in another process.

    Args:
        root: The folder; paths in the result are relative to it.
        commits: How many commits to read, merges included.
        hunk_commits: How many first-parent commits to follow line by line.
        seconds: How long one run of git may take; what it told until then, the newest part, is used.

    Returns:
        None without git, without a repository, or without a commit.
    """
    return read_history(Git(root, timeout=seconds), commits, hunk_commits)


def read_history(git: Git, commits: int, hunk_commits: int) -> History | None:
    """`load_history`, with the git to ask."""
    names = _names_at_head(git)
    head, told = _read_commits(_log(git, f"--max-count={commits}", "--topo-order"), names)
    if head is None:
        return None
    first_parents = ("--first-parent", "--diff-merges=first-parent")
    mainline = _log(git, f"--max-count={hunk_commits}", *first_parents, *PATCH_OPTIONS)
    hunks, together = _gather(locate(mainline, names), names)
    return History(head, told, index_by_file(told), hunks, together)


def index_by_file(commits: Iterable[Commit]) -> dict[str, tuple[int, ...]]:
    """`History.by_file` of `History.commits`."""
    found = defaultdict[str, list[int]](list)
    for index, commit in enumerate(commits):
        for path in commit.files:
            found[path].append(index)
    return {path: tuple(indices) for path, indices in found.items()}


def _names_at_head(git: Git) -> dict[bytes, str]:
    """Git's path of every tracked file in the folder, to the path below the folder; names that are not UTF-8 left out."""
    if git.toplevel is None:
        return {}
    prefix = git.root.relative_to(git.toplevel)
    paths = (path for path in git.tracked() if path.encode(errors="ignore").decode() == path)
    return {(prefix / path).as_posix().encode(): path for path in paths}


def _log(git: Git, *options: str) -> Iterator[LoggedCommit]:
    """The commits up to HEAD, newest first, as far as git gets; those where a shallow clone ends come without files."""
    layout = find_git(git.root)
    if layout is None:
        return
    exact = [EXACT_RENAMES] if layout.is_partial() else []
    ends = layout.shallow_ends()
    with suppress(GitFailed):
        for commit in read_log(git.log([*LOG_OPTIONS, *exact, *options])):
            yield evolve(commit, deltas=()) if commit.sha in ends else commit


def _read_commits(log: Iterable[LoggedCommit], names: Mapping[bytes, str]) -> tuple[str | None, tuple[Commit, ...]]:
    """HEAD, and `History.commits`, from commits listed children before parents."""
    parents: dict[str, tuple[str, ...]] = {}
    renamed: dict[bytes, bytes] = {}
    listed: list[tuple[str, str, int, list[bytes]]] = []
    for commit in log:
        parents[commit.sha] = commit.parents
        paths = [renamed.get(delta.new, delta.new) for delta in commit.deltas]
        for delta, path in zip(commit.deltas, paths, strict=True):
            if delta.status == "R":
                renamed.setdefault(delta.old, path)
        if paths and len(commit.parents) < 2:
            few = paths if len(paths) <= MOST_FILES else []
            listed.append((commit.sha, _without_secrets(commit.message)[:_MESSAGE_LENGTH], len(paths), few))
    brought_in_by = _mainline(parents)
    commits = (
        Commit(_at_head(paths, renamed, names), touched, message, brought_in_by[sha])
        for sha, message, touched, paths in listed
    )
    return next(iter(parents), None), tuple(commits)


def _without_secrets(message: str) -> str:
    lines = message.split("\n")
    for start, end in reversed(secret_lines(message.replace("\r", " "), "")):
        del lines[start:end]
    return "\n".join(lines)


def _at_head(paths: Iterable[bytes], renamed: Mapping[bytes, bytes], names: Mapping[bytes, str]) -> tuple[str, ...]:
    """What files are called at HEAD; a rename on another branch, listed later than the commit, is followed too."""
    found: dict[str, None] = {}
    for path in paths:
        passed = {path}
        while path not in names and (newer := renamed.get(path, path)) not in passed:
            path = newer  # noqa: PLW2901 - followed from name to name
            passed.add(path)
        if path in names:
            found[names[path]] = None
    return tuple(found)


def _mainline(parents: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """For every commit the first-parent commit that brought it in: the oldest it is an ancestor of, or itself."""
    line: list[str] = []
    sha = next(iter(parents), "")
    while sha in parents:
        line.append(sha)
        sha = next(iter(parents[sha]), "")
    brought_in_by = {sha: index for index, sha in enumerate(line)}
    for index in reversed(range(len(line))):
        waiting = list(parents[line[index]][1:])
        while waiting:
            sha = waiting.pop()
            if sha in parents and sha not in brought_in_by:
                brought_in_by[sha] = index
                waiting += parents[sha]
    return brought_in_by


def _gather(
    located: Iterable[Located], names: Mapping[bytes, str]
) -> tuple[dict[str, tuple[Hunk, ...]], dict[int, frozenset[str]]]:
    """`History.hunks` and `History.together`."""
    hunks = defaultdict[str, list[Hunk]](list)
    together = {}
    for mainline, commit in enumerate(located):
        for path, start, end in commit.hunks:
            hunks[names[path]].append(Hunk(mainline, start, end))
        if commit.files:
            together[mainline] = frozenset(names[path] for path in commit.files)
    return {path: tuple(found) for path, found in hunks.items()}, together
