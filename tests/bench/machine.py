"""What the figures were measured on: machine, interpreter, libraries, commit."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from tests.redis_server import PROGRAM

REPOSITORY: Final = Path(__file__).parents[2]
RESULTS: Final = Path(__file__).with_name("RESULTS.md")

_LIBRARIES: Final = ("aiosqlite", "orjson", "redis", "hiredis", "cachetools", "cashews", "diskcache")


def describe() -> dict[str, str]:
    """Names and values, in the order in which they should be read."""
    return {
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "commit": _commit(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "load before": _load(),
        "Python": f"{platform.python_implementation()} {platform.python_version()} ({sys.platform}), SQLite {sqlite3.sqlite_version}",
        "libraries": ", ".join([*filter(None, map(_library, _LIBRARIES)), _server()]),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _library(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def _server() -> str:
    if PROGRAM is None:
        return "no Redis server"
    words = _run(PROGRAM, "--version").split()
    return next((f"Redis server {word.removeprefix('v=')}" for word in words if word.startswith("v=")), PROGRAM)


def _commit() -> str:
    changed = _run("git", "status", "--porcelain", "--", ".", f":!{RESULTS.relative_to(REPOSITORY).as_posix()}")
    return _run("git", "rev-parse", "--short", "HEAD") + (" and uncommitted changes" if changed else "")


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=False)
    return done.stdout.strip()
