"""A working day in a few minutes: two windows, edits, saves, questions, branch switches; what the server takes stays flat."""

import contextlib
import random
import statistics
import threading
import time
from pathlib import Path

import psutil
import pytest

from faults.graph import draw
from faults.world import STEPS_BY_WEIGHT, World
from lsp.editor import Editor

SECONDS, ALL_SECONDS = 300, 3_600
PAUSE, NO_PAUSE = 0.25, 0.05
"""Seconds between two steps: of a user who is twenty times as fast as one who does something every five seconds; and of none."""
SAMPLES = 24
SMALL = {"cache": {"diskMaxBytes": 1 << 20, "maxBytes": 4 << 20}}
"""What is known of every content ever seen is kept up to limits: such that a working day reaches."""
MOST_LOG = 64
"""Megabytes: SQLite's logs grow to some 20 before they are begun anew."""


class TimedEditor(Editor):
    """An editor that notes how long each answer takes it."""

    def __init__(self, *arguments, **options):
        self.seconds = []
        super().__init__(*arguments, **options)

    def request(self, method, params):
        begun = time.perf_counter()
        result = super().request(method, params)
        if method == "magnetar/context":
            self.seconds.append(time.perf_counter() - begun)
        return result


class Meter:
    """What a server takes, again and again."""

    def __init__(self, server, cache):
        self._server = psutil.Process(server.pid)
        self._cache = cache
        self.rows = []

    def read(self, at, latencies):
        self.rows.append(
            {
                "seconds": at,
                "resident": self._server.memory_info().rss / 2**20,
                "descriptors": self._server.num_fds(),
                "threads": self._server.num_threads(),
                "processes": len(self._server.children(recursive=True)),
                "databases": self._megabytes("*.db"),
                "logs": self._megabytes("*.db-wal"),
                "slow answer": sorted(latencies)[int(len(latencies) * 0.9)] * 1e3 if latencies else 0.0,
            }
        )

    def _megabytes(self, pattern):
        return sum(path.stat().st_size for path in self._cache.rglob(pattern)) / 2**20

    def growth(self, what):
        """The last third beside the middle one, for the first is the beginning of the day."""
        third = len(self.rows) // 3
        values = [row[what] for row in self.rows]
        return statistics.median(values[-third:]) - statistics.median(values[third : 2 * third])


@pytest.mark.timeout(0)
def test_a_working_day_leaves_memory_descriptors_disk_and_latency_as_they_were(tmp_path, effort, record_property):
    seconds = effort.times("soak: seconds of two windows at work", SECONDS, ALL_SECONDS)
    root = tmp_path / "project"
    root.mkdir()
    pause = NO_PAUSE if effort.long else PAUSE
    begun = time.monotonic()
    cache = tmp_path / "cache"
    with TimedEditor(cache, root, options=SMALL) as editor, Editor(cache, root, options=SMALL) as beside:
        world = World(root, editor, random.Random(effort.seed))
        world.begin(60)
        meter = Meter(editor.process, cache)
        over = threading.Event()

        def browse():
            dice = random.Random(effort.seed + 1)
            while not over.wait(0.2):
                with contextlib.suppress(OSError, IndexError):  # folders are renamed, branches switched just now
                    beside.focus(dice.choice(world.files()))
                beside.ask("context", query="anchor beacon")

        window = threading.Thread(target=browse)
        window.start()
        try:
            while (at := time.monotonic() - begun) < seconds:
                (step,) = world.random.choices(list(STEPS_BY_WEIGHT), weights=STEPS_BY_WEIGHT.values())
                step(world)
                world.ask()
                if at >= seconds * len(meter.rows) / SAMPLES:
                    meter.read(at, editor.seconds)
                    editor.seconds.clear()
                over.wait(pause)
        finally:
            over.set()
            window.join()
    record_property("soak", meter.rows)
    if effort.long:
        Path(__file__).with_name("soak.svg").write_text(draw(meter.rows), "utf-8")
    assert len(meter.rows) >= SAMPLES // 2
    assert meter.growth("resident") < 40, meter.rows
    assert meter.growth("descriptors") <= 4, meter.rows
    assert meter.growth("threads") <= 2, meter.rows
    assert meter.growth("processes") <= 1, meter.rows
    assert meter.growth("databases") < 2, meter.rows
    assert max(row["logs"] for row in meter.rows) < MOST_LOG, meter.rows
    if effort.long:  # a machine that others use, too, says nothing in half a minute
        assert meter.growth("slow answer") < 100, meter.rows
