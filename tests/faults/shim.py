"""Servers whose wall clock jumps, or whose disk is full from some write on, when a test says so: see `shim.c`."""

import contextlib
import mmap
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("shim.c")
_PAGE_BYTES = 4_096
_OFFSET, _WRITES, _FULL_FROM = 0, 8, 16


def compiled(directory):
    """The shim, as what can be preloaded; skips the test where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("no C compiler, or no Linux")
    library = directory / "shim.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, _SOURCE, "-ldl"], check=True)
    return library


class Shim:
    """What one server, or more of them, is told by its page."""

    def __init__(self, library, directory, disk=""):
        self._library = library
        self._disk = disk
        self._path = directory / "page"
        self._path.write_bytes(bytes(_PAGE_BYTES))
        with self._path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _PAGE_BYTES)

    @contextlib.contextmanager
    def preloaded(self, monkeypatch):
        """Processes that are started meanwhile are under its influence, and their children."""
        with monkeypatch.context() as patch:
            patch.setenv("LD_PRELOAD", str(self._library))
            patch.setenv("FAULTS_PAGE", str(self._path))
            patch.setenv("FAULTS_DISK", str(self._disk))
            yield

    def jump(self, seconds):
        """The wall clock is so far ahead of the true one from now on."""
        self._put(_OFFSET, seconds)

    def fill(self, after):
        """The disk takes so many more writes, and is full then."""
        self._put(_WRITES, 0)
        self._put(_FULL_FROM, after + 1)

    def make_room(self):
        """The disk takes everything again."""
        self._put(_FULL_FROM, 0)

    @property
    def writes(self):
        """How many there were, or were tried, since the disk was last filled."""
        return struct.unpack_from("q", self._page, _WRITES)[0]

    def _put(self, place, number):
        struct.pack_into("q", self._page, place, number)
