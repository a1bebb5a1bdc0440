"""A repository that an editor and a user of the shell change in every way at once, and the truth about it.

`walk` takes random steps and holds an answer of the real server to the truth after each.
"""

import os
import subprocess
from pathlib import Path

from lsp.truth import Truth, path_of, split_lines

WORDS = "anchor beacon canyon delta ember fjord glacier harbor island jungle kelp lagoon meadow nebula oasis".split()
FOLDERS = ("", "core/", "core/deep/", "web/", "docs/")
_GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
SUFFIXES = (".py", ".js", ".md", ".txt")


class World:
    """A git repository that an editor and a user of the shell work in at once, and the truth about it."""

    def __init__(self, root, editor, random_):
        self.root = root
        self.editor = editor
        self.random = random_
        self.truth = Truth(root)
        self.written = 0
        self.ignored = set()
        self.served = 0

    def begin(self, files=14):
        """A first commit of a few files."""
        self.git("init", "-q", "-b", "main")
        for _ in range(files):
            path = self.new_path()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text(), "utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "first")

    def git(self, *arguments):
        return subprocess.run([*_GIT, *arguments], cwd=self.root, check=True, capture_output=True, text=True).stdout

    def text(self, lines=12):
        """A new text, unlike any before, whose functions and words are like theirs."""
        self.written += 1
        rows = [f"def {self.random.choice(WORDS)}_{self.written}():  # {self.random.choice(WORDS)}"]
        rows += [
            f"    {self.random.choice(WORDS)} = {self.random.choice(WORDS)}({self.written}, '{'é😀'[line % 2]}')"
            for line in range(self.random.randint(1, lines))
        ]
        return "\n".join(rows) + self.random.choice(("\n", ""))

    def files(self):
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name != ".git"]
            found += [Path(folder, name) for name in names]
        return sorted(found)

    def closed(self):
        return [path for path in self.files() if path not in self.truth.buffers]

    def new_path(self):
        folder, suffix = self.random.choice(FOLDERS), self.random.choice(SUFFIXES)
        return self.root / f"{folder}{self.random.choice(WORDS)}{self.random.randrange(4)}{suffix}"

    # -- what may happen -------------------------------------------------------------------------------------------

    def open(self):
        path = self.random.choice(self.files())
        if path not in self.truth.buffers:
            self.truth.buffers[path] = path.read_bytes().decode()
            self.editor.open(path, self.truth.buffers[path])
            self.editor.focus(path)

    def edit(self):
        if not self.truth.buffers:
            return self.open()
        path = self.random.choice(sorted(self.truth.buffers))
        lines = split_lines(self.truth.buffers[path])
        first = self.random.randrange(len(lines))
        last = self.random.randint(first, min(first + 2, len(lines) - 1))
        new = self.text(2)
        end = {"line": last, "character": len(lines[last].rstrip("\n").encode())}
        self.editor.change(path, ({"start": {"line": first, "character": 0}, "end": end}, new))
        kept = "\n" if lines[last].endswith("\n") else ""
        self.truth.buffers[path] = "".join(lines[:first]) + new + kept + "".join(lines[last + 1 :])
        return None

    def save(self):
        for path, text in self.random.sample(sorted(self.truth.buffers.items()), min(1, len(self.truth.buffers))):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            if self.random.random() < 0.8:
                self.editor.save(path)

    def close(self):
        if self.truth.buffers:
            path = self.random.choice(sorted(self.truth.buffers))
            del self.truth.buffers[path]
            self.editor.close_document(path)

    def write(self):
        path = self.random.choice(self.files()) if self.random.random() < 0.6 else self.new_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text(), "utf-8")

    def write_unnoticed(self):
        """Same size, and the time put back: nothing but the change time tells."""
        path = self.random.choice(self.files())
        status, text = path.stat(), path.read_bytes()
        word = self.random.choice([one for one in WORDS if one.encode() in text] or [""]).encode()
        swapped = text.replace(word, word[::-1]) if word else text.decode()[::-1].encode()
        if self.random.random() < 0.5:
            path.write_bytes(swapped)
        else:
            other = path.with_name("swap.tmp")
            other.write_bytes(swapped)
            other.replace(path)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def delete(self):
        if len(self.closed()) > 8:
            self.random.choice(self.closed()).unlink()

    def rename(self):
        old, new = self.random.choice(self.closed() or [self.root / "none"]), self.new_path()
        if old.exists() and new not in self.truth.buffers:
            new.parent.mkdir(parents=True, exist_ok=True)
            old.replace(new)
            if self.random.random() < 0.5:
                files = [{"oldUri": old.as_uri(), "newUri": new.as_uri()}]
                self.editor.notify("workspace/didRenameFiles", {"files": files})

    def recase(self):
        """A name changes in nothing but its case."""
        path = self.random.choice(self.closed() or [self.root / "none"])
        new = path.with_name(path.name.swapcase() if path.suffix != path.suffix.upper() else path.name.lower())
        if path.exists() and not new.exists():
            path.replace(new)

    def rename_folder(self):
        old, new = self.root / "core", self.root / "kernel"
        if new.exists():
            old, new = new, old
        if old.exists() and not new.exists() and not any(path.is_relative_to(old) for path in self.truth.buffers):
            old.rename(new)

    def switch_branch(self):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "work")
        branches = self.git("branch", "--format=%(refname:short)").split()
        if len(branches) < 4:
            self.git("checkout", "-q", "-b", f"branch{len(branches)}")
            self.write()
        else:
            self.git("checkout", "-q", "-f", self.random.choice(branches))

    def stash(self):
        if self.git("status", "--porcelain"):
            self.git("stash", "-q", "-u")
            self.random.choice((lambda: None, lambda: self.git("stash", "pop", "-q")))()

    def discard(self):
        self.git("checkout", "-q", "-f", ".")
        self.git("clean", "-qfd")

    def ignore(self):
        """A file that is not tracked comes to be ignored, or no longer is."""
        rules = self.root / ".gitignore"
        lines = rules.read_text().splitlines() if rules.exists() else []
        untracked = [line[3:] for line in self.git("status", "--porcelain", "-uall").splitlines() if line[:2] == "??"]
        if lines and self.random.random() < 0.4:
            lines.remove(self.random.choice(lines))
        elif untracked and self.random.choice(untracked) != ".gitignore":
            lines.append("/" + self.random.choice(untracked))
        rules.write_text("".join(f"{line}\n" for line in lines))

    # -- what is asked ---------------------------------------------------------------------------------------------

    def ask(self):
        """Asks in one of several ways, and holds the answer to the truth."""
        params = {"query": " ".join(self.random.sample(WORDS, 3)), "deadlineMs": 60_000}
        params["tokenBudget"] = self.random.choice((200, 1_000, 8_192, 32_000))
        files = self.files()
        if files and self.random.random() < 0.5:
            params["mustInclude"] = [self.random.choice(files).as_uri()]
        if files and self.random.random() < 0.5:
            params["textDocument"] = {"uri": self.random.choice(files).as_uri()}
        if self.random.random() < 0.3:
            params["conversationId"] = self.random.choice("ab")
        answer = self.editor.ask("context", **params)
        self.check_safe(answer["items"])
        self.truth.check(answer, **params)
        self.served += len(answer["items"])
        if self.random.random() < 0.3:
            hits = self.editor.ask("search", query=self.random.choice(WORDS))["hits"]
            self.check_safe(hits)
            self.truth.check_hits(hits)
        if self.random.random() < 0.3:
            symbols = self.editor.ask("symbols", query=self.random.choice(WORDS))["symbols"]
            self.check_safe(symbols)
            self.truth.check_symbols(symbols)

    def check_safe(self, rows):
        """Nothing that git ignores is shown."""
        shown = {path_of(row["uri"]).relative_to(self.root).as_posix() for row in rows}
        listing = subprocess.run(
            ["git", "check-ignore", "--stdin"],
            check=False,
            cwd=self.root,
            input="\n".join(shown),
            capture_output=True,
            text=True,
        )
        assert listing.stdout == ""


STEPS_BY_WEIGHT = {
    World.open: 4,
    World.edit: 10,
    World.save: 4,
    World.close: 3,
    World.write: 6,
    World.write_unnoticed: 6,
    World.delete: 2,
    World.rename: 3,
    World.recase: 1,
    World.rename_folder: 1,
    World.switch_branch: 3,
    World.stash: 2,
    World.discard: 1,
    World.ignore: 3,
}


def walk(world, steps):
    """Takes so many steps, asking after each; a failure tells which steps led to it."""
    taken = []
    for number in range(steps):
        (step,) = world.random.choices(list(STEPS_BY_WEIGHT), weights=STEPS_BY_WEIGHT.values())
        taken.append(step.__name__)
        step(world)
        try:
            world.ask()
        except (AssertionError, TypeError, LookupError) as error:
            raise AssertionError(f"step {number}: {error!r}; the steps were {' '.join(taken)}") from error
