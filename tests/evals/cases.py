"""Context cases from git histories: each task's workspace at the commit before it, built from blobs without a checkout.

Tasks come from `make_tasks.py` of the shared instruments. Facts and histories are kept on disk by content, so a second
run over the same tasks takes seconds.
"""

from __future__ import annotations

import json
import pickle
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from magnetar.context.content import Floats
from magnetar.symbols.build import VERSION, build_facts
from magnetar.workspace.documents import Source
from magnetar.workspace.history import load_history

from .memory_workspace import MemoryWorkspace

MOST_BYTES = 1_048_576
"""Larger files are not indexed, so they are in no workspace here."""


def read_tasks(path: Path, every: int = 1) -> list[dict[str, Any]]:
    """The tasks of a file."""
    return [json.loads(line) for line in path.read_text().splitlines()][::every]


class Repository:
    """One clone, and what was computed from it."""

    def __init__(self, gitdir: str, cache: Path) -> None:
        self.gitdir = gitdir
        self._cache = cache / Path(gitdir).parent.name
        self._cache.mkdir(parents=True, exist_ok=True)
        self._clone = self._cache / "clone"
        if not self._clone.exists():
            _git(".", "clone", "-q", "--shared", "--no-checkout", "--no-tags", gitdir, str(self._clone))
        self._store = self._cache / f"facts-{VERSION}.pickle"
        self._built: dict[tuple[str, str], Any] = pickle.loads(self._store.read_bytes()) if self._store.exists() else {}
        self._texts: dict[str, str | None] = {}
        self._known = len(self._built)

    def save(self) -> None:
        """Keeps the facts for the next run."""
        if len(self._built) > self._known:
            self._store.write_bytes(pickle.dumps(self._built))
            self._known = len(self._built)

    def workspace(self, commit: str) -> MemoryWorkspace:
        """The workspace as of a commit."""
        rows = _git(self.gitdir, "ls-tree", "-r", "-l", "-z", commit).split("\0")
        blobs: dict[str, str] = {}
        for row in filter(None, rows):
            meta, path = row.split("\t", 1)
            mode, kind, oid, size = meta.split()
            if kind == "blob" and mode != "120000" and size.isdigit() and int(size) <= MOST_BYTES:
                blobs[path] = oid
        self._read(blobs.values())
        texts = {path: text for path, oid in blobs.items() if (text := self._texts[oid]) is not None}
        built: dict[str, tuple[Any, Mapping[str, int]]] = {}
        for path, text in texts.items():
            key = (blobs[path], path)
            if key not in self._built:
                made = build_facts(path, text)
                self._built[key] = (made.facts, Counter(made.lexicon.split()))
            built[path] = self._built[key]
        return MemoryWorkspace(texts, self._history(commit), built=built)

    def _history(self, commit: str) -> Any:
        kept = self._cache / f"history-{commit}.pickle"
        if not kept.exists():
            _git(str(self._clone), "update-ref", "--no-deref", "HEAD", commit)
            _git(str(self._clone), "read-tree", commit)
            kept.write_bytes(pickle.dumps(load_history(self._clone, seconds=120)))
        return pickle.loads(kept.read_bytes())

    def _read(self, oids: Any) -> None:
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self._texts]
        out = subprocess.run(
            ["git", "-C", self.gitdir, "cat-file", "--batch"],
            input="\n".join(wanted).encode() + b"\n" if wanted else b"",
            capture_output=True,
            check=True,
        ).stdout
        at = 0
        for oid in wanted:
            end = out.index(b"\n", at)
            size = int(out[at:end].split()[2])
            data = out[end + 1 : end + 1 + size]
            at = end + 2 + size
            binary = b"\0" in data[:8000]
            self._texts[oid] = None if binary else data.decode("utf-8", "replace")


def score_lines(
    workspace: MemoryWorkspace, shown: Mapping[str, str], gold: Mapping[str, Any]
) -> dict[str, float | None]:
    """Recall of gold files and the share of their changed lines that can be read, as the shared instrument counts."""
    hit = [path for path in gold if path in shown]
    seen = total = 0
    for path, hunks in gold.items():
        lines = "".join(workspace.lines(path)).splitlines()
        read = {line.strip() for line in shown.get(path, "").splitlines()}
        for first, last in hunks:
            for line in lines[first - 1 : last]:
                if len(line.strip()) > 3:
                    total += 1
                    seen += line.strip() in read
    return {"recall": len(hit) / len(gold), "lines": seen / total if total else None}


def changed_lines(lines: Sequence[str], hunks: Iterable[Sequence[int]]) -> dict[int, int]:
    """Lines, from zero, that count as changed."""
    wanted = {line for first, last in hunks for line in range(first - 1, last)}
    return {line: 1 for line in wanted if line < len(lines) and len(lines[line].strip()) > 3}


def changes(source: Source, hunks: Iterable[Sequence[int]]) -> Floats:
    """(pieces,) how many changed lines stand in each piece."""
    changed = np.zeros(source.facts.line_count + 1)
    for line, count in changed_lines(source.lines, hunks).items():
        changed[line + 1] = count
    before = np.cumsum(changed)
    found: Floats = before[source.facts.ends] - before[source.facts.starts]
    return found


def by_repository(tasks: list[dict[str, Any]], cache: Path) -> Iterator[tuple[Repository, list[dict[str, Any]]]]:
    """Tasks grouped by their clone."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for task in tasks:
        groups.setdefault(task["gitdir"], []).append(task)
    for gitdir, group in groups.items():
        repository = Repository(gitdir, cache)
        yield repository, group
        repository.save()


def _git(where: str, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", where, *arguments], capture_output=True, text=True, errors="replace", check=True
    ).stdout
