"""Git, asked in a way that a hostile repository cannot abuse: the only place that runs it.

Nothing the repository configures is ever executed (hooks, fsmonitor, filters, pagers, aliases, external diffs, text
conversions, signature checks) and nothing is fetched. It leaves out every command that writes, and everything beyond
HEAD's own history. Where git is missing or refuses, `Git` says so in `reason` and answers as if there were none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from magnetar.errors import MagnetarError

_KEPT_VARIABLES = frozenset(
    {
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CEILING_DIRECTORIES",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
    }
)
"""What a user sets to say where git and its own settings are; every other GIT_* variable speaks of some other command."""

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",  # older git fetches what a partial clone lacks: forbid every transport
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}

_SAFE_SETTINGS = {
    "color.ui": "false",
    "color.diff": "false",
    "core.attributesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.quotePath": "false",
    "core.sshCommand": "false",
    "core.untrackedCache": "false",
    "credential.helper": "",
    "diff.external": "",
    "diff.ignoreSubmodules": "all",
    "diff.submodule": "short",
    "gpg.program": "false",
    "i18n.logOutputEncoding": "UTF-8",
    "log.showSignature": "false",
    "safe.bareRepository": "explicit",
}
_CHUNK = 1 << 16


class GitFailed(MagnetarError):
    """A git command ended with an error or ran out of time; what it said is in the text."""


class Git:
    """Git for one folder, which may be a repository's top, a folder inside one, a worktree, or none of these.

    Args:
        root: The folder; every path that goes in or comes out is relative to it, with `/` between its parts.
        timeout: Seconds after which a command is ended.
    """

    def __init__(self, root: Path, *, timeout: float = 30.0) -> None:
        self.root = Path(os.path.realpath(root))
        self._timeout = timeout

    @property
    def is_repository(self) -> bool:
        """Whether git works here."""
        return self.toplevel is not None

    @property
    def toplevel(self) -> Path | None:
        """The top of the working tree, or None where git cannot be used."""
        return self._discovered[0]

    @property
    def reason(self) -> str | None:
        """Why git is not used here, in words fit for a user; None where it is used."""
        return self._discovered[1]

    @cached_property
    def _executable(self) -> str | None:
        """Git from PATH, but never one that lies in the folder itself or is found by way of a relative entry."""
        search = os.pathsep.join(entry for entry in os.get_exec_path() if Path(entry).is_absolute())
        found = shutil.which("git", path=search)
        if found is None or Path(os.path.realpath(found)).is_relative_to(self.root):
            return None
        return found

    @cached_property
    def _discovered(self) -> tuple[Path | None, str | None]:
        if self._executable is None:
            return None, "git is not installed"
        try:
            top = os.fsdecode(self._run(["rev-parse", "--show-toplevel"])).rstrip("\r\n")
        except GitFailed as failure:
            if "dubious ownership" in str(failure):
                return None, "git refuses a folder that belongs to someone else (its safe.directory setting)"
            if "not a git repository" in str(failure) or "must be run in a work tree" in str(failure):
                return None, "the folder is in no git working tree"
            return None, str(failure)
        toplevel = Path(os.path.realpath(top))
        if not top or not self.root.is_relative_to(toplevel):
            return None, "the repository's settings name a working tree elsewhere"
        return toplevel, None

    def head(self) -> str | None:
        """The full hash of the commit at HEAD; None where there is no commit or no repository."""
        if not self.is_repository:
            return None
        try:
            return self._run(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).decode("ascii").strip() or None
        except GitFailed:
            return None

    def tracked(self) -> list[str]:
        """Paths below the folder that git tracks, submodules among them as one path each; empty without a repository."""
        return self._list(["--cached"])

    def ls_files(self) -> list[str]:
        """Paths below the folder that git tracks, or would: tracked ones, and untracked ones that are not ignored."""
        return self._list(["--cached", "--others", "--exclude-standard"])

    def check_ignore(self, paths: Iterable[str]) -> set[str]:
        """Those of `paths` that git ignores; a tracked path never is. They are looked up on disk."""
        lines = b"".join(os.fsencode(path) + b"\0" for path in paths)
        if not lines or not self.is_repository:
            return set()
        answer = self._run(["check-ignore", "-z", "--stdin"], stdin=lines, accepted=(0, 1))
        return set(_decoded(answer))

    def excludes_file(self) -> Path | None:
        """The user's own ignore file, where `core.excludesFile` names one."""
        if self._executable is None:
            return None
        command = ["config", "--type=path", "--null", "--get", "core.excludesFile"]
        try:
            named = _decoded(self._run(command, accepted=(0, 1)))
        except GitFailed:
            return None
        return self.root / named[0] if named and named[0] else None

    def ignores_case(self) -> bool:
        """Whether names that differ in case alone are the same file (`core.ignoreCase`)."""
        if not self.is_repository:
            return False
        command = ["config", "--type=bool", "--get", "core.ignoreCase"]
        try:
            return self._run(command, accepted=(0, 1)).strip() == b"true"
        except GitFailed:
            return False

    def log(self, arguments: Sequence[str]) -> Iterator[bytes]:
        """What `git log` prints of the history that leads to HEAD, in chunks as they come.

        Args:
            arguments: Options and, after `--`, paths. Revisions have no place here.

        Raises:
            GitFailed: Git ended with an error or ran out of time; what was yielded before is incomplete.
        """
        if not self.is_repository:
            return
        options, paths = list(arguments), list[str]()
        if "--" in options:
            split = options.index("--")
            options, paths = options[:split], options[split + 1 :]
        if any(not option.startswith("-") for option in options):
            raise GitFailed("git log is only asked about HEAD")
        command = ["log", "--no-ext-diff", "--no-textconv", "--no-color", "--no-show-signature", *options]
        yield from self._stream([*command, "--end-of-options", "HEAD", "--", *(f":(literal){path}" for path in paths)])

    def _list(self, which: list[str]) -> list[str]:
        if not self.is_repository:
            return []
        return list(dict.fromkeys(_decoded(self._run(["ls-files", "-z", *which]))))

    def _command(self, arguments: Sequence[str]) -> list[str]:
        if self._executable is None:
            raise GitFailed("git is not installed")
        settings = [part for name, value in _SAFE_SETTINGS.items() for part in ("-c", f"{name}={value}")]
        return [self._executable, "--no-pager", *settings, *arguments]

    def _run(self, arguments: Sequence[str], *, stdin: bytes = b"", accepted: tuple[int, ...] = (0,)) -> bytes:
        try:
            done = subprocess.run(
                self._command(arguments),
                cwd=self.root,
                env=_environment(),
                input=stdin,
                capture_output=True,
                timeout=self._timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise GitFailed(f"git {arguments[0]} took longer than {self._timeout:g} s") from late
        except OSError as error:
            raise GitFailed(f"git cannot be run: {error.strerror}") from error
        if done.returncode not in accepted:
            raise GitFailed(_complaint(arguments[0], done.returncode, done.stderr))
        return done.stdout

    def _stream(self, arguments: Sequence[str]) -> Iterator[bytes]:
        try:
            process = subprocess.Popen(
                self._command(arguments),
                cwd=self.root,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise GitFailed(f"git cannot be run: {error.strerror}") from error
        deadline = threading.Timer(self._timeout, process.kill)
        deadline.daemon = True
        deadline.start()
        with process:
            try:
                while process.stdout is not None and (chunk := os.read(process.stdout.fileno(), _CHUNK)):
                    yield chunk
                if process.wait() != 0:
                    raise GitFailed(_complaint(arguments[0], process.returncode, b""))
            finally:
                deadline.cancel()
                process.kill()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT_VARIABLES}
    return {**kept, **_ENVIRONMENT}


def _decoded(answer: bytes) -> list[str]:
    return [os.fsdecode(path) for path in answer.split(b"\0") if path]


def _complaint(command: str, status: int, stderr: bytes) -> str:
    said = stderr.decode("utf-8", "replace").strip().splitlines()
    return f"git {command} failed ({status})" + (f": {said[0]}" if said else "")
