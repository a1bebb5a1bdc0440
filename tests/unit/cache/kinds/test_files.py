import os
import time
import tracemalloc

import pytest

from magnetar.cache.keys import file_key
from magnetar.cache.kinds import CachedFile, FileContents
from magnetar.cache.kinds.blobs import write_json
from magnetar.files.fingerprint import Fingerprint


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.py"
    write(path, "a = 1\n")
    return path


def write(path, text):
    """Writes long enough ago for the fingerprint to be trusted."""
    path.write_text(text)


def read(path, *, later=10**9):
    return CachedFile(path.read_text(), "hash", Fingerprint.at(path), time.time_ns() + later)


async def test_a_text_is_given_while_its_file_is_unchanged(cache, file):
    contents = FileContents(cache)
    assert await contents.get(file) is None
    assert await contents.set_many({file: read(file)}) == 1
    found = await contents.get(file)
    assert (found.text, found.sha256, found.fingerprint) == ("a = 1\n", "hash", Fingerprint.at(file))
    assert await contents.get(file.with_name("b.py")) is None
    write(file, "a = 2\n")
    assert await contents.get(file) is None
    assert await contents.set_many({file: read(file)}) == 1
    assert (await contents.get(file)).text == "a = 2\n"


async def test_a_text_whose_time_was_put_back_is_not_given(cache, file):
    contents = FileContents(cache)
    before = file.stat()
    await contents.set_many({file: read(file)})
    write(file, "b = 1\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert await contents.get(file) is None


async def test_a_text_read_within_the_tick_it_was_written_in_is_not_trusted(cache, file):
    contents = FileContents(cache)
    await contents.set_many({file: read(file, later=-time.time_ns() + file.stat().st_ctime_ns)})
    assert await contents.get(file) is None


async def test_the_same_bytes_are_decoded_once(cache, file):
    contents = FileContents(cache)
    await contents.set_many({file: read(file)})
    if cache.backend_type.value != "sqlite":
        assert await contents.get(file) is await contents.get(file)


@pytest.mark.parametrize("damage", [b"", b"[]", b'[[1,2,3],4,"h","t"]', b'[[1,2,3,"x"],4,"h","t"]', b"\xff", b"null"])
async def test_what_is_no_text_counts_as_missing(cache, file, damage):
    await cache.set_blobs({file_key(file): damage}, hot=True)
    assert await FileContents(cache).get(file) is None


async def test_texts_end_with_their_time_to_live(cache, file, clock):
    contents = FileContents(cache, ttl=10)
    await contents.set_many({file: read(file)})
    clock.advance(10)
    assert await contents.get(file) is None


def test_a_text_that_is_kept_takes_no_more_memory_than_it_is_long():
    text = "abc def\n" * 2_000
    tracemalloc.start()
    try:
        blob = write_json([1, text])
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2 * len(blob)
