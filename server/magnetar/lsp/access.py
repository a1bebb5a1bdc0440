"""Who may connect by TCP: only this machine, and only who knows the token."""

from __future__ import annotations

import contextlib
import hmac
import ipaddress
import logging
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from magnetar.errors import MagnetarError

_MOST_LETTERS = 1_024
_logger = logging.getLogger(__name__)


class TokenUnavailable(MagnetarError):
    """The token's file can neither be read nor written."""


def is_loopback(host: str) -> bool:
    """Whether an address can only be reached from this machine; of names, only `localhost` counts."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def access_token(file: Path) -> str:
    """`$MAGNETAR_TOKEN`, else what stands in `file`, which is made, for its owner alone, where it is missing.

    Raises:
        TokenUnavailable: The file can neither be read nor written.
    """
    given = os.environ.get("MAGNETAR_TOKEN")
    if given:
        return given
    try:
        return _read(file) or _create(file)
    except OSError as error:
        raise TokenUnavailable(f"cannot use {file} for the access token: {error.strerror}") from error


def holds_token(options: Any, token: str) -> bool:
    """Whether `initializationOptions` hold the token, in a time that tells nothing."""
    given = options.get("token") if isinstance(options, Mapping) else None
    return isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _read(file: Path) -> str:
    """The token in a file; empty where there is none, or where others could have read it.

    Where the file system keeps no modes, a new one would be no safer, and would lock out who has this one.
    """
    try:
        with file.open(encoding="ascii", errors="replace") as opened:
            if _is_open_to_others(opened.fileno()):
                if not _stays_open(opened.fileno()):
                    return ""
                _logger.warning("%s cannot be closed to others: its file system keeps no modes", file)
            return opened.read(_MOST_LETTERS).strip()
    except FileNotFoundError:
        return ""


def _is_open_to_others(descriptor: int) -> bool:
    return os.name != "nt" and bool(stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077)


def _stays_open(descriptor: int) -> bool:
    """Whether a file of ours is open to others even after its mode was changed."""
    if os.fstat(descriptor).st_uid != os.getuid():
        return False
    with contextlib.suppress(PermissionError):  # what some such file systems answer
        os.fchmod(descriptor, 0o600)
    return _is_open_to_others(descriptor)


def _create(file: Path) -> str:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    token = secrets.token_urlsafe(32)
    file.unlink(missing_ok=True)  # others may have opened it
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(token + "\n")
    return token
