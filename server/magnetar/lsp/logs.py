"""Warnings of magnetar's own, passed on to the clients."""

from __future__ import annotations

import logging
from collections.abc import Callable

from lsprotocol import types


class ClientHandler(logging.Handler):
    """Passes magnetar's own warnings and errors on, one line each; `send` may be called from any thread."""

    def __init__(self, send: Callable[[types.MessageType, str], None]) -> None:
        super().__init__(logging.WARNING)
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        """Sends the record's message, without its exception."""
        kind = types.MessageType.Error if record.levelno >= logging.ERROR else types.MessageType.Warning
        self._send(kind, record.getMessage())
