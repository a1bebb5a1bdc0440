"""The installation itself: what it is made of, and that it does its work."""

from __future__ import annotations

import asyncio
import json
import platform
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from importlib import import_module, metadata

from magnetar.cli.doctor import REINSTALL, Site, Verdict, fail, ok, outcomes_of, warn

_SECONDS = 60


def python(_: Site) -> Verdict:
    """The interpreter is one that magnetar is made for."""
    about = f"{platform.python_implementation()} {platform.python_version()} at {sys.executable}"
    oldest = metadata.metadata("magnetar")["Requires-Python"]
    if not _within(platform.python_version(), oldest):
        return fail(f"{about} is not what magnetar needs: Python {oldest}.", REINSTALL)
    if sys.maxsize < 2**32:
        return warn(f"{about} is a 32-bit build.", "Use a 64-bit Python: large workspaces need the address space.")
    return ok(f"{about}.")


def packages(_: Site) -> Verdict:
    """Every package that magnetar needs is there, in a version that it is made for, and can be imported."""
    required = [line.partition(";")[0] for line in metadata.requires("magnetar") or () if "extra ==" not in line]
    modules = {_normal(name): module for module, owners in metadata.packages_distributions().items() for name in owners}
    outcomes = outcomes_of(partial(_package_problem, line, modules) for line in required)
    broken = [f"{_name(line)} ({outcome})" for line, outcome in zip(required, outcomes, strict=True) if outcome]
    if broken:
        return fail(f"{len(broken)} of {len(required)} packages cannot be used: {', '.join(broken)}.", REINSTALL)
    return ok(f"All {len(required)} packages are there, in versions that go together.")


def _package_problem(requirement: str, modules: dict[str, str]) -> str:
    name = _name(requirement)
    version = metadata.version(name)
    if not _within(version, requirement):
        return f"version {version}, not {requirement.removeprefix(name).strip()}"
    module = modules.get(_normal(name))
    if module is not None:
        import_module(module)
    return ""


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _within(version: str, bounds: str) -> bool:
    """Whether a version keeps the lower and upper bounds that a requirement names, the only kinds that ours have."""
    limits = re.findall(r"(>=|<)\s*([\d.]+)", bounds)
    return all((_numbers(version) >= _numbers(limit)) is (kind == ">=") for kind, limit in limits)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.match(r"[\d.]*", version)[0].strip(".").split(".") if number]  # type: ignore[index]


def grammars(_: Site) -> Verdict:
    """Every language's grammar loads."""
    from magnetar.symbols.grammars import GRAMMARS, grammar

    names = sorted(GRAMMARS)
    outcomes = outcomes_of(partial(grammar, name) for name in names)
    broken = [f"{name} ({out})" for name, out in zip(names, outcomes, strict=True) if isinstance(out, BaseException)]
    if broken:
        return fail(f"Grammars that do not load: {', '.join(broken)}.", REINSTALL)
    return ok(f"The grammars of {len(names)} languages load, and so do their queries.")


def workers(_: Site) -> Verdict:
    """A job is done in a worker process, as always: that starting one works is half of what is checked."""
    from magnetar.symbols.tokens import count_tokens
    from magnetar.workspace.pool import JobFailed, Pool

    pool = Pool(1, niced=False, timeout=_SECONDS)
    try:
        counted = asyncio.run(pool.run(count_tokens, "def main() -> None:\n"))
    except (JobFailed, OSError) as error:
        return fail(
            f"A worker process cannot do its work: {error}.",
            "Look for limits on processes (ulimit -u) or memory (ulimit -v), and for what forbids to start programs.",
        )
    finally:
        pool.close()
    return ok("A worker process starts and counts tokens.") if counted else fail("No token is counted.", REINSTALL)


def sqlite(_: Site) -> Verdict:
    """SQLite can search texts."""
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            db.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
        except sqlite3.OperationalError as error:
            remedy = "Use a Python built with FTS5, such as those of python.org, your system or uv."
            return fail(f"SQLite {sqlite3.sqlite_version} lacks full-text search ({error}).", remedy)
    return ok(f"SQLite {sqlite3.sqlite_version} with full-text search.")


def encoding(_: Site) -> Verdict:
    """File names can be read."""
    found = sys.getfilesystemencoding()
    if found != "utf-8":
        remedy = "Set a UTF-8 locale, such as LANG=C.UTF-8, or PYTHONUTF8=1."
        return warn(f"File names are read as {found}; some may be out of reach.", remedy)
    return ok("File names are read as UTF-8.")


def server(site: Site) -> Verdict:
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
        return fail(f"The language server does not answer: {last[0]}", "Run magnetar serve --log-level debug by hand.")
    return ok("The language server starts, answers and leaves.")
