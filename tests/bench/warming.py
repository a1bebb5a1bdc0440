"""What warming a workspace takes and what it disturbs, and how that grows with the number of files.

One server process over real stdio and a cold cache. Beside it an echo on bare asyncio answers the same probes, so that
what the machine does to everybody shows.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

import psutil
from attrs import define, field, frozen

from .live import Live
from .parsing import bare_parse
from .wire import QUERIES, open_folder
from .workspaces import make_workspace

_TICK: Final = 0.02
_BUDGET: Final = 8_192


@define
class Load:
    """Seconds that answers took while something was going on."""

    probes: list[float] = field(factory=list)
    """Of requests that do nothing, with nothing else asked."""
    typing: list[float] = field(factory=list)
    """Of the same, each right behind an edit of an open document."""
    questions: list[float] = field(factory=list)
    """Of `magnetar/context`, a new question each."""
    echoes: list[float] = field(factory=list)
    """Of the same probes by the echo."""


@frozen
class Figures:
    """One workspace; times in seconds, sizes in bytes."""

    files: int
    source_bytes: int
    first_answer: float
    first_warm: float
    bare_parse: float
    second_start: float
    edits: Sequence[float]
    warming: Load
    idle: Load
    repeated: Sequence[float]
    resident: int
    resident_most: int
    resident_workers: int
    on_disk: int
    idle_cpu: float
    """Of one core, at rest."""


def measure(files: int, *, calls: int = 100, edits: int = 10, rest: float = 20.0, turn: float = 2.0) -> Figures:
    """Makes a workspace and a cold server on it, and measures everything."""
    with tempfile.TemporaryDirectory(prefix="magnetar-bench-") as directory:
        root = Path(directory) / "workspace"
        make_workspace(root, files)
        return measure_at(root, Path(directory) / "cache", calls=calls, edits=edits, rest=rest, turn=turn)


def measure_at(root: Path, cache: Path, *, calls: int, edits: int, rest: float, turn: float) -> Figures:
    """The same of a folder that is there.

    Args:
        root: The folder.
        cache: Where the server's cache directory will be.
        calls: How often a question is asked again.
        edits: How often a file is changed.
        rest: For how many seconds the server is looked at when it is at rest.
        turn: Seconds of probes alone, then as many of typing and questions, and so on.
    """
    sources = [Path(folder, name) for folder, _, names in os.walk(root) if ".git" not in folder for name in names]
    floor = bare_parse(sources)
    document = min(sources, key=lambda path: (abs(path.stat().st_size - 10_000), path))
    with closing(Live(sys.executable, "-m", "tests.bench.echo", "echo")) as echo:
        with _serving(root, cache) as server:
            first_answer = _first_answer(server)
            quiet = server.ask("magnetar/synchronize", {})
            memory = _Memory(server)
            warming = _work(server, echo, document, turn, lambda: server.answered(quiet), memory.look)
            first_warm = server.seconds(quiet) + first_answer
            indexed = server.result("magnetar/stats", {})["index"]["indexedFiles"]
            idle = _work(server, echo, document, turn, _after(rest))
            repeated = _repeated(server, calls)
            memory.look()
            cpu = _cpu_at_rest(server, rest)
            memory.look()
            resident = memory.server
            found_after = [_time_of_an_edit(server, document, number) for number in range(edits)]
        with _serving(root, cache) as server:
            second_start = server.seconds(server.ask("magnetar/synchronize", {}))
    return Figures(
        indexed,
        sum(path.stat().st_size for path in sources),
        first_answer,
        first_warm,
        floor,
        second_start,
        found_after,
        warming,
        idle,
        repeated,
        resident,
        memory.server_most,
        memory.workers_most,
        sum(path.stat().st_size for path in cache.rglob("*") if path.is_file()),
        cpu,
    )


class _Memory:
    """What the processes of a server hold."""

    def __init__(self, server: Live) -> None:
        self._process = psutil.Process(server.process.pid)
        self._next = 0.0
        self.server = self.server_most = self.workers_most = 0

    def look(self) -> None:
        """Looks, at most once a second."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 1
        with suppress(psutil.NoSuchProcess):
            self.server = self._process.memory_info().rss
            self.server_most = max(self.server_most, self.server)
            workers = sum(child.memory_info().rss for child in self._process.children(recursive=True))
            self.workers_most = max(self.workers_most, workers)


def _first_answer(server: Live) -> float:
    """Seconds from exec to an answer that holds something."""
    while not server.result("magnetar/context", _question(QUERIES[0]))["items"]:
        time.sleep(_TICK)
    return time.perf_counter() - server.started


def _work(
    server: Live,
    echo: Live,
    document: Path,
    turn: float,
    done: Callable[[], bool],
    look: Callable[[], None] = lambda: None,
) -> Load:
    """Asks at every tick until it is done, and every other turn edits and asks questions, too."""
    text = document.read_text("utf-8")
    item = {"uri": document.as_uri(), "languageId": "python", "version": 0, "text": text}
    server.notify("textDocument/didOpen", {"textDocument": item})
    asked: list[tuple[str, int]] = []
    echoed: list[int] = []
    began = time.perf_counter()
    busy_ticks, question = 0, None
    for tick in count():
        if done():
            break
        if (time.perf_counter() - began) % (2 * turn) < turn:
            busy_ticks = 0
            asked.append(("probes", server.ask("magnetar/nothing", {})))
            echoed.append(echo.ask("echo", {"payload": {}}))
        else:
            if busy_ticks % 25 == 0 and (question is None or server.answered(question)):
                question = server.ask("magnetar/context", _question(f"{QUERIES[tick % 10]} {tick}"))
                asked.append(("questions", question))
            if busy_ticks % 5 == 0:
                server.notify("textDocument/didChange", _typed(item["uri"], tick + 1))
                asked.append(("typing", server.ask("magnetar/nothing", {})))
            busy_ticks += 1
        look()
        time.sleep(max(0.0, began + (tick + 1) * _TICK - time.perf_counter()))
    load = Load(echoes=[echo.seconds(number) for number in echoed])
    for name, number in asked:
        getattr(load, name).append(server.seconds(number))
    server.notify("textDocument/didClose", {"textDocument": {"uri": item["uri"]}})
    return load


def _repeated(server: Live, calls: int) -> list[float]:
    for _ in range(3):  # the first are answered before what was read is kept
        server.request("magnetar/context", _question(QUERIES[0]))
        server.request("magnetar/synchronize", {})
    return [server.seconds(server.ask("magnetar/context", _question(QUERIES[0]))) for _ in range(calls)]


def _time_of_an_edit(server: Live, document: Path, number: int) -> float:
    """Seconds from writing a file to finding what was written."""
    word = f"zyxwvut{number}quux"
    with document.open("a", encoding="utf-8") as file:
        file.write(f"\n{word} = {number}\n")
    began = time.perf_counter()
    while not server.result("magnetar/search", {"query": word})["hits"]:
        time.sleep(0.001)
    took = time.perf_counter() - began
    server.request("magnetar/synchronize", {})
    return took


def _cpu_at_rest(server: Live, seconds: float) -> float:
    server.request("magnetar/synchronize", {})
    processes = [process := psutil.Process(server.process.pid), *process.children(recursive=True)]

    def used() -> float:
        return sum(times.user + times.system for times in (process.cpu_times() for process in processes))

    before = used()
    time.sleep(seconds)
    return (used() - before) / seconds


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _question(query: str) -> dict[str, Any]:
    return {"query": query, "tokenBudget": _BUDGET}


def _typed(uri: str, version: int) -> dict[str, Any]:
    place = {"line": 0, "character": 0}
    change = {"range": {"start": place, "end": place}, "text": "#"}
    return {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}


@contextmanager
def _serving(root: Path, cache: Path) -> Iterator[Live]:
    with closing(Live(sys.executable, "-m", "magnetar", "serve", "--cache-dir", str(cache))) as server:
        open_folder(server, root)
        yield server
