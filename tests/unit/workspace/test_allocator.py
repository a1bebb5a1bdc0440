"""Memory is given back where the C library has a call for it, and nothing happens elsewhere."""

import ctypes
from types import SimpleNamespace

import pytest

from magnetar.workspace.allocator import return_free_memory


def test_glibc_is_asked(monkeypatch):
    asked = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(malloc_trim=asked.append))
    return_free_memory()
    assert asked == [0]


@pytest.mark.parametrize("error", [TypeError, OSError])
def test_a_system_without_such_a_library_is_left_alone(monkeypatch, error):
    def fail(_name):
        raise error

    monkeypatch.setattr(ctypes, "CDLL", fail)
    return_free_memory()


def test_a_library_without_such_a_call_is_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace())
    return_free_memory()
