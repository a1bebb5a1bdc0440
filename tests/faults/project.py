"""A folder that faults happen to, and what has to hold whatever happened."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from lsp.editor import Editor
from lsp.truth import Truth
from waiting import PATIENCE

SUBJECTS = "anchor beacon canyon delta ember fjord glacier harbor island jungle kelp lagoon".split()


class Project:
    """Modules whose subjects are their names, and every server on them shares one cache directory."""

    def __init__(self, directory, files=12):
        self.root = directory / "project"
        self.cache = directory / "cache"
        self.truth = Truth(self.root)
        self.names = []
        self.root.mkdir()
        for number in range(files):
            subject = f"{SUBJECTS[number % len(SUBJECTS)]}{number // len(SUBJECTS) or ''}"
            self.write(f"{subject}.py", text_about(subject))
            self.names.append(f"{subject}.py")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def editor(self, **options):
        return Editor(self.cache, self.root, **options)

    @property
    def index(self):
        """The folder's database."""
        (path,) = self.cache.glob("v1/workspaces/*/workspace.db")
        return path

    @property
    def contents(self):
        """The database of contents."""
        return self.cache / "v1" / "content.db"

    def tour(self, editor, *names):
        """Focuses documents, and returns once the server has written down that it knows."""
        for name in names:
            editor.focus(self.root / name)
        editor.settle()

    def holds(self, editor, names=None):
        """Answers are right, and each of these documents is found by what it is about."""
        for name in names or self.names[:3]:
            subject = Path(name).stem
            params = {"query": f"where is {subject}_depth measured", "deadlineMs": 60_000}
            answer = self.truth.check(editor.ask("context", **params), **params)
            assert (self.root / name).as_uri() in [item["uri"] for item in answer["items"]], f"{name} is not found"

    def serves_only_truth(self, editor, query="depth"):
        """Whatever is served is true, however little it is."""
        params = {"query": query, "deadlineMs": 60_000}
        return self.truth.check(editor.ask("context", **params), **params)

    def learned(self, editor):
        """How many transitions the server has seen."""
        return editor.ask("stats")["prediction"]["transitions"]

    def sound(self):
        """Both databases pass SQLite's own check."""
        for path in (self.index, self.contents):
            with contextlib.closing(sqlite3.connect(path)) as database:
                assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], path
                assert path != self.index or database.execute("INSERT INTO lexicon(lexicon) VALUES('integrity-check')")


def text_about(subject, more=""):
    """A module of its own kind."""
    return (
        f'"""About the {subject}."""\n\n\n'
        f"def {subject}_depth(value):\n    return value * {len(subject)}\n\n\n"
        f"class {subject.title()}:\n    def measure(self):\n        return {subject}_depth(self)\n{more}"
    )


@contextlib.contextmanager
def helper(program, *arguments):
    """Another Python process that says a line when it is ready, and is killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline(), "it has not begun"
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
