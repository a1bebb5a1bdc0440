"""A workspace that someone hostile made: nothing in it is run, wherever a server was started."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from lsp.editor import Editor
from unit.files.git_traps import set_traps

PROGRAM = shutil.which("magnetar", path=Path(sys.executable).parent)
"""The console script: what agents and editors start, with the workspace as its current directory."""

pytestmark = pytest.mark.timeout(300)

TRAP = "import pathlib; pathlib.Path({ran!r}).touch()\n"
STANDARD = ["multiprocessing", "struct", "signal", "zlib", "json", "orjson", "sqlite3", "attrs", "numpy", "magnetar"]


@pytest.fixture
def folder(tmp_path):
    """A folder full of modules that carry the names of those a server needs."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in STANDARD:
        (folder / f"{name}.py").write_text(TRAP.format(ran=str(tmp_path / "ran")))
    (folder / "cart.py").write_text("def grand_total():\n    return 1\n")
    return folder


@pytest.mark.skipif(PROGRAM is None, reason="the package is installed without its script")
def test_nothing_in_the_folder_that_a_server_was_started_in_is_run(folder, tmp_path):
    """Worker processes look for the standard library where they stand first."""
    variables = {**os.environ, "MAGNETAR_CACHE_DIR": str(tmp_path / "cache")}
    command = [PROGRAM, "context", ".", "-q", "grand_total"]
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, encoding="utf-8", check=False, timeout=280
    )
    assert not (tmp_path / "ran").exists()
    assert "def grand_total" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_gone_is_no_place_to_fail_in(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    program = f"import os, sys; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r}); from magnetar.cli import main; sys.exit(main(['--version']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.startswith("magnetar "), done.stderr


@pytest.mark.skipif(os.name == "nt", reason="the traps are shell scripts")
def test_nothing_that_a_repository_or_one_inside_it_configures_is_run_by_a_server(tmp_path):
    top, ran = tmp_path / "project", tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\necho \"$0 $@\" >> '{ran}'\ncat\n")
    trap.chmod(0o755)
    for root in (top, top / "vendor"):
        root.mkdir(exist_ok=True)
        git = partial(git_in, root)
        git("init", "-q")
        for amount in range(3):
            (root / "cart.py").write_text(f"def grand_total():\n    return {amount}\n")
            git("add", "cart.py")
            git("commit", "-q", "-m", f"the total is {amount}")
    for root in (top, top / "vendor"):
        set_traps(partial(git_in, root), root, trap)
    ran.unlink(missing_ok=True)
    with Editor(tmp_path / "cache", top) as editor:
        editor.settle()
        (top / "cart.py").write_text("def grand_total():\n    return 4\n")
        editor.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": (top / "cart.py").as_uri(), "type": 2}]})
        editor.settle()
        answer = editor.ask("context", query="the grand total", textDocument={"uri": (top / "cart.py").as_uri()})
        editor.ask("predict", textDocument={"uri": (top / "cart.py").as_uri()})
    assert "return 4" in str(answer["items"])
    assert not ran.exists(), ran.read_text()
    assert not (tmp_path / "traced").exists()


def git_in(root, *arguments):
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "core.hooksPath=/dev/null", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, encoding="utf-8").stdout
