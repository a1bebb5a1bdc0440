"""Git's ignore rules for one folder: nested, negated, global and `info/exclude`, with and without git itself.

An ignore file is read again when it changes, so that one `IgnoreRules` answers for scans and for single paths alike.
Four things are decided here. A file that git tracks is not ignored, whatever the rules say. The folder a user opened is
not ignored, whatever the repository around it says. A repository inside the folder goes by its own rules. `DEFAULTS`
are ignored where no rule says otherwise. What is secret (`privacy.py`) or no text (`kinds.py`) is left out.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from attrs import evolve, frozen

from magnetar.files.fingerprint import Fingerprint
from magnetar.files.git import Git
from magnetar.files.patterns import Chain, Patterns
from magnetar.files.read import read_small
from magnetar.files.repository import GitDirectory, Repository

DEFAULTS = b"""
node_modules/
bower_components/
site-packages/
.venv/
venv/
__pycache__/
.mypy_cache/
.pytest_cache/
.ruff_cache/
.hypothesis/
.ipynb_checkpoints/
.tox/
.nox/
.eggs/
*.egg-info/
.gradle/
.terraform/
.next/
.nuxt/
.svelte-kit/
.turbo/
.parcel-cache/
.cache/
build/
dist/
target/
DerivedData/
.DS_Store
Thumbs.db
"""
"""Dependencies, caches, build outputs: of the lowest precedence, so that `!build/` in an ignore file brings one back."""

_MAX_BYTES = 4 << 20
"""An ignore file larger than this is not read."""
_MOST_LAYERS = 50_000
"""So many directories' rules are remembered."""


@frozen(eq=False)
class Layer:
    """What applies to the entries of one directory."""

    relative: str
    """The directory below the folder, with a `/` at its end; empty for the folder itself."""
    directory: str
    """The same, absolute, without that `/`."""
    path: bytes
    """The same, as the rules see it: from where they start, with a `/` at its end where it is not empty."""
    rules: Chain
    repository: Repository | None
    hidden: bool = False
    """Whether the directory itself is ignored, and with it everything in it that git does not track."""
    above: Layer | None = None
    """What it was made of: what applies one directory higher, and the directory's own ignore file."""
    own: Patterns | None = None

    def same_as(self, other: Layer) -> bool:
        """Whether both say the same of every entry."""
        return (self.relative, self.path, self.hidden) == (other.relative, other.path, other.hidden) and (
            self.rules is other.rules and self.repository is other.repository
        )

    def ignores(self, name: str, *, is_dir: bool) -> bool:
        """Whether the rules leave an entry out; what is tracked is not looked at."""
        if self.hidden:
            return True
        encoded = os.fsencode(name)
        return self.rules.ignores(self.path + encoded, encoded, is_dir=is_dir)

    def tracks(self, name: str) -> bool:
        """Whether git tracks the entry or something in it."""
        return self.repository is not None and self.repository.tracks(self.relative + name)


@frozen(eq=False)
class _Read:
    """An ignore file as it was when it was read; None where there was none."""

    fingerprint: Fingerprint | None
    read_at_ns: int
    patterns: Patterns | None


class IgnoreRules:
    """The rules of one folder. Paths are relative to it, with `/` between their parts. Several threads may ask at once.

    A repository that is made around the folder later, and other settings of the user's, are seen by new rules.

    Args:
        root: The folder.
        git: Whether git is asked what it tracks and where the user's own ignore file is.
    """

    def __init__(self, root: Path, *, git: bool = True) -> None:
        self.root = Path(os.path.realpath(root))
        self.git = Git(self.root) if git else None
        self._fold_case = self._ignores_case()
        self._global = self._global_file()
        self._defaults = Patterns(DEFAULTS, fold_case=self._fold_case)
        self._read: dict[str, _Read] = {}
        self._repositories: dict[str, Repository] = {}
        self._chains: dict[tuple[tuple[int, Patterns], ...], Chain] = {}
        self._layers: dict[tuple[str, str], Layer] = {}
        self._top: Layer | None = None
        self._first = next((each for each in (self.root, *self.root.parents) if GitDirectory.of(each)), self.root)

    @classmethod
    def for_root(cls, root: Path) -> IgnoreRules:
        """The rules of a folder, with git where it can be used."""
        return cls(root)

    def ignored(self, relative: str, is_dir: bool) -> bool:  # noqa: FBT001 - a path and its type belong together
        """Whether a path is left out. A directory that holds anything tracked is not, though other things in it may be."""
        *parents, name = relative.split("/")
        layer = self.top()
        for part in parents:
            layer = self.enter(layer, part)
        return layer.ignores(name, is_dir=is_dir) and not layer.tracks(name)

    def ignored_files(self, relatives: Iterable[str]) -> set[str]:
        """The files among some that are left out; each directory's rules are looked at once."""
        layers = {"": self.top()}

        def within(directory: str) -> Layer:
            if directory not in layers:
                parent, _, name = directory.rpartition("/")
                layers[directory] = self.enter(within(parent), name)
            return layers[directory]

        split = [relative.rpartition("/") for relative in relatives]
        judged = [(within(directory), name) for directory, _, name in split]
        return {
            layer.relative + name
            for layer, name in judged
            if layer.ignores(name, is_dir=False) and not layer.tracks(name)
        }

    def top(self) -> Layer:
        """What applies to the folder's own entries: the rules of the repository around it, if any, come with it."""
        layer = self._start(self._first, "")
        for part in self.root.relative_to(self._first).parts:
            layer = self.enter(layer, part)
        if layer.hidden:
            layer = self._start(self.root, "")
        if self._top is None or self._top.above is not layer:
            self._top = evolve(layer, relative="", above=layer)
        return self._top

    def enter(self, layer: Layer, name: str) -> Layer:
        """What applies to the entries of a directory in `layer`'s; the same object as long as that is the same."""
        directory = f"{layer.directory}{os.sep}{name}"
        if os.access(directory + os.sep + ".git", os.F_OK) and GitDirectory.of(Path(directory)) is not None:
            hidden = layer.ignores(name, is_dir=True)
            if not (hidden and not layer.tracks(name)):
                return self._start(Path(directory), f"{layer.relative}{name}/")
        file = directory + os.sep + ".gitignore"
        own = self._patterns(file, follow=False) if os.access(file, os.F_OK) else None
        known = self._layers.get((directory, f"{layer.relative}{name}/"))
        if known is None or known.above is not layer or known.own is not own:
            known = self._remember(self._within(layer, name, own))
        return known

    def _within(self, layer: Layer, name: str, own: Patterns | None) -> Layer:
        hidden = layer.ignores(name, is_dir=True)
        path = layer.path + os.fsencode(name) + b"/"
        rules = layer.rules if own is None or hidden else self._chain((len(path), own), *layer.rules.sources)
        relative, directory = f"{layer.relative}{name}/", f"{layer.directory}{os.sep}{name}"
        return Layer(relative, directory, path, rules, layer.repository, hidden, layer, own)

    def _remember(self, layer: Layer) -> Layer:
        if len(self._layers) >= _MOST_LAYERS:
            self._layers.clear()
        self._layers[layer.directory, layer.relative] = layer
        return layer

    def _start(self, folder: Path, relative: str) -> Layer:
        """What applies at the top of a repository, or of a folder that is in none."""
        git_directory = GitDirectory.of(folder)
        files = [self._patterns(str(folder / ".gitignore"), follow=False)]
        if git_directory is not None:
            files.append(self._patterns(str(git_directory.common / "info" / "exclude"), follow=True))
        if self._global is not None:
            files.append(self._patterns(str(self._global), follow=True))
        rules = self._chain(*((0, patterns) for patterns in (*files, self._defaults) if patterns is not None))
        repository = None
        if git_directory is not None and self.git is not None:
            # git itself starts at the folder: below a repository's top it then speaks of the folder's files alone
            at = self.root / relative
            known = self._repositories.get(relative)
            repository = known or Repository(relative, git_directory, Git(at) if relative else self.git)
            self._repositories[relative] = repository
        layer = Layer(relative, str(folder), b"", rules, repository)
        before = self._layers.get((layer.directory, layer.relative))
        return before if before is not None and before.same_as(layer) else self._remember(layer)

    def _chain(self, *sources: tuple[int, Patterns]) -> Chain:
        """The chain of these ignore files; the same object as long as they are the same."""
        chain = self._chains.get(sources)
        if chain is None:
            chain = self._chains[sources] = Chain(sources)
        return chain

    def _patterns(self, path: str, *, follow: bool) -> Patterns | None:
        """An ignore file, compiled; the same object as long as the file is the same. Git follows no link inside a tree."""
        known = self._read.get(path)
        now = Fingerprint.at(path, follow=follow)
        if known is not None and known.fingerprint == now and (now is None or not now.racy(known.read_at_ns)):
            return known.patterns
        read_at = time.time_ns()
        patterns = None
        if now is not None and now.size <= _MAX_BYTES:
            written = read_small(Path(path), _MAX_BYTES, follow=follow)
            if written is None:  # it cannot be read now: what it said last counts until it can be
                return known.patterns if known is not None else None
            patterns = Patterns(written, fold_case=self._fold_case)
        self._read[path] = _Read(now, read_at, patterns)
        return patterns

    def _ignores_case(self) -> bool:
        if self.git is not None and self.git.is_repository:
            return self.git.ignores_case()
        return sys.platform in {"win32", "darwin"}

    def _global_file(self) -> Path | None:
        """The user's own ignore file: `core.excludesFile`, else the place git looks at without it."""
        named = self.git.excludes_file() if self.git is not None else None
        if named is not None:
            return named
        configured = os.environ.get("XDG_CONFIG_HOME")
        if configured:
            return Path(configured, "git", "ignore")
        home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
        return Path(home, ".config", "git", "ignore") if home != "~" else None
