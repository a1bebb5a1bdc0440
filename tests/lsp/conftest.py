"""Real servers on real folders, shared by the tests of this folder."""

import pytest

from lsp.editor import Editor


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def attach(cache):
    """Starts servers, all on one cache directory, and ends those that still run."""
    editors = []

    def start(*folders, **options):
        editors.append(Editor(cache, *folders, **options))
        return editors[-1]

    yield start
    for editor in editors:
        editor.close()
