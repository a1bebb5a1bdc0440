"""A folder under watch, with a made-up clock."""

import subprocess
from pathlib import Path

import magnetar
from magnetar.workspace.watch import Batch, Watcher

SERVER = Path(magnetar.__file__).parents[1]


def keep_all(_path, _is_directory):
    return False


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


def together(batches):
    return Batch(
        frozenset().union(*(batch.changed for batch in batches)),
        frozenset().union(*(batch.prefixes for batch in batches)),
        any(batch.rescan for batch in batches),
        any(batch.head_changed for batch in batches),
        any(batch.ignore_changed for batch in batches),
    )


class Watched:
    """A folder under watch, and what was told of it."""

    def __init__(self, root, *, start=True, **options):
        self.root = root
        self.clock = Clock()
        self.batches = []
        self.rules = {"node_modules", "build"}
        self.watcher = Watcher(root, self.ignored, self.batches.append, clock=self.clock, **options)
        if start:
            self.watcher.start()

    def ignored(self, path, _is_directory):
        return any(part in self.rules for part in path.split("/")) or path.endswith(".log")

    def told(self):
        """Everything told since the last time, as one batch."""
        assert self.watcher.flush(30)
        told, self.batches[:] = list(self.batches), []
        return together(told)

    def told_until(self, condition):
        """What is told until a condition holds: for systems that tell when they please, where a flush is best effort."""
        told = Batch()
        for _ in range(100):
            told = together([told, self.told()])
            if condition(told):
                return told
        raise AssertionError(f"only this was told: {told}")

    def write(self, path, text="x"):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def git(self, *arguments):
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", "-C", self.root, *identity, *arguments], check=True, capture_output=True)
