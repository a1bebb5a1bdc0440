"""Reading one file safely: only a regular file, only inside its folder, only so many bytes, only text.

What it refuses it refuses with the protocol's reason. It leaves out whether the file may be read (`gate.py`) and which
lines of it may be shown (`secrets.py`).
"""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
from pathlib import Path

from attrs import frozen

from magnetar.files.fingerprint import Fingerprint
from magnetar.model import DropReason

Refusal = DropReason
"""Why a file was not read: missing, outsideWorkspace, unreadable, tooLarge or binary."""

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO without a writer opens at once instead of never
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark starts with that one's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY = ("cp1252", "cp1251", "cp1253", "cp1254", "koi8_r", "cp932", "euc_jp", "cp949", "gb18030", "big5")
"""Encodings that are guessed; all leave ASCII, and with it line ends, as it is."""
_SAMPLE = 8_192
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b\b"))
_MAGIC = (b"%PDF-", b"\x1f\x8b", b"\xff\xd8\xff", b"!<arch>\n", b"SQLite format 3")
_FOLDER_FLAGS = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
"""`O_PATH` asks for no right to list a directory, which its files can be read without."""


@frozen
class Text:
    """A file's text as it was on disk at one moment."""

    text: str
    """Line ends as they were; a byte order mark is taken off, bytes that mean nothing are U+FFFD."""
    sha256: str
    """Over the disk's bytes."""
    encoding: str
    fingerprint: Fingerprint
    """Taken before the first byte was read."""


def resolve_inside(root: Path, path: Path) -> Path | None:
    """The real path of `path`, links followed, or None where it leads out of `root` or in circles."""
    try:
        real = Path(os.path.realpath(path, strict=False))
        return real if real.is_relative_to(os.path.realpath(root)) else None
    except (OSError, ValueError):
        return None


def read_text(root: Path, path: Path, max_bytes: int) -> Text | Refusal:
    """Reads a text file that lies in `root`, named by its real path: whoever judged that judged what is read.

    A file that is swapped for something else meanwhile is refused, never read from elsewhere.
    """
    opened = open_inside(root, path)
    if isinstance(opened, DropReason):
        return opened
    with os.fdopen(opened, "rb") as file:
        fingerprint = Fingerprint.of(os.fstat(opened))
        if fingerprint.size > max_bytes:
            return DropReason.TOO_LARGE
        try:
            data = file.read(max_bytes + 1)  # it may grow meanwhile
        except OSError:
            return DropReason.UNREADABLE
    if len(data) > max_bytes:
        return DropReason.TOO_LARGE
    decoded = decode(data)
    if decoded is None:
        return DropReason.BINARY
    text, encoding = decoded
    return Text(text, hashlib.sha256(data).hexdigest(), encoding, fingerprint)


def open_inside(root: Path, path: Path) -> int | Refusal:
    """Opens a regular file that lies in `root`, named by its real path; the descriptor is the caller's to close.

    No link is followed. What was opened is compared with what then stands at the path, so that a link put in its way,
    be it to a place outside or to one inside that nobody may read, is noticed.
    """
    refusal = _detour(root, path)
    if refusal is not None:
        return refusal
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):  # opening a device can have effects
            return DropReason.UNREADABLE
        descriptor = _open_without_links(root, path)
    except (FileNotFoundError, NotADirectoryError):
        return DropReason.MISSING
    except (OSError, ValueError):
        return DropReason.UNREADABLE
    refusal = _refused(root, path, descriptor)
    if refusal is not None:
        os.close(descriptor)
        return refusal
    return descriptor


def _open_without_links(root: Path, path: Path) -> int:
    """Opens a file below `root` directory by directory where the system can, so that none can be swapped for a link meanwhile."""
    if os.open not in os.supports_dir_fd:
        return os.open(path, _FLAGS)
    *folders, name = path.relative_to(root).parts
    directory = os.open(root, _FOLDER_FLAGS)
    try:
        for folder in folders:
            inner = os.open(folder, _FOLDER_FLAGS, dir_fd=directory)
            os.close(directory)
            directory = inner
        return os.open(name, _FLAGS, dir_fd=directory)
    finally:
        os.close(directory)


def read_small(path: Path, max_bytes: int, *, follow: bool) -> bytes | None:
    """A small regular file, such as an ignore file; None where there is none, or a larger one. It never waits.

    Args:
        path: The file, which may lie anywhere.
        max_bytes: Larger ones are not read.
        follow: Whether the path may be a link.
    """
    try:
        if not stat.S_ISREG(path.stat(follow_symlinks=follow).st_mode):
            return None
        descriptor = os.open(path, _FLAGS & ~getattr(os, "O_NOFOLLOW", 0) if follow else _FLAGS)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(max_bytes + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    except (OSError, ValueError):
        return None
    return data if len(data) <= max_bytes else None


def _detour(root: Path, path: Path) -> Refusal | None:
    """Why a path is none that lies in `root` and leads there without a link."""
    real = resolve_inside(root, path)
    if real is None:
        return DropReason.OUTSIDE_WORKSPACE
    return None if os.path.normcase(real) == os.path.normcase(path) else DropReason.UNREADABLE


def _refused(root: Path, path: Path, descriptor: int) -> Refusal | None:
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return DropReason.UNREADABLE
        refusal = _detour(root, path)
        replaced = refusal is None and not os.path.samestat(status, os.lstat(path))
    except FileNotFoundError:
        return DropReason.MISSING
    except OSError:
        return DropReason.UNREADABLE
    return DropReason.OUTSIDE_WORKSPACE if replaced else refusal


def is_binary(data: bytes) -> bool:
    """Whether bytes are no text: a NUL (unless UTF-16 or UTF-32), a known format's first bytes, or too many controls."""
    if data.startswith(_MAGIC):
        return True
    if _wide_encoding(data) is not None:
        return False
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return b"\0" in data or controls * 20 > len(sample)


def decode(data: bytes) -> tuple[str, str] | None:
    """The text in some bytes and the name of its encoding; None where they are no text."""
    if is_binary(data):
        return None
    wide = _wide_encoding(data)
    if wide is not None:
        text = data.decode(wide, "replace").removeprefix("\ufeff")
        return None if "\0" in text else (text, wide)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        encoding = _guessed_encoding(data, error.start)
        return data.decode(encoding, "replace"), encoding


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32, by its mark or, without one, by every other byte of mostly Latin text being NUL."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:_SAMPLE]
    pairs = len(sample) // 2
    if pairs < 4 or b"\0" not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd * 10 > pairs * 7 and even * 20 < pairs:
        return "utf-16-le"
    if even * 10 > pairs * 7 and odd * 20 < pairs:
        return "utf-16-be"
    return None


def _guessed_encoding(data: bytes, wrong_at: int) -> str:
    """The likeliest of `_LEGACY` for text that is not UTF-8; UTF-8 all the same where hardly anything in it is wrong."""
    import charset_normalizer

    wrong = data.decode("utf-8", "replace").count("\ufffd")
    if wrong * 1_000 < len(data) and len(data) > _SAMPLE:
        return "utf-8"
    start = data.rfind(b"\n", 0, wrong_at) + 1
    end = data.find(b"\n", wrong_at + _SAMPLE)
    around = data[start : end if 0 <= end < wrong_at + 8 * _SAMPLE else wrong_at + _SAMPLE]
    best = charset_normalizer.from_bytes(around, cp_isolation=list(_LEGACY), enable_fallback=False).best()
    return best.encoding if best is not None else _LEGACY[0]
