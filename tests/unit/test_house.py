"""The house rules, held by the tools themselves: layers, types, lint, format; and that a broken layer does not go unseen."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

pytestmark = [
    pytest.mark.skipif(find_spec("importlinter") is None, reason="the lint group is not in this environment"),
    pytest.mark.timeout(300),
]


def run(tool, *args, cwd=REPOSITORY):
    program = shutil.which(tool, path=BIN)
    assert program is not None, f"{tool} is not in {BIN}"
    done = subprocess.run([program, *args], cwd=cwd, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports",)],
    ids=" ".join,
)
def test_the_code_is_clean(command):
    code, said = run(*command)
    assert code == 0, said


def test_no_file_is_too_long_to_read():
    files = [
        file
        for folder, kind in (
            ("server/magnetar", "*.py"),
            ("server/scripts", "*.mjs"),
            ("tests", "*.py"),
            ("tests", "*.mjs"),
            ("vscode-extension/src", "*.ts*"),
            ("vscode-extension/test", "*.ts*"),
        )
        for file in (REPOSITORY / folder).rglob(kind)
    ]
    long = {str(file.relative_to(REPOSITORY)) for file in files if len(file.read_text("utf-8").splitlines()) > 500}
    assert files
    assert not long


@pytest.fixture
def copy(tmp_path):
    """The package and its rules, to break."""
    shutil.copytree(
        REPOSITORY / "server" / "magnetar",
        tmp_path / "magnetar",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def lint(copy):
    # Started by hand: the copy, not the installed package, must be the one that is imported.
    program = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=copy, capture_output=True, encoding="utf-8", check=False
    )
    return done.returncode, done.stdout + done.stderr


BREACHES = {
    "a lower layer that imports a higher one": ("magnetar/symbols/breach.py", "from magnetar.context import service\n"),
    "the domain that imports a layer": ("magnetar/model.py", "import magnetar.files\n"),
    "a module that stands in no layer": ("magnetar/breach.py", ""),
    "a database outside its doors": ("magnetar/context/breach.py", "import aiosqlite\n"),
    "the protocol outside its door": ("magnetar/context/breach.py", "import lsprotocol.types\n"),
    "Redis outside its door": ("magnetar/cache/breach.py", "import redis.asyncio\n"),
    "the agents' protocol outside its door": ("magnetar/context/breach.py", "import mcp_types\n"),
    "one protocol in the other": ("magnetar/mcp/breach.py", "from magnetar.lsp import convert\n"),
    "the watcher outside its door": ("magnetar/workspace/breach.py", "import watchdog.observers\n"),
    "input and output in the pure core": ("magnetar/symbols/breach.py", "import asyncio\n"),
    "a package in the foundation": ("magnetar/model.py", "import numpy\n"),
}


def test_the_copy_is_clean_before_it_is_broken(copy):
    code, said = lint(copy)
    assert code == 0, said


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_of_the_layers_is_caught(copy, breach):
    path, line = BREACHES[breach]
    with (copy / path).open("a", encoding="utf-8") as file:
        file.write(line)
    code, said = lint(copy)
    assert code != 0, said
    assert "BROKEN" in said or "breach" in said, said
