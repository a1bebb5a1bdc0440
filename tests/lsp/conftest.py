"""Real servers on real folders, shared by the tests of this directory."""

import subprocess

import pytest

from lsp.editor import Editor
from lsp.truth import Truth


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


@pytest.fixture(scope="session")
def shared_editor(tmp_path_factory):
    """One server, in which each test opens folders of its own."""
    with Editor(tmp_path_factory.mktemp("cache")) as editor:
        yield editor


class Project:
    """A folder that is open in an editor among others."""

    def __init__(self, root, editor):
        self.root = root
        self.editor = editor
        self.truth = Truth(root)

    def write(self, name, text="", encoding="utf-8"):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    def git(self, *arguments):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        return subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True).stdout

    def ask(self, name, **params):
        return self.editor.ask(name, workspaceFolder=self.root.as_uri(), **params)

    def context(self, query="", **params):
        """An answer, once it has been held to the truth."""
        params["query"] = query
        return self.truth.check(self.ask("context", deadlineMs=60_000, **params), **params)

    def served(self, query="", **params):
        """Path to content of what is served."""
        items = self.context(query, **params)["items"]
        return {item["uri"].removeprefix(f"{self.root.as_uri()}/"): item["content"] for item in items}

    def open(self, path, text=None):
        self.truth.buffers[path] = path.read_bytes().decode() if text is None else text
        self.editor.open(path, self.truth.buffers[path])

    def change(self, path, text):
        self.truth.buffers[path] = text
        self.editor.change(path, text)

    def close(self, path):
        del self.truth.buffers[path]
        self.editor.close_document(path)


@pytest.fixture
def open_project(shared_editor, tmp_path):
    """Opens folders in the shared server, with what they shall hold, and closes them in the end."""
    projects = []

    def open_(files, name="project", *, settled=True):
        project = Project(tmp_path / name, shared_editor)
        project.root.mkdir()
        for path, text in files.items():
            project.write(path, text)
        shared_editor.change_folders(added=[project.root])
        projects.append(project)
        if settled:
            shared_editor.settle()
        return project

    yield open_
    for project in projects:
        for path in list(project.truth.buffers):
            project.close(path)
        shared_editor.change_folders(removed=[project.root])
