"""A working day in a few minutes: two windows, edits, saves, questions, branch switches; what the server takes stays flat."""

import random
import statistics
import threading
import time

import psutil
import pytest

from faults.world import STEPS_BY_WEIGHT, World
from lsp.editor import Editor

SECONDS, ALL_SECONDS = 60, 3_600
SAMPLES = 24


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
                "database": sum(path.stat().st_size for path in self._cache.rglob("*.db*")) / 2**20,
                "p99": sorted(latencies)[int(len(latencies) * 0.99)] * 1e3 if latencies else 0.0,
            }
        )

    def growth(self, what):
        """The last third beside the middle one, for the first is the beginning of the day."""
        third = len(self.rows) // 3
        values = [row[what] for row in self.rows]
        return statistics.median(values[-third:]) - statistics.median(values[third : 2 * third])


@pytest.mark.timeout(0)
def test_a_working_day_leaves_memory_descriptors_and_latency_as_they_were(tmp_path, effort, record_property):
    seconds = effort.times("soak: seconds of two windows at work", SECONDS, ALL_SECONDS)
    root = tmp_path / "project"
    root.mkdir()
    begun = time.monotonic()
    with Editor(tmp_path / "cache", root) as editor, Editor(tmp_path / "cache", root) as beside:
        world = World(root, editor, random.Random(effort.seed))
        world.begin(60)
        meter = Meter(editor.process, tmp_path / "cache")
        over = threading.Event()

        def browse():
            dice = random.Random(effort.seed + 1)
            while not over.wait(0.2):
                files = world.files()
                if files:
                    beside.focus(dice.choice(files))
                    beside.ask("context", query="anchor beacon")

        window = threading.Thread(target=browse)
        window.start()
        try:
            latencies = []
            while (at := time.monotonic() - begun) < seconds:
                (step,) = world.random.choices(list(STEPS_BY_WEIGHT), weights=STEPS_BY_WEIGHT.values())
                step(world)
                asked = time.perf_counter()
                world.ask()
                latencies.append(time.perf_counter() - asked)
                if at >= seconds * len(meter.rows) / SAMPLES:
                    meter.read(at, latencies)
                    latencies = []
                over.wait(0.05)
        finally:
            over.set()
            window.join()
    record_property("soak", meter.rows)
    assert len(meter.rows) >= SAMPLES // 2
    assert meter.growth("resident") < 40, meter.rows
    assert meter.growth("descriptors") <= 4, meter.rows
    assert meter.growth("threads") <= 2, meter.rows
    assert meter.growth("processes") <= 1, meter.rows
