"""What every server process shares, whatever it speaks: logging without contents, signals, and a limit on its end.

An exception is logged by its type and where it happened, never by its text, which may quote what was being read.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

CLOSE_SECONDS = 2.0
"""What the service is given to close."""
EXIT_SECONDS = 3.5
"""After this the process ends, closed or not."""

_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
_EXC_INFO = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """Shows the frames and the type of an exception, not its text."""

    def formatException(self, ei: _EXC_INFO) -> str:  # noqa: N802 - the standard library's name
        """The frames, innermost last, and the type."""
        kind, _, frames = ei
        name = "unknown error" if kind is None else kind.__qualname__
        return "".join(traceback.format_tb(frames)) + name


def log_to_stderr(level: str) -> None:
    """Sends magnetar's own logging to stderr, from `level` up; that of libraries, which log what they handle, from a warning up.

    Args:
        level: The lowest level that is logged.

    Raises:
        ValueError: There is no such level.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level.upper())  # magnetar's own loggers may be told to log more, for a file
    handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_is_discreet)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _is_discreet(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] == "magnetar"


def log_failure(_loop: asyncio.AbstractEventLoop, failure: Mapping[str, Any]) -> None:
    """What the event loop calls for an error nobody took; its own report would quote the message being handled."""
    error = failure.get("exception")
    logging.getLogger(__name__).error("a background step failed (%s)", type(error).__name__, exc_info=error)


def on_signal(stop: Callable[[int], None]) -> None:
    """Ends cleanly on a signal, with the exit code a shell expects: 128 and the signal's number."""
    loop = asyncio.get_running_loop()
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:  # as under nohup
            continue
        try:
            loop.add_signal_handler(number, stop, 128 + number)
        except NotImplementedError:  # Windows, whose loops wake up for Python's own handlers
            signal.signal(number, lambda received, _: loop.call_soon_threadsafe(stop, 128 + received))


def limit_exit(code: int) -> None:
    """Ends the process after a while, whatever thread or child may keep it."""
    timer = threading.Timer(EXIT_SECONDS, os._exit, (code,))
    timer.daemon = True
    timer.start()
