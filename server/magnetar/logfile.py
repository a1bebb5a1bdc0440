"""A server process's own log file: one JSON object a line, for whoever looks into a problem later.

Each process has a file of its own, so that none waits for another, and the files of ended processes go once there are
enough newer ones. No line holds contents: an exception is its type and where it happened, credentials are cut out of URLs, and the user's
home is `~`.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LOGGER = "magnetar"
"""What other packages log may quote messages; it goes to stderr alone."""
_MOST_BYTES = 512 * 1024
"""Of a file; there is one older one for each process."""
_KEPT = 8
"""Files of ended processes."""
_LONGEST_MESSAGE = 2_000
_CREDENTIALS = re.compile(r"(?<=://)(?<!file://)\S*@")
"""Up to the last `@`, since a password may hold what should have been encoded; a file's URI holds none."""


def log_directory(cache_dir: Path) -> Path:
    """Where log files are."""
    return cache_dir / "logs"


def log_to_file(cache_dir: Path, name: str, level: str) -> None:
    """Logs to a file, too, from INFO up, or from `level` where that is lower; where none can be written, a warning says so.

    Args:
        cache_dir: The cache directory.
        name: What kind of process this is.
        level: The lowest level that stderr is told.
    """
    logger = logging.getLogger(_LOGGER)
    directory = log_directory(cache_dir)
    try:
        for each in (*reversed(directory.parents), directory):
            each.mkdir(0o700, exist_ok=True)
        _remove_old(directory)
        handler = _LogFile(directory / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.jsonl")
    except OSError as error:
        logger.warning("No log can be written in %s: %s.", directory, error.strerror)
        return
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    logger.setLevel(min(logging.INFO, logging.getLevelName(level.upper())))


def log_file() -> Path | None:
    """The file that this process logs to."""
    handlers = logging.getLogger(_LOGGER).handlers
    return next((Path(each.baseFilename) for each in handlers if isinstance(each, RotatingFileHandler)), None)


def log_tail(cache_dir: Path, most: int) -> list[str]:
    """The latest lines of all log files together, oldest first; none where there are no files, or none can be read."""
    lines = [line for path in _files(log_directory(cache_dir)) for line in _lines(path)]
    return sorted(lines)[-most:]  # each begins with its time


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time (UTC), level, logger, message, and the type and places of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": discreet(record.getMessage())[:_LONGEST_MESSAGE],
        }
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, frames = record.exc_info
            fields["exception"] = kind.__qualname__
            fields["at"] = [
                f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(frames)
            ]
        return json.dumps(fields, ensure_ascii=False)


def discreet(text: str) -> str:
    """A text without the credentials of URLs, and with `~` for the user's home."""
    text = _CREDENTIALS.sub("", text)
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    if len(Path(home).parts) < 2:
        return text
    return re.sub(rf"(?<![\w.-]){re.escape(home)}(?![\w-])", "~", text)


class _LogFile(RotatingFileHandler):
    """A file for its owner alone, of limited size; that it cannot be written, on a full disk say, disturbs nobody."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_MOST_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace")

    def _open(self) -> TextIOWrapper:
        def private(path: str, flags: int) -> int:
            return os.open(path, flags, 0o600)

        return open(  # type: ignore[return-value]
            self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=private
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """Lets a line go."""


def _files(directory: Path) -> list[Path]:
    """Log files, the latest last."""
    return sorted((path for path in directory.glob("*.jsonl*")), key=_written)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0  # another process removed it


def _lines(path: Path) -> Iterator[str]:
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return
    yield from (line for line in text.splitlines() if line.startswith("{"))


def _remove_old(directory: Path) -> None:
    """Removes files of ended processes, but for the latest."""
    import psutil

    ended = [path for path in _files(directory) if not psutil.pid_exists(_process_of(path))]
    for path in ended[:-_KEPT]:
        with suppress(OSError):  # somebody reads it, on Windows
            path.unlink()


def _process_of(path: Path) -> int:
    number = path.name.partition(".")[0].rpartition("-")[2]
    return int(number) if number.isdigit() else 0
