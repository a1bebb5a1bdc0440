"""What magnetar cannot do without, one check each: the installation first, then what it stands on.

A check looks and says; it changes nothing, and what it raises is `doctor`'s to report.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from importlib import import_module, metadata
from pathlib import Path

from magnetar.cli.doctor import REINSTALL, Check, Site, Status, Verdict, outcomes_of

_ELSEWHERE = "Or choose another directory with --cache-dir or MAGNETAR_CACHE_DIR."
_OLDEST_GIT = (2, 20)
_LITTLE_SPACE = 1024**3
_NO_SPACE = 64 * 1024**2
_SECONDS = 60


def _ok(message: str) -> Verdict:
    return Verdict(Status.OK, message)


def _warn(message: str, remedy: str) -> Verdict:
    return Verdict(Status.WARN, message, remedy)


def _fail(message: str, remedy: str) -> Verdict:
    return Verdict(Status.FAIL, message, remedy)


# -- the installation --------------------------------------------------------------------------------------------------


def _python(_: Site) -> Verdict:
    about = f"{platform.python_implementation()} {platform.python_version()} at {sys.executable}"
    if sys.maxsize < 2**32:
        return _warn(f"{about} is a 32-bit build.", "Use a 64-bit Python: large workspaces need the address space.")
    return _ok(f"{about}.")


def _packages(_: Site) -> Verdict:
    required = [re.match(r"[\w.-]+", line) for line in metadata.requires("magnetar") or () if "extra ==" not in line]
    names = [match[0] for match in required if match]
    modules = {_normal(name): module for module, owners in metadata.packages_distributions().items() for name in owners}
    outcomes = outcomes_of(partial(_import, modules.get(_normal(name)), name) for name in names)
    broken = [f"{name} ({outcome})" for name, outcome in zip(names, outcomes, strict=True) if outcome is not None]
    if broken:
        return _fail(f"{len(broken)} of {len(names)} packages cannot be imported: {', '.join(broken)}.", REINSTALL)
    return _ok(f"All {len(names)} packages can be imported.")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _import(module: str | None, name: str) -> None:
    metadata.version(name)
    if module is not None:
        import_module(module)


def _grammars(_: Site) -> Verdict:
    from magnetar.symbols.grammars import GRAMMARS, grammar

    names = sorted(GRAMMARS)
    outcomes = outcomes_of(partial(grammar, name) for name in names)
    broken = [f"{name} ({out})" for name, out in zip(names, outcomes, strict=True) if isinstance(out, BaseException)]
    if broken:
        return _fail(f"Grammars that do not load: {', '.join(broken)}.", REINSTALL)
    return _ok(f"The grammars of {len(names)} languages load, and so do their queries.")


def _workers(_: Site) -> Verdict:
    """In a worker process, as always: that starting one works is half of what is checked."""
    from magnetar.symbols.tokens import count_tokens
    from magnetar.workspace.pool import JobFailed, Pool

    pool = Pool(1, niced=False, timeout=_SECONDS)
    try:
        counted = asyncio.run(pool.run(count_tokens, "def main() -> None:\n"))
    except JobFailed as error:
        return _fail(f"A worker process cannot do its work: {error}.", "Look for limits on processes or memory.")
    finally:
        pool.close()
    return _ok("A worker process starts and counts tokens.") if counted else _fail("No token is counted.", REINSTALL)


def _server(site: Site) -> Verdict:
    """Speaks to the server the way an editor does: it answers, and leaves when asked to."""
    calls: list[dict[str, object]] = [
        {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    ]
    bodies = [json.dumps({"jsonrpc": "2.0", **call}).encode() for call in calls]
    command = [sys.executable, "-m", "magnetar", "serve", "--cache-dir", str(site.cache_dir)]
    done = subprocess.run(
        command,
        input=b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies),
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    if b'"serverInfo"' not in done.stdout or done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return _fail(f"The language server does not answer: {last[0]}", "Run magnetar serve --log-level debug by hand.")
    return _ok("The language server starts, answers and leaves.")


def _encoding(_: Site) -> Verdict:
    encoding = sys.getfilesystemencoding()
    if encoding != "utf-8":
        remedy = "Set a UTF-8 locale, such as LANG=C.UTF-8, or PYTHONUTF8=1."
        return _warn(f"File names are read as {encoding}; some may be out of reach.", remedy)
    return _ok("File names are read as UTF-8.")


# -- what it stands on -------------------------------------------------------------------------------------------------


def _git(_: Site) -> Verdict:
    program = shutil.which("git")
    if program is None:
        remedy = "Install git for answers that know a project's history; everything else works without."
        return _warn("git is not on PATH.", remedy)
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    found = re.search(r"(\d+)\.(\d+)", done.stdout)
    if found is None:
        said = done.stderr.strip().splitlines()[:1] or ["it says nothing"]
        return _warn(f"{program} does not run: {said[0]}", "Mend or reinstall git.")
    if (int(found[1]), int(found[2])) < _OLDEST_GIT:
        return _warn(f"{done.stdout.strip()} is old.", "Use git 2.20 or newer for answers that know the history.")
    return _ok(f"{done.stdout.strip()}.")


def _sqlite(_: Site) -> Verdict:
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            db.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
        except sqlite3.OperationalError as error:
            remedy = "Use a Python built with FTS5, such as those of python.org, your system or uv."
            return _fail(f"SQLite {sqlite3.sqlite_version} lacks full-text search ({error}).", remedy)
    return _ok(f"SQLite {sqlite3.sqlite_version} with full-text search.")


def _cache_directory(site: Site) -> Verdict:
    directory, nearest = site.cache_dir, _nearest(site.cache_dir)
    try:
        with tempfile.TemporaryDirectory(prefix=".magnetar-", dir=nearest) as probe:
            mode = _journal_mode(Path(probe) / "probe.db")
    except (OSError, sqlite3.Error) as error:
        return _fail(
            f"{directory} cannot be written: {error}.", f"Give yourself the right to write there. {_ELSEWHERE}"
        )
    if mode != "wal":
        return _warn(
            f"{directory} is on a file system without SQLite's write-ahead log.", f"{_ELSEWHERE} Use a local disk."
        )
    if os.name != "nt" and directory.exists() and stat.S_IMODE(directory.stat().st_mode) & 0o077:
        return _warn(f"Others can look into {directory}.", f"chmod 700 {directory}")
    return _ok(f"{directory} can be written, with a write-ahead log.")


def _disk(site: Site) -> Verdict:
    free = shutil.disk_usage(_nearest(site.cache_dir)).free
    if free < _NO_SPACE:
        return _fail("The cache directory's disk is full.", f"Free some space. {_ELSEWHERE}")
    if free < _LITTLE_SPACE:
        return _warn(
            f"Only {free / 1024**2:,.0f} MB are free for the cache.", "It may take up to 2 GB: free some space."
        )
    return _ok(f"{free / 1024**3:,.0f} GB are free for the cache.")


def _nearest(path: Path) -> Path:
    """The path itself, or the closest of its parents that exists."""
    return next(place for place in (path, *path.parents) if place.exists())


def _journal_mode(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        ((mode,),) = db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute("CREATE TABLE probe(value)")
        return str(mode)


def _databases(site: Site) -> Verdict:
    paths = sorted(site.cache_dir.glob("v*/**/*.db"))
    outcomes = outcomes_of(partial(_database_problem, path) for path in paths)
    problems = [f"{path} ({problem})" for path, problem in zip(paths, outcomes, strict=True) if problem]
    if problems:
        remedy = "Delete what is damaged: it is built anew from your files. What is locked is in use; close the other."
        return _fail(f"{', '.join(problems)}.", remedy)
    size = sum(path.stat().st_size for path in paths)
    return _ok(f"{len(paths)} databases are sound, {size / 1024**2:,.1f} MB." if paths else "Nothing is cached yet.")


def _database_problem(path: Path) -> str:
    with closing(sqlite3.connect(path.resolve().as_uri() + "?mode=rw", uri=True, timeout=5)) as db:
        try:
            ((said,), *_) = db.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.DatabaseError as error:
            return str(error)
    return "" if said == "ok" else str(said)


def _watching(site: Site) -> Verdict:
    limits = Path("/proc/sys/fs/inotify")
    if not limits.is_dir():
        return _ok(f"{platform.system()} watches whole folders; there is no limit to check.")
    watches = int((limits / "max_user_watches").read_text())
    needed = _count_folders(site.workspace, watches)
    if needed >= watches:
        remedy = "sudo sysctl fs.inotify.max_user_watches=524288; until then changes are found by looking again."
        return _warn(f"{site.workspace} has more folders than the {watches:,} that may be watched.", remedy)
    return _ok(f"{needed:,} of the {watches:,} folders that may be watched.")


def _count_folders(root: Path, most: int) -> int:
    """Folders under `root`, dependencies and git's own left out; no further than `most`."""
    count = 0
    for _, folders, _ in os.walk(root):
        folders[:] = [name for name in folders if name not in {".git", "node_modules", ".venv"}]
        count += 1
        if count >= most:
            break
    return count


CHECKS: Mapping[str, Check] = {
    "Python": _python,
    "packages": _packages,
    "grammars": _grammars,
    "workers": _workers,
    "git": _git,
    "SQLite": _sqlite,
    "cache": _cache_directory,
    "disk": _disk,
    "databases": _databases,
    "watching": _watching,
    "encoding": _encoding,
    "server": _server,
}
"""Every check with its name, in the order they are run."""
