"""Workspaces of any number of files, made of real sources: names, imports and sizes are those of code that people wrote.

The sources are this interpreter's standard library, what is installed beside it, and the repository's own `node_modules`.
Where they do not suffice, whole packages are taken again under another name: some of the words in them are renamed, the
same ones in every file of the package, so that no content comes twice and names still lead from file to file. The same
seed on the same machine makes the same files.

usage: python -m tests.bench.workspaces FOLDER FILES
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from random import Random
from typing import Final
from zlib import crc32

from attrs import frozen

from .machine import REPOSITORY

_ENDINGS: Final = (".py", ".ts", ".tsx", ".js", ".mjs")
_LARGEST: Final = 128 * 1024
_WORD: Final = re.compile(r"[A-Za-z_]\w{3,}")
_RENAMED: Final = 16
"""One of so many words has another name in a package that is taken again."""
_AREAS: Final = ("core", "services", "tools", "clients", "shared", "web", "platform")
_TAGS: Final = (
    "orders", "billing", "search", "users", "events", "reports", "sync", "media", "mail", "queue", "stock", "admin"
)  # fmt: skip
_COMMITS: Final = 40


@frozen
class Package:
    """A package's files by their paths in it."""

    name: str
    files: tuple[tuple[str, Path], ...]


def make_workspace(root: Path, files: int, seed: int = 0) -> None:
    """Writes a folder with so many sources and a git repository around them.

    Raises:
        RuntimeError: There are no sources here.
    """
    packages = list(_packages())
    if not packages:
        raise RuntimeError("There are no sources to make a workspace of.")
    Random(seed).shuffle(packages)
    written = []
    for name, text in _files(packages):
        if len(written) == files:
            break
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
        written.append(name)
    _commit_all(root, written, Random(seed))


def _files(packages: Sequence[Package]) -> Iterator[tuple[str, str]]:
    """Paths and texts, without end: each package once, then each again under another name, and so on."""
    for again in count():
        for package in packages:
            area = _AREAS[crc32(package.name.encode()) % len(_AREAS)]
            tag = "" if again == 0 else f"_{_TAGS[again % len(_TAGS)]}{again // len(_TAGS) or ''}"
            for name, source in package.files:
                text = source.read_text("utf-8", "replace")
                yield f"{area}/{package.name}{tag}/{name}", _renamed(text, package.name, tag, again) if tag else text


def _renamed(text: str, package: str, tag: str, again: int) -> str:
    def rename(match: re.Match[str]) -> str:
        word = match[0]
        renamed = word == package or (len(word) > 6 and crc32(word.encode()) % _RENAMED == again % _RENAMED)
        return word + tag if renamed else word

    return _WORD.sub(rename, text)


def _packages() -> Iterator[Package]:
    """What is installed here, by package; modules that are in none are one of their own."""
    library = Path(sysconfig.get_path("stdlib"))
    installed = (library / "site-packages", Path(sysconfig.get_path("purelib")), REPOSITORY / "node_modules")
    for place in dict.fromkeys((library, *installed)):
        loose = []
        for entry in sorted(place.iterdir()) if place.is_dir() else ():
            if entry.is_file() and entry.suffix in _ENDINGS:
                loose.append((entry.name, entry))
            elif entry.is_dir() and entry not in installed:
                found = tuple((path.relative_to(entry).as_posix(), path) for path in _sources(entry))
                if found:
                    yield Package(entry.name, found)
        if loose:
            yield Package(place.name.replace(".", "_"), tuple(loose))


def _sources(directory: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(directory):
        names[:] = sorted(set(names) - {"__pycache__"})
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix in _ENDINGS and not path.is_symlink() and 0 < path.stat().st_size <= _LARGEST:
                yield path


def _commit_all(root: Path, files: Sequence[str], random: Random) -> None:
    """Commits the files, and then changes to a few neighbours at a time."""

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0")
        speed = ("-c", "core.compression=0", "-c", "core.fsync=none")
        subprocess.run(("git", *identity, *speed, *arguments), cwd=root, check=True, capture_output=True, text=True)

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "Everything so far")
    for number in range(min(_COMMITS, len(files) // 25)):
        at = random.randrange(len(files))
        for name in files[at : at + random.randint(1, 4)]:
            mark = "#" if name.endswith(".py") else "//"
            with (root / name).open("a", encoding="utf-8", newline="") as file:
                file.write(f"\n{mark} revised {number}\n")
        git("commit", "--quiet", "--all", "--message", f"Revise {Path(files[at]).stem}")


if __name__ == "__main__":
    make_workspace(Path(sys.argv[1]), int(sys.argv[2]))
