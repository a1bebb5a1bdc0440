"""Runs checks of an installation. One that breaks is reported as failed and stops no other.

Nothing is mended here; each finding says how to. What is checked stands in `checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TypeVar

from attrs import asdict, frozen

T = TypeVar("T")

REINSTALL = "Install magnetar again; in a clone of its repository: npm run setup."


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
    """What is examined: an installation's cache directory, and a workspace it is to serve."""

    cache_dir: Path
    workspace: Path


Check = Callable[[Site], Verdict]


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
