"""Logging without contents: to stderr, and warnings to the clients.

An exception is logged by its type and where it happened, never by its text, which may quote what was being read.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from lsprotocol import types

_EXC_INFO = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """Shows the frames and the type of an exception, not its text."""

    def formatException(self, ei: _EXC_INFO) -> str:  # noqa: N802 - the standard library's name
        """The frames, innermost last, and the type."""
        kind, _, frames = ei
        name = "unknown error" if kind is None else kind.__qualname__
        return "".join(traceback.format_tb(frames)) + name


class ClientHandler(logging.Handler):
    """Passes magnetar's own warnings and errors on, one line each; `send` may be called from any thread."""

    def __init__(self, send: Callable[[types.MessageType, str], None]) -> None:
        super().__init__(logging.WARNING)
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        """Sends the record's message, without its exception."""
        kind = types.MessageType.Error if record.levelno >= logging.ERROR else types.MessageType.Warning
        self._send(kind, record.getMessage())


def log_failure(_loop: asyncio.AbstractEventLoop, failure: Mapping[str, Any]) -> None:
    """What the event loop calls for an error nobody took; its own report would quote the message being handled."""
    error = failure.get("exception")
    logging.getLogger(__name__).error("a background step failed (%s)", type(error).__name__, exc_info=error)


def log_to_stderr(level: str) -> None:
    """Sends all logging to stderr, from `level` up.

    Raises:
        ValueError: There is no such level.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(DiscreetFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # pygls logs whole messages below a warning.
    logging.getLogger("pygls").setLevel(logging.WARNING)
