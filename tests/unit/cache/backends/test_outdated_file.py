"""What a process leaves outdated on a server is known to the next one, and forgotten once it was made up for."""

import sqlite3
from contextlib import closing

import pytest

from magnetar.cache.backends import outdated_file
from magnetar.cache.backends.outdated_file import OutdatedFile
from magnetar.errors import ConnectionLost


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "missed.db"


def test_keys_and_prefixes_are_remembered_by_whoever_comes_next(path):
    assert not OutdatedFile(path).load()
    assert not path.exists()
    OutdatedFile(path).add(["a", "\udcff"], ["b:"])
    found = OutdatedFile(path).load()
    assert (found.keys, found.prefixes) == ({"a", "\udcff"}, {"b:"})


def test_what_was_made_up_for_is_forgotten_but_not_what_another_process_added_meanwhile(path):
    OutdatedFile(path).add(["old"])
    one, other = OutdatedFile(path), OutdatedFile(path)
    one.load()
    other.add(["others"])
    one.add(["own"])
    one.forget()
    assert not one.used
    assert OutdatedFile(path).load().keys == {"others"}


def test_where_it_is_damaged_everything_counts_as_outdated_until_that_is_made_up_for(path):
    path.parent.mkdir()
    path.write_bytes(b"this is no database, and never was one" * 200)
    file = OutdatedFile(path)
    assert "anything" in file.load()
    assert "anything" in OutdatedFile(path).load()  # whoever found it out may have ended
    file.forget()
    assert not OutdatedFile(path).load()


def test_where_it_is_locked_nothing_counts_as_outdated_or_is_forgotten(path, monkeypatch):
    monkeypatch.setattr(outdated_file, "_PATIENCE_SECONDS", 0.01)
    OutdatedFile(path).add(["a"])
    file = OutdatedFile(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ConnectionLost, match="locked"):
            file.load()
    assert file.load().keys == {"a"}


def test_where_the_system_does_not_let_it_be_read_nothing_counts_as_outdated(path):
    path.mkdir(parents=True)
    with pytest.raises(ConnectionLost, match="cannot be read"):
        OutdatedFile(path).load()
    assert path.exists()


def test_where_it_cannot_be_written_that_is_logged_and_fails_nobody(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    OutdatedFile(tmp_path / "file" / "missed.db").add(["a"])
    assert "cannot be kept" in caplog.text
