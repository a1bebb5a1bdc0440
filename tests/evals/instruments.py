"""The shared instruments: where they lie, and how they are run.

They are a dependency beside the project and judge it from outside, so they are run as they are, never copied in.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
VARIABLE = "MAGNETAR_SHARED"


class InstrumentsMissing(Exception):
    """The instruments are not where they are looked for."""


def instrument(name: str) -> Path:
    """One of the instruments, a program.

    Raises:
        InstrumentsMissing: There is no such file; the message says where it was looked for and what to set.
    """
    named = os.environ.get(VARIABLE)
    shared = (ROOT / named).resolve() if named else ROOT.parent / "shared"
    program = shared / "evals" / name
    if not program.is_file():
        how = f"${VARIABLE} names {shared}" if named else f"${VARIABLE} is not set, so {shared} was tried"
        raise InstrumentsMissing(f"{program} is not there: {how}. Set ${VARIABLE} to the folder that holds evals/.")
    return program


def measure(name: str, arguments: Sequence[str]) -> str:
    """Runs an instrument at the root of the repository; gives what it prints, its complaints go to the terminal.

    Raises:
        InstrumentsMissing: It is not there.
        subprocess.CalledProcessError: It failed.
    """
    command = [sys.executable, str(instrument(name)), *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout


def json_rows(printed: str) -> list[dict[str, Any]]:
    """The JSON objects among the lines an instrument printed."""
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
