import os

import pytest

from magnetar.cache.keys import directory_key
from magnetar.cache.kinds import DirectoryEntry, DirectoryListings, directories
from magnetar.files.fingerprint import Fingerprint

OLD = 10**18  # in nanoseconds, long ago


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A directory that nobody has just written to, as far as the clock tells."""
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.py").write_text("")
    monkeypatch.setattr(Fingerprint, "racy", lambda _stamp, _read: False)
    return folder


@pytest.fixture
def listed(monkeypatch):
    """The directories that were read."""
    read, real = [], directories._listed
    monkeypatch.setattr(directories, "_listed", lambda directory: read.append(directory.name) or real(directory))
    return read


async def test_a_directory_is_read_once_until_an_entry_comes_or_goes(cache, folder, listed):
    listings = DirectoryListings(cache)
    expected = (DirectoryEntry("a.py", is_directory=False), DirectoryEntry("sub", is_directory=True))
    assert await listings.list(folder) == expected
    assert await listings.list(folder) == expected
    assert listed == ["folder"]
    (folder / "b.py").write_text("")
    os.utime(folder, ns=(OLD, OLD))
    assert [entry.name for entry in await listings.list(folder)] == ["a.py", "b.py", "sub"]
    (folder / "a.py").unlink()
    assert [entry.name for entry in await listings.list(folder)] == ["b.py", "sub"]
    assert listed == ["folder"] * 3


async def test_a_listing_made_within_the_tick_of_a_change_is_not_trusted(cache, folder, listed, monkeypatch):
    monkeypatch.setattr(Fingerprint, "racy", lambda _stamp, _read: True)
    listings = DirectoryListings(cache)
    await listings.list(folder)
    await listings.list(folder)
    assert listed == ["folder"] * 2


async def test_a_link_to_a_directory_is_none_and_any_name_is_listed(cache, folder):
    (folder / "link").symlink_to("sub")
    (folder / "new\nline").touch()
    (folder / os.fsdecode(b"\xff")).touch()
    listings = DirectoryListings(cache)
    for _ in range(2):
        found = {entry.name: entry.is_directory for entry in await listings.list(folder)}
        assert found == {"a.py": False, "link": False, "new\nline": False, "sub": True, "\udcff": False}


async def test_what_cannot_be_listed_is_an_error_of_the_system(cache, folder):
    listings = DirectoryListings(cache)
    with pytest.raises(FileNotFoundError):
        await listings.list(folder / "none")
    with pytest.raises(NotADirectoryError):
        await listings.list(folder / "a.py")


@pytest.mark.parametrize("damage", [b"", b"[]", b"[1,2,3]", b'{"a":1}'])
async def test_what_is_no_listing_counts_as_missing(cache, folder, damage):
    await cache.set_blobs({directory_key(folder): damage}, hot=True)
    assert len(await DirectoryListings(cache).list(folder)) == 2
