"""What a cache does by itself, on every backend: learning, prefetching, warming and refreshing."""

import asyncio
import logging
import pickle

import pytest

from magnetar.cache.keys import file_key
from magnetar.errors import ModelFileError


async def browse(cache, *keys, context=None):
    for key in keys:
        if await cache.get(key, context=context) is None:
            await cache.set(key, f"value of {key}", context=context)


# -- accesses and predictions ------------------------------------------------------------------------------------------


async def test_sets_and_hits_are_accesses_of_their_context(cache):
    await browse(cache, *["a", "b"] * 5, context="one")
    await browse(cache, *["a", "c"] * 5, context="two")
    assert (await cache.predict_next("a", "one"))[0] == "b"
    assert (await cache.predict_next("a", "two"))[0] == "c"
    assert cache.prediction_model.get_related_keys("a", "one") == ["b"]


async def test_a_miss_a_prefetch_and_a_refused_value_are_no_accesses(cache):
    await cache.get("miss")
    await cache.prefetch(["a", "b", "a"], str)
    with pytest.raises(TypeError):
        await cache.set("x", b"")
    assert await cache.predict_next("a") == []
    assert cache.prediction_model.get_related_keys("a", threshold=1) == []


async def test_predictions_are_counted_and_proved_by_the_next_different_access(cache):
    await browse(cache, *["a", "b"] * 4, "a")
    predicted = await cache.predict_next("a", top_k=1)
    assert predicted == ["b"]
    assert (cache.stats.predictions, cache.stats.correct_predictions) == (1, 0)
    await browse(cache, "a", "b", "a", "b")
    assert (cache.stats.predictions, cache.stats.correct_predictions) == (1, 1)
    assert cache.stats.prediction_accuracy == 100.0


async def test_what_was_learned_is_saved_and_loaded(make, tmp_path):
    cache = await make()
    await browse(cache, *["a", "b"] * 5)
    cache.save_model()
    cache.save_model(tmp_path / "elsewhere.json")
    assert sorted(path.name for path in (tmp_path / "cache").iterdir() if path.suffix == ".json") == [
        "cache.model.json"
    ]
    for path in (None, tmp_path / "elsewhere.json"):
        other = await make(db_path=tmp_path / "cache" / "cache.db")
        assert await other.predict_next("a") == []
        other.load_model(path)
        assert await other.predict_next("a") == ["b"]


async def test_a_model_of_an_older_version_is_passed_over_with_one_line_in_the_log(cache, tmp_path, caplog):
    path = tmp_path / "old.json"
    cache.save_model(path)
    path.write_text(path.read_text().replace('"version":1', '"version":0'))
    await browse(cache, *["a", "b"] * 5)
    with caplog.at_level(logging.WARNING):
        cache.load_model(path)
    assert len(caplog.records) == 1
    assert "older version" in caplog.text
    assert await cache.predict_next("a") == ["b"]


async def test_a_pickle_is_refused_by_name(cache, tmp_path):
    path = tmp_path / "model.pickle"
    path.write_bytes(pickle.dumps({}))
    with pytest.raises(ModelFileError, match="pickle"):
        cache.load_model(path)


# -- prefetch ----------------------------------------------------------------------------------------------------------


async def test_prefetch_loads_what_is_missing_and_says_how_many(cache):
    loaded = []

    async def loader(key):
        loaded.append(key)
        return None if key == "none" else key.upper()

    await cache.set("there", "v")
    before = cache.stats
    assert await cache.prefetch(["there", "a", "b", "a", "none"], loader) == 2
    assert sorted(loaded) == ["a", "b", "none"]
    assert (cache.stats.hits, cache.stats.misses) == (before.hits, before.misses)
    assert await cache.get("a") == "A"
    assert await cache.get("there") == "v"
    assert await cache.get("none") is None


async def test_prefetched_values_live_for_the_ttl_given(cache, clock):
    await cache.prefetch(["a"], str, ttl=5)
    clock.advance(5)
    assert await cache.get("a") is None
    with pytest.raises(ValueError, match="ttl"):
        await cache.prefetch(["a"], str, ttl=0)


async def test_a_loader_that_fails_or_brings_what_cannot_be_stored_concerns_its_key_alone(cache, caplog):
    def loader(key):
        if key == "raises":
            raise OSError("gone")
        return b"bytes" if key == "bytes" else key

    with caplog.at_level(logging.WARNING):
        assert await cache.prefetch(["raises", "bytes", "good"], loader) == 1
    assert await cache.get("good") == "good"
    assert "raises" in caplog.text
    assert "'bytes'" in caplog.text


async def test_simultaneous_prefetches_load_each_key_once(cache):
    calls = []

    async def loader(key):
        calls.append(key)
        await asyncio.sleep(0)
        return key

    counts = await asyncio.gather(*[cache.prefetch(["a", "b"], loader) for _ in range(5)])
    assert sorted(calls) == ["a", "b"]
    assert sum(counts) == 2


@pytest.mark.parametrize("change", ["set", "delete", "clear"])
async def test_a_prefetch_never_undoes_what_happened_while_it_was_loading(cache, change):
    async def loader(_key):
        if change == "set":
            await cache.set("k", "new")
        else:
            await (cache.delete("k") if change == "delete" else cache.clear())
        return "old"

    assert await cache.prefetch(["k"], loader) == 0
    assert await cache.get("k") == ("new" if change == "set" else None)


# -- warming -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "folder"
    files = {
        ".gitignore": "ignored/\n*.log\n",
        "a.py": "a = 1\n",
        "sub/b.py": "b = 1\n",
        "sub/c.txt": "text\n",
        "ignored/d.py": "d = 1\n",
        "e.log": "log\n",
        ".env": "PASSWORD=x\n",
        "key.py": "aws_secret_access_key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKE'\n",
        "min.min.js": "x\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


async def test_warming_caches_the_files_that_may_be_read(cache, folder):
    assert await cache.warm_cache("ws", folder, file_patterns=["*.py"]) == 2
    assert await cache.get(file_key(folder / "a.py")) == "a = 1\n"
    assert await cache.get(file_key(folder / "sub/b.py")) == "b = 1\n"
    for name in ("sub/c.txt", "ignored/d.py", "key.py", ".env"):
        assert await cache.get(file_key(folder / name)) is None


async def test_warming_takes_what_a_person_wrote_by_default(cache, folder):
    loaded = []

    def loader(key):
        loaded.append(key)
        return key

    await cache.warm_cache("ws", folder, loader)
    names = [".gitignore", "a.py", "key.py", "sub/b.py", "sub/c.txt"]
    assert sorted(loaded) == sorted(file_key(folder / name) for name in names)


async def test_warming_takes_the_working_directory_when_told_no_other(cache, folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert await cache.warm_cache("ws", file_patterns=["a.py"]) == 1


async def test_warming_begins_with_what_was_learned_and_skips_what_is_gone(cache, folder):
    loaded = []

    async def loader(key):
        loaded.append(key)
        return key

    learned = [file_key(folder / name) for name in ("sub/b.py", "ignored/d.py", "gone.py")]
    await browse(
        cache, *["start", "other:thing", "start", learned[0], "start", learned[1], "start", learned[2]], context="ws"
    )
    await browse(cache, "start", context="ws")
    await cache.clear()
    assert await cache.warm_cache("ws", folder, loader, ["*.py"]) == len(loaded)
    assert set(loaded[:3]) == {"start", "other:thing", learned[0]}
    assert learned[1] not in loaded
    assert learned[2] not in loaded
    assert file_key(folder / "a.py") in loaded


async def test_warming_has_no_cap_but_the_cache(make, folder):
    for number in range(150):
        (folder / f"many{number}.py").write_text(f"x = {number}\n")
    assert await (await make()).warm_cache("ws", folder, file_patterns=["many*.py"]) == 150


async def test_warming_a_small_cache_keeps_the_likeliest(make, folder, tmp_path):
    for number in range(150):
        (folder / f"many{number:03}.py").write_text(f"x = {number}\n")
    cache = await make(max_size=100, db_path=tmp_path / "small.db")
    assert await cache.warm_cache("ws", folder, file_patterns=["many*.py"]) == 100
    assert cache.stats.evictions == 0
    assert await cache.get(file_key(folder / "many000.py")) == "x = 0\n"


# -- refreshing --------------------------------------------------------------------------------------------------------


class Source:
    """A loader that brings something new each time."""

    def __init__(self):
        self.loads = 0
        self.fails = False

    async def __call__(self, key):
        self.loads += 1
        if self.fails:
            raise OSError("gone")
        return f"{key} {self.loads}"


async def test_refreshing_reloads_what_is_stale_and_only_that(cache, clock):
    source = Source()
    await cache.prefetch(["a"], source, ttl=100)
    clock.advance(79)
    await cache.background_refresh()
    assert await cache.get("a") == "a 1"
    clock.advance(1)
    await cache.background_refresh()
    assert await cache.get("a") == "a 2"
    clock.advance(79)
    await cache.background_refresh()
    assert source.loads == 2
    clock.advance(20)
    assert await cache.get("a") == "a 2"


async def test_what_was_warmed_is_refreshed(cache, clock, folder):
    await cache.warm_cache("ws", folder, file_patterns=["a.py"])
    (folder / "a.py").write_text("a = 2\n")
    clock.advance(240)
    await cache.background_refresh()
    assert await cache.get(file_key(folder / "a.py")) == "a = 2\n"


async def test_a_failing_loader_keeps_the_old_value_until_it_expires_and_is_counted(cache, clock):
    source = Source()
    await cache.prefetch(["a"], source, ttl=100)
    source.fails = True
    clock.advance(90)
    await cache.background_refresh()
    assert await cache.get("a") == "a 1"
    assert cache.refresh_failures == 1
    clock.advance(10)
    assert await cache.get("a") is None
    await cache.background_refresh()
    assert cache.refresh_failures == 1


async def test_what_the_user_set_or_removed_is_not_brought_back(cache, clock):
    source = Source()
    await cache.prefetch(["a", "b"], source, ttl=100)
    clock.advance(90)
    await cache.set("a", "mine", ttl=100)
    await cache.delete("b")
    await cache.background_refresh()
    assert await cache.get("a") == "mine"
    assert await cache.get("b") is None
    assert source.loads == 2


async def test_what_was_set_is_refreshed_by_the_loader_of_its_prefix(cache, clock):
    general, special = Source(), Source()
    cache.set_loader("a:", general)
    cache.set_loader("a:b:", special)
    for key in ("a:1", "a:b:1", "c"):
        await cache.set(key, "mine", ttl=100)
    clock.advance(80)
    await cache.background_refresh()
    assert [await cache.get(key) for key in ("a:1", "a:b:1", "c")] == ["a:1 1", "a:b:1 1", "mine"]
    clock.advance(20)
    assert [await cache.get(key) for key in ("a:1", "a:b:1", "c")] == ["a:1 1", "a:b:1 1", None]
    clock.advance(60)
    await cache.background_refresh()
    assert (general.loads, special.loads) == (2, 2)


async def test_a_prefetched_key_that_is_set_keeps_the_loader_it_came_from(cache, clock):
    own, general = Source(), Source()
    await cache.prefetch(["a:1"], own, ttl=100)
    cache.set_loader("a:", general)
    await cache.set("a:1", "mine", ttl=10)
    clock.advance(9)
    await cache.background_refresh()
    assert await cache.get("a:1") == "a:1 2"
    assert general.loads == 0


async def test_refreshing_goes_on_in_the_background_until_shutdown(make, clock):
    cache = await make(random=lambda: 0.5)
    loads = 0
    reloaded = asyncio.Event()

    async def loader(_key):
        nonlocal loads
        loads += 1
        if loads == 2:
            reloaded.set()
        return "v"

    await cache.prefetch(["a"], loader, ttl=100)
    await cache.background_refresh(refresh_interval=0.001)
    clock.advance(90)
    await asyncio.wait_for(reloaded.wait(), 10)
    await cache.shutdown()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "background refresh"]


async def test_two_refreshes_at_once_reload_each_key_once(cache, clock):
    source = Source()
    await cache.prefetch(["a"], source, ttl=100)
    clock.advance(90)
    await asyncio.gather(cache.background_refresh(), cache.background_refresh())
    assert source.loads == 2
    assert len([task for task in asyncio.all_tasks() if task.get_name() == "background refresh"]) == 1


@pytest.mark.parametrize("wrong", [{"refresh_interval": 0}, {"stale_threshold": -1}])
async def test_refresh_settings_must_be_positive(cache, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        await cache.background_refresh(**wrong)
