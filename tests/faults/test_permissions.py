"""What lies on disk is its owner's alone, whatever the umask and whatever was there before."""

import contextlib
import os
import stat

import pytest

from lsp.editor import Editor

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the cache lies in the user's own profile there")


def modes(directory):
    """Every directory and file below one, that itself included, with what others may do there."""
    found = {}
    for path in [directory, *directory.rglob("*")]:
        with contextlib.suppress(FileNotFoundError):  # a server at work removes files
            if not path.is_socket():
                found[str(path.relative_to(directory))] = stat.S_IMODE(path.stat().st_mode)
    return found


@pytest.fixture
def umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_nobody_else_may_look_into_the_cache_whatever_the_umask_and_whatever_was_there(tmp_path):
    root, cache = tmp_path / "project", tmp_path / "cache"
    root.mkdir()
    cache.mkdir(0o700)
    (cache / "v1").mkdir(0o755)
    (root / "cart.py").write_text("def grand_total():\n    return 1\n")
    with Editor(cache, root) as editor:
        editor.focus(root / "cart.py")
        editor.settle()
        editor.ask("context", query="grand total", conversationId="one")
        while_running = modes(cache)
    for found in (while_running, modes(cache)):
        assert any(name.endswith("content.db") for name in found)
        assert any(name.endswith("workspace.db") for name in found)
        assert {name: oct(mode) for name, mode in found.items() if mode & 0o077} == {}
