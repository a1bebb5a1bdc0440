"""What the system grants a process: descriptors, memory, and a clock that can be believed."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

import psutil

import magnetar
from magnetar.cli.checks.storage import nearest
from magnetar.cli.doctor import Site, Verdict, ok, warn

_FEW_DESCRIPTORS = 256
_LITTLE_MEMORY = 1024**3
"""Bytes: a server takes about 100 MB, each worker that reads a workspace up to 200 more."""
_LITTLE_ADDRESS_SPACE = 2 * 1024**3
_SKEW = 60.0
"""Seconds that clocks may differ."""
_CONTROL_GROUPS = Path("/sys/fs/cgroup")
_OWN_CONTROL_GROUP = Path("/proc/self/cgroup")


def descriptors(_: Site) -> Verdict:
    """A process may have enough files open."""
    if sys.platform == "win32":
        return ok("There is no limit on open files to check.")
    import resource

    limit, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return ok("A process may have any number of files open at once.")
    if limit < _FEW_DESCRIPTORS:
        remedy = "Raise the limit where the editor is started: ulimit -n 1024."
        return warn(f"A process may have only {limit:,} files open at once.", remedy)
    return ok(f"A process may have {limit:,} files open at once.")


def memory(_: Site) -> Verdict:
    """There is room for a server and its workers."""
    found = _address_space()
    if found is not None and found < _LITTLE_ADDRESS_SPACE:
        remedy = "Raise the limit where the editor is started: ulimit -v unlimited."
        return warn(f"A process may have only {_megabytes(found)} of address space.", remedy)
    limit = min(_control_group_limits(), default=None)
    if limit is not None and limit < _LITTLE_MEMORY:
        remedy = "Give the container or the service 1 GB or more, or index large workspaces elsewhere."
        return warn(f"This process's control group may use only {_megabytes(limit)} of memory.", remedy)
    available = psutil.virtual_memory().available
    if available < _LITTLE_MEMORY // 2:
        return warn(f"Only {_megabytes(available)} of memory are free.", "Close what takes much of it.")
    return ok(f"{_megabytes(available)} of memory are free.")


def _address_space() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    limit, _most = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def _control_group_limits() -> Iterator[int]:
    """What the control groups that this process is in may use, in bytes; none where there are no such groups."""
    try:
        named = _OWN_CONTROL_GROUP.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in named:
        number, _, path = line.split(":", 2)
        own = Path(path.lstrip("/"))
        for group in (own, *own.parents) if number == "0" else ():
            with suppress(OSError, ValueError):  # there is none, or it is "max"
                yield int((_CONTROL_GROUPS / group / "memory.max").read_text("ascii"))


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:,.0f} MB"


def clock(site: Site) -> Verdict:
    """The system's clock agrees with the times of files, by which changes are told."""
    now = time.time()
    stamped = _stamp(site)
    if stamped is not None and abs(stamped - now) > _SKEW:
        remedy = "Synchronise the clocks of this machine and of the one that has the disk (NTP)."
        return warn(f"The file system's clock differs from this machine's by {abs(stamped - now):,.0f} s.", remedy)
    latest = max(_known_times(site), default=0.0)
    if latest > now + _SKEW:
        return warn(
            f"It is {_day(now)} by this machine's clock, but a file of magnetar was written on {_day(latest)}.",
            "Set the clock, by NTP where possible. If it is right, it was wrong before: magnetar clear forgets that time.",
        )
    return ok(f"It is {_day(now)}, and no file of magnetar is newer.")


def _stamp(site: Site) -> float | None:
    """The time that a file gets which is written now; None where none can be written, which other checks tell."""
    try:
        with tempfile.TemporaryFile(prefix=".magnetar-", dir=nearest(site.cache_dir)) as probe:
            probe.write(b"?")
            probe.flush()
            return os.fstat(probe.fileno()).st_mtime
    except OSError:
        return None


def _known_times(site: Site) -> Iterator[float]:
    """When magnetar was installed, and when it last wrote a database."""
    yield Path(magnetar.__file__).stat().st_mtime
    with suppress(OSError):  # other checks tell
        for path in site.cache_dir.glob("v*/**/*.db"):
            yield path.stat().st_mtime


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
