"""How keys are spelled."""

from pathlib import Path

from magnetar.cache.keys import embedding_key, file_key, file_path, symbols_key


def test_a_file_is_keyed_by_its_absolute_posix_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert file_key(Path("a/b.py")) == "file:" + (tmp_path / "a/b.py").as_posix()
    assert file_path(file_key(Path("a/b.py"))) == tmp_path / "a" / "b.py"
    assert file_path("symbols:ab:1") is None


def test_what_is_derived_from_content_is_keyed_by_its_hash():
    assert symbols_key("ab12", 3) == "symbols:ab12:3"
    assert embedding_key("ab12", "wordllama") == "embedding:ab12:wordllama"
