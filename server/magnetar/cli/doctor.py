"""Runs checks of an installation. One that breaks is reported as failed and stops no other.

Nothing is mended here; each finding says how to. What is checked stands in `checks`.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from attrs import asdict, field, frozen

from magnetar.config import Settings, cache_directory, parse_settings
from magnetar.errors import InvalidArguments
from magnetar.logfile import log_directory, log_tail
from magnetar.version import __version__

T = TypeVar("T")

REINSTALL = "Install magnetar again; in a clone of its repository: npm run setup."
_TAIL = 200
"""Lines of the log that a report holds."""


class Status(str, Enum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@frozen
class Verdict:
    """What a check found, in a sentence, and what to do where that is needed."""

    status: Status
    message: str
    remedy: str = ""


def ok(message: str, remedy: str = "") -> Verdict:
    """All is well; a remedy is for whoever wants it otherwise."""
    return Verdict(Status.OK, message, remedy)


def warn(message: str, remedy: str) -> Verdict:
    """Magnetar works, but worse than it could."""
    return Verdict(Status.WARN, message, remedy)


def fail(message: str, remedy: str) -> Verdict:
    """Something that magnetar needs does not work."""
    return Verdict(Status.FAIL, message, remedy)


@frozen
class Finding:
    """A verdict with the name of its check."""

    name: str
    status: Status
    message: str
    remedy: str

    def to_dict(self) -> dict[str, str]:
        """As it is printed with `--format json`."""
        return asdict(self, value_serializer=lambda _, __, value: value.value if isinstance(value, Status) else value)


@frozen
class Site:
    """What is examined: an installation's cache directory, a workspace it is to serve, and the settings it gets."""

    cache_dir: Path
    workspace: Path
    raw: Mapping[str, Any] = field(factory=dict)
    """The settings as they came, with those that are the editor's own."""

    @property
    def settings(self) -> Settings:
        """The settings that are in force."""
        return parse_settings(self.raw)[0]


Check = Callable[[Site], Verdict]


def site_of(workspace: Path, override: Path | None, settings: str) -> Site:
    """What is to be examined.

    Args:
        workspace: The folder.
        override: A cache directory that was asked for.
        settings: JSON, as an editor has it under `magnetar`; empty for none.

    Raises:
        InvalidArguments: The settings are no JSON object.
    """
    import orjson

    try:
        raw = orjson.loads(settings) if settings.strip() else {}
    except orjson.JSONDecodeError as error:
        # Not from the driver's error, which may quote a password.
        raise InvalidArguments(f"The settings are no JSON: line {error.lineno}, column {error.colno}.") from None
    if not isinstance(raw, dict):
        raise InvalidArguments("The settings must be a JSON object.")
    return Site(cache_directory(parse_settings(raw)[0], override), workspace, raw)


def report(site: Site, findings: Iterable[Finding]) -> dict[str, Any]:
    """All that is known of an installation, as it is printed with `--json`: what was found, what it is made of, the log's end."""
    return {
        "checks": [finding.to_dict() for finding in findings],
        "about": {
            "magnetar": __version__,
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "system": f"{platform.platform()}, {os.cpu_count()} processors",
            "encoding": sys.getfilesystemencoding(),
        },
        "logDirectory": str(log_directory(site.cache_dir)),
        "log": log_tail(site.cache_dir, _TAIL),
    }


def examine(site: Site, checks: Mapping[str, Check]) -> list[Finding]:
    """Runs checks in order."""
    outcomes = outcomes_of(partial(check, site) for check in checks.values())
    return [_finding(name, outcome) for name, outcome in zip(checks, outcomes, strict=True)]


def _finding(name: str, outcome: Verdict | BaseException) -> Finding:
    if isinstance(outcome, BaseException):
        said = f"{type(outcome).__name__}: {outcome}".strip(": ")
        return Finding(name, Status.FAIL, f"This could not be checked: {said}", REINSTALL)
    return Finding(name, outcome.status, outcome.message, outcome.remedy)


def outcomes_of(jobs: Iterable[Callable[[], T]]) -> list[T | BaseException]:
    """Runs jobs one after the other; what one raises is its outcome, whatever it is."""
    with ThreadPoolExecutor(1) as runner:
        futures = [runner.submit(job) for job in jobs]
    return [future.exception() or future.result() for future in futures]
