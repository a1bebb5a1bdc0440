"""A history as bytes, for the store.

Left out: `History.by_file`, which follows from the commits; and every older format, which is read from git again.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import orjson

from magnetar.workspace.history import Commit, History, Hunk, index_by_file

_FORMAT = 2
"""Grows when `encode` writes something else."""
_MOST_BYTES = 256 << 20
"""Nothing that `encode` packs is larger."""


def encode(history: History) -> bytes:
    """Packs a history; every path is written once."""
    paths = sorted({*history.hunks, *history.by_file, *(path for files in history.together.values() for path in files)})
    number = {path: index for index, path in enumerate(paths)}
    packed = {
        "format": _FORMAT,
        "head": history.head,
        "paths": paths,
        "commits": [
            [[number[path] for path in commit.files], commit.touched, commit.message, commit.mainline]
            for commit in history.commits
        ],
        "hunks": [
            [number[path], [value for hunk in hunks for value in (hunk.mainline, hunk.start, hunk.end)]]
            for path, hunks in history.hunks.items()
        ],
        "together": [
            [mainline, sorted(number[path] for path in files)] for mainline, files in history.together.items()
        ],
    }
    return zlib.compress(orjson.dumps(packed), level=6)


def decode(packed: bytes) -> History:
    """Unpacks what `encode` packed.

    Raises:
        ValueError: It is damaged or of another format; read the history from git again.
    """
    try:
        inflating = zlib.decompressobj()
        unpacked = inflating.decompress(packed, _MOST_BYTES)
        if not inflating.eof:
            raise ValueError("a history that is cut off, or too large")
        content = orjson.loads(unpacked)
        if content["format"] != _FORMAT:
            raise ValueError(f"a history of format {content['format']}, not {_FORMAT}")
        return _unpack(content, content["paths"])
    except (zlib.error, KeyError, IndexError, TypeError) as damage:
        raise ValueError("a damaged history") from damage


def _unpack(content: dict[str, Any], paths: Sequence[str]) -> History:
    commits = tuple(
        Commit(tuple(paths[index] for index in files), touched, message, mainline)
        for files, touched, message, mainline in content["commits"]
    )
    hunks = {
        paths[index]: tuple(Hunk(*flat[at : at + 3]) for at in range(0, len(flat), 3))
        for index, flat in content["hunks"]
    }
    together = {mainline: frozenset(paths[index] for index in files) for mainline, files in content["together"]}
    return History(content["head"], commits, index_by_file(commits), hunks, together)
