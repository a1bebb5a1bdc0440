import os

import pytest

from magnetar.files.ignore import IgnoreRules
from magnetar.workspace.git_layout import find_git

NOWHERE = {
    "a name too long for any file": b"gitdir: " + b"n" * 5_000,
    "a name that no file can have": b"gitdir: a\0b",
    "no name": b"gitdir:",
    "bytes": b"gitdir: \xff\xfe\n",
}


@pytest.mark.parametrize("pointer", NOWHERE.values(), ids=NOWHERE)
def test_a_git_file_that_points_nowhere_makes_no_repository(tmp_path, pointer):
    (tmp_path / ".git").write_bytes(pointer)
    (tmp_path / "nested").mkdir()
    (tmp_path / "nested" / ".git").write_bytes(pointer)
    assert find_git(tmp_path) is None
    assert not IgnoreRules.for_root(tmp_path).ignored("nested/a.py", is_dir=False)


@pytest.mark.parametrize("common", [b"n" * 5_000, b"a\0b", b"\xff"], ids=["too long", "no name", "bytes"])
def test_a_repository_whose_common_directory_is_nowhere_stops_nothing(tmp_path, common):
    own = tmp_path / ".git"
    own.mkdir()
    (own / "HEAD").write_text("ref: refs/heads/main\n")
    (own / "commondir").write_bytes(common)
    assert find_git(tmp_path).own == own
    assert not IgnoreRules.for_root(tmp_path).ignored("a.py", is_dir=False)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes among files here")
def test_a_pipe_in_the_place_of_a_git_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / ".git")
    assert find_git(tmp_path) is None


def test_a_folder_that_cannot_be_there_has_no_rules_and_no_repository(tmp_path):
    folder = tmp_path / ("n" * 5_000)
    assert find_git(folder) is None or find_git(folder).top != folder
    assert not IgnoreRules.for_root(folder).ignored("a.py", is_dir=False)
