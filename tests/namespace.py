"""Python as the root of a user namespace of its own: its mounts and limits are nobody else's."""

import os
import shutil
import subprocess
import sys
import textwrap

import pytest

NAMESPACE = ["unshare", "-Urm"]


def in_namespace(program, *arguments, timeout=280):
    """Runs a program, and gives what it prints; skips where no namespace can be made."""
    if (
        shutil.which("unshare") is None
        or subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no user namespace can be made here")
    path = os.pathsep.join(filter(None, [*sys.path, os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [*NAMESPACE, sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout
