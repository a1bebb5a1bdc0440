"""The command line: reads arguments, makes one call, prints the answer.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 bad usage. Whatever a command does not
need is imported by the others alone, so that `serve` and `--help` start fast.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from magnetar.cli.arguments import parser
from magnetar.cli.terminal import Terminal
from magnetar.errors import MagnetarError

_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A pipe on Windows or in an old locale would refuse what source code is full of.
            stream.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    args = parser().parse_args(argv)
    args.here = _leave_here()
    terminal = Terminal()
    try:
        code: int = args.handler(args, terminal)
        sys.stdout.flush()
    except MagnetarError as error:
        terminal.complain(str(error))
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough; flushing stdout at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _leave_here() -> Path:
    """Goes to Python's own directory, and tells which one the process was started in.

    That may be anybody's repository, and a worker process looks for the standard library where it stands first.
    """
    try:
        here = Path.cwd()
    except FileNotFoundError:  # it was removed meanwhile
        here = Path(sys.prefix)
    os.chdir(sys.prefix)
    return here
