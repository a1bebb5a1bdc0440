import os
from pathlib import Path, PureWindowsPath

import pytest

from magnetar.context.inside import on_another_host, relative_path


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("path", ["a.py", "sub/a.py", "ä b.py", "..a.py"])
def test_what_lies_inside_has_a_name_there(root, path):
    assert relative_path(root, root / path) == path


@pytest.mark.parametrize("path", [".", "..", "../a.py", "sub/../../a.py", "../project-2/a.py", "/", "/etc/passwd"])
def test_what_lies_outside_has_none(root, path):
    assert relative_path(root, root / path) is None


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_folder_is_known_by_its_real_name_too(root, tmp_path):
    alias = tmp_path / "alias"
    alias.symlink_to(root)
    assert relative_path(alias, root / "a.py") == "a.py"
    assert relative_path(root, alias / "a.py") == "a.py"


@pytest.mark.parametrize(
    "path",
    [r"\\evil\share\a.py", r"\\?\UNC\evil\share\a.py", r"\\?\C:\work\a.py", r"\\.\pipe\a", r"\\evil@80\dav\a.py"],
)
@pytest.mark.parametrize("root", [r"C:\work", r"\\files\team\work"])
def test_a_share_of_another_host_is_not_even_looked_at(root, path):
    assert on_another_host(PureWindowsPath(path), PureWindowsPath(root))


def test_shares_are_compared_in_any_case_and_drives_are_of_this_machine():
    assert not on_another_host(PureWindowsPath(r"\\FILES\Team\work\a.py"), PureWindowsPath(r"\\files\team\work"))
    assert not on_another_host(PureWindowsPath(r"D:\a.py"), PureWindowsPath(r"C:\work"))
    assert not on_another_host(Path("/net/a.py"), Path("/work"))
