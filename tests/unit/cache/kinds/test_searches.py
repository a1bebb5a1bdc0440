import pytest

from magnetar.cache.keys import search_key
from magnetar.cache.kinds import SearchResults

HITS = [["a.py", 3, 0.5], ["b.py", 1, 0.25]]


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / name for name in ("a.py", "b.py")]
    for path in paths:
        path.write_text("text\n")
    return [str(path) for path in paths]


async def test_results_are_given_until_a_file_with_a_hit_changes(cache, files, tmp_path):
    results = SearchResults(cache)
    assert await results.get("folder", "text") is None
    assert await results.set("folder", "text", HITS, files)
    assert await results.get("folder", "text") == HITS
    assert await results.get("folder", "other") is None
    assert await results.get("other folder", "text") is None
    (tmp_path / "c.py").write_text("text\n")
    assert await results.get("folder", "text") == HITS
    (tmp_path / "a.py").write_text("none!\n")
    assert await results.get("folder", "text") is None
    assert cache.stats.size == 0


async def test_results_end_when_a_file_with_a_hit_goes_or_their_time_is_over(cache, files, tmp_path, clock):
    results = SearchResults(cache, ttl=10)
    await results.set("folder", "text", HITS, files)
    clock.advance(10)
    assert await results.get("folder", "text") is None
    await results.set("folder", "text", HITS, files)
    (tmp_path / "b.py").unlink()
    assert await results.get("folder", "text") is None
    assert await results.set("folder", "text", HITS, files) is False


async def test_that_nothing_was_found_is_a_result(cache):
    results = SearchResults(cache)
    assert await results.set("folder", "nothing", [], [])
    assert await results.get("folder", "nothing") == []


async def test_who_searches_says_what_a_version_is(cache):
    known = {"a.py": "1"}

    async def versions(paths):
        return {path: known[path] for path in paths if path in known}

    results = SearchResults(cache, versions=versions)
    assert await results.set("folder", "text", HITS[:1], ["a.py"])
    assert await results.get("folder", "text") == HITS[:1]
    known["a.py"] = "2"
    assert await results.get("folder", "text") is None


def test_a_key_holds_no_word_of_the_question_or_the_scope():
    key = search_key("/home/ada/project", "where is the password")
    assert not [word for word in ("ada", "project", "where", "password") if word in key]


@pytest.mark.parametrize("damage", [b"", b"[]", b"[1,2]", b"{}", b"null"])
async def test_what_is_no_result_counts_as_missing(cache, damage):
    await cache.set_blobs({search_key("folder", "text"): damage}, hot=True)
    assert await SearchResults(cache).get("folder", "text") is None
