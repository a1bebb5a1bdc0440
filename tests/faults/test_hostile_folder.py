"""A workspace that someone hostile made: nothing in it is run, wherever a server was started."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = shutil.which("magnetar", path=Path(sys.executable).parent)
"""The console script: what agents and editors start, with the workspace as its current directory."""

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
        command, cwd=folder, env=variables, capture_output=True, encoding="utf-8", check=False, timeout=110
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
