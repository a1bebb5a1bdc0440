"""A program as it was written for the original specification; all that it changes is where its names come from."""

import asyncio
import json
import logging
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from magnetar import CacheBackend, CacheEntry, CacheStats, PredictionModel, SmartCache, get_smart_cache

SERVER = Path(__file__).parents[2] / "server"


@pytest.fixture
async def smart(backend, place):
    """Created and initialized as the specification does, with the time of the system."""
    settings = {name: value for name, value in place.items() if name != "namespace"}
    cache = SmartCache(backend=backend, max_size=1_000, max_size_bytes=10 * 1024 * 1024, default_ttl=300, **settings)
    await cache.initialize()
    await cache.clear()
    yield cache
    await cache.clear()
    await cache.shutdown()


async def test_create_set_get_delete_and_clear(smart, backend):
    assert smart.backend_type is backend
    assert await smart.set("file:/src/main.py", "content", ttl=60, context="workspace-1") is True
    assert await smart.set("config", {"theme": "dark", "tabs": [1, 2]}) is True
    assert await smart.get("file:/src/main.py", context="workspace-1") == "content"
    assert await smart.get("config") == {"theme": "dark", "tabs": [1, 2]}
    assert await smart.get("missing") is None
    assert await smart.delete("config") is True
    assert await smart.delete("config") is False
    await smart.clear()
    assert await smart.get("file:/src/main.py") is None


async def test_predict_prefetch_and_count(smart):
    for _ in range(5):
        for key in ("a.py", "b.py", "c.py"):
            if await smart.get(key, context="ws") is None:
                await smart.set(key, f"content of {key}", context="ws")
    predicted = await smart.predict_next("a.py", context="ws", top_k=3)
    assert predicted[0] == "b.py"
    await smart.get("a.py", context="ws")
    await smart.get("b.py", context="ws")

    def load(key):
        return f"loaded {key}"

    async def load_async(key):
        await asyncio.sleep(0)
        return {"key": key}

    def fail(key):
        raise OSError(key)

    assert await smart.prefetch(predicted, load, context="ws") == 0  # they are there
    assert await smart.prefetch(["d.py", "e.py"], load, context="ws", ttl=30) == 2
    assert await smart.prefetch(["f.py"], load_async) == 1
    assert await smart.prefetch(["g.py"], fail) == 0
    assert await smart.get("f.py") == {"key": "f.py"}

    stats = smart.get_stats()
    assert isinstance(stats, CacheStats)
    numbers = stats.to_dict()
    assert numbers["predictions"] == len(predicted)
    assert numbers["correct_predictions"] == 1
    assert numbers["hits"] > 10
    assert numbers["misses"] == 3
    assert numbers["hit_rate"] == pytest.approx(100 * numbers["hits"] / (numbers["hits"] + numbers["misses"]))
    assert numbers["prediction_accuracy"] == pytest.approx(100 / len(predicted))
    assert numbers["utilization"] == pytest.approx(100 * numbers["size"] / 1_000)
    assert {*asdict(stats), "hit_rate", "prediction_accuracy", "utilization"} == set(numbers)
    assert json.loads(json.dumps(numbers)) == numbers


async def test_warm_a_workspace(smart, tmp_path):
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    for number in range(60):  # the specified code stopped at 50
        (workspace / f"module_{number}.py").write_text(f"NUMBER = {number}\n")
    (workspace / "notes.txt").write_text("notes\n")
    assert await smart.warm_cache("ws", workspace_root=workspace, file_patterns=["*.py"]) == 60
    assert await smart.get(f"file:{workspace.as_posix()}/module_59.py") == "NUMBER = 59\n"
    assert await smart.warm_cache("ws", workspace, file_patterns=["*.py"]) == 0

    def load(key):
        return key.upper()

    assert await smart.warm_cache("ws", workspace, load, ["*.txt"]) == 1
    assert await smart.get(f"file:{workspace.as_posix()}/notes.txt") == f"file:{workspace.as_posix()}/notes.txt".upper()


async def test_refresh_in_the_background(smart):
    versions = {"k": 0}

    def load(key):
        versions[key] += 1
        return versions[key]

    assert await smart.prefetch(["k"], load, ttl=300) == 1
    await smart.background_refresh(refresh_interval=60, stale_threshold=1e-9)
    assert await smart.get("k") == 2
    await smart.background_refresh()
    assert await smart.get("k") == 2


async def test_save_and_load_the_model(smart, tmp_path):
    for _ in range(4):
        for key in ("a", "b"):
            await smart.set(key, 1, context="ws")
    path = tmp_path / "model.json"
    smart.save_model(path)
    smart.save_model()
    model = PredictionModel()
    model.load(path)
    assert model.predict_next("a", context="ws", top_k=1) == ["b"]
    assert model.get_related_keys("a", context="ws", threshold=2) == ["b"]
    smart.load_model(path)
    smart.load_model()
    assert smart.prediction_model.predict_next("a", "ws") == await smart.predict_next("a", "ws")


def test_the_classes_by_themselves(tmp_path):
    entry = CacheEntry(key="k", value="v", ttl=300, size_bytes=3)
    entry.access()
    assert (entry.access_count, entry.is_expired(), entry.is_stale(), entry.is_stale(stale_threshold=0.8)) == (
        1, False, False, False,
    )  # fmt: skip
    assert entry.eviction_score() == pytest.approx(0.6 + 0.4 / 100, abs=1e-3)
    assert CacheStats().to_dict() == dict.fromkeys(
        (*asdict(CacheStats()), "hit_rate", "prediction_accuracy", "utilization"), 0
    )
    model = PredictionModel()
    for _ in range(3):
        model.record_access("a")
        model.record_access("b", context=None)
    model.save(tmp_path / "m.json")
    assert model.predict_next("a")[0] == "b"
    assert [kind.name for kind in CacheBackend] == ["MEMORY", "SQLITE", "REDIS", "TIERED"]


PROGRAM = """
import asyncio, sys
from pathlib import Path
from magnetar import CacheBackend, get_smart_cache
from magnetar.errors import SettingsConflict

async def main():
    cache = get_smart_cache(backend=CacheBackend(sys.argv[1]), max_size=100, db_path=Path(sys.argv[2]),
                            redis_url=sys.argv[3] or None)
    assert get_smart_cache() is cache
    await cache.initialize()
    await cache.set("k", "v")
    assert await get_smart_cache(max_size=100).get("k") == "v"
    try:
        get_smart_cache(max_size=101)
    except SettingsConflict as error:
        print(error)
    await cache.clear()
    await cache.shutdown()

asyncio.run(main())
"""


def test_one_cache_per_process(backend, place, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, backend.value, str(tmp_path / "one.db"), place.get("redis_url", "")],
        env={"PYTHONPATH": str(SERVER), "PATH": ""},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "max_size" in done.stdout
    assert callable(get_smart_cache)


async def test_errors_are_logged_and_not_raised_by_a_loader(smart, caplog):
    def fail(key):
        raise RuntimeError(f"no {key}")

    with caplog.at_level(logging.WARNING):
        assert await smart.prefetch(["x", "y"], fail) == 0
    assert "no x" in caplog.text
