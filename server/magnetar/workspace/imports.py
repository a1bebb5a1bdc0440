"""Which file an import means, worked out from spellings and paths alone.

The index keeps two maps over one space of *keys* (folded words): `import_keys` of every file, so that the importers of a
file can be found, and `module_keys` of every file, so that an import finds the files it may mean. A key only narrows
the search; `resolve` and `imports_file` compare whole spellings with whole paths. Build files (`tsconfig.json`, `go.mod`,
`Cargo.toml`) are left out on purpose: matching the tail of a path finds the same file in practice and needs no reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from posixpath import commonpath, dirname, join, normpath

from attrs import frozen

from magnetar.model import Import

_FAMILIES = {
    "python": "py pyi pyx",
    "javascript": "js jsx ts tsx mjs cjs mts cts vue svelte json css scss less",
    "go": "go",
    "rust": "rs",
    "jvm": "java kt kts scala groovy",
    "c": "c h cc cpp cxx hh hpp hxx inl m mm",
    "csharp": "cs",
    "ruby": "rb rake",
    "php": "php",
    "swift": "swift",
    "lua": "lua",
    "shell": "sh bash zsh",
}
_FAMILY_OF = {suffix: family for family, suffixes in _FAMILIES.items() for suffix in suffixes.split()}
_PATH_SPELLED = frozenset({"javascript", "c", "ruby", "shell", "go"})
"""Families whose imports are spelled like paths, with `/` between the words."""
_PACKAGES = frozenset({"go", "csharp", "swift"})
"""Families whose imports mean every file of a directory."""
_ENTRY_NAMES = frozenset({"__init__", "index", "mod", "lib", "main", "init"})
"""File names that stand for their directory."""
_ENTRY_DIRECTORIES = frozenset({"src", "lib"})
"""Directories that stand for theirs where they hold an entry file."""
_SEPARATORS = re.compile(r"::|[./\\]")
_PACKAGE_FILES = 8
_SAME_PLACE = 2


@frozen
class _Spelling:
    """The words an import may mean, and whether they start at the workspace's root."""

    words: tuple[str, ...]
    anchored: bool


def import_keys(path: str, imports: Iterable[Import]) -> tuple[str, ...]:
    """The keys of what a file imports, sorted: the last word of everything each import may mean."""
    keys = {spelling.words[-1] for imported in imports for spelling in _spellings(path, imported) if spelling.words}
    return tuple(sorted(keys))


def module_keys(path: str) -> tuple[str, ...]:
    """The keys a file may be imported by: its own name, or its directory's where the directory is the module."""
    family = _family(path)
    if family is None:
        return ()
    words = _module_words(path)
    keys = set(words[-1:])
    if family in _PACKAGES or family == "jvm":
        keys.update(_path_words(dirname(path))[-1:])
    return tuple(sorted(keys))


def resolve(path: str, imports: Iterable[Import], modules: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The files that the imports of `path` mean, in the order of the imports, each once.

    Args:
        path: the importing file.
        imports: its imports.
        modules: key (`import_keys`) to the files that answer to it (`module_keys`).
    """
    found: dict[str, None] = {}
    for imported in imports:
        for spelling in _spellings(path, imported):
            matches = _matches(path, spelling, modules.get(spelling.words[-1], ())) if spelling.words else []
            found.update(dict.fromkeys(matches))
            if matches and not imported.names:
                break
    found.pop(path, None)
    return tuple(found)


def imports_file(path: str, imports: Iterable[Import], target: str) -> bool:
    """Whether an import of `path` may mean `target`."""
    if path == target or _family(path) != _family(target):
        return False
    return any(_score(spelling, target) for imported in imports for spelling in _spellings(path, imported))


def _family(path: str) -> str | None:
    return _FAMILY_OF.get(path.rpartition(".")[2].lower())


def _fold(word: str) -> str:
    return word.lower().replace("-", "_")


def _path_words(path: str) -> tuple[str, ...]:
    return tuple(_fold(word) for word in re.split(r"[/.]", path) if word)


def _collapsed(words: tuple[str, ...]) -> tuple[str, ...]:
    """Without the last words that only stand for their directory: `flask/__init__` is `flask`, `ui/src/index` is `ui`."""
    if words and words[-1] in _ENTRY_NAMES:
        words = words[:-1]
    return words[:-1] if len(words) > 1 and words[-1] in _ENTRY_DIRECTORIES else words


@lru_cache(maxsize=16_384)  # the same candidates answer to import after import
def _module_words(path: str) -> tuple[str, ...]:
    return _collapsed(_path_words(_without_suffix(path)))


def _without_suffix(path: str) -> str:
    stem, _, suffix = path.rpartition(".")
    return stem if stem and suffix.lower() in _FAMILY_OF and "/" not in suffix else path


def _spellings(path: str, imported: Import) -> Iterator[_Spelling]:
    """What an import may mean, the likeliest first."""
    family = _family(path)
    module = imported.module.strip("\"'<> ;")
    if family is None or not module:
        return
    if family == "python":
        words, anchored = _python_words(path, module)
        for name in imported.names:
            yield _Spelling((*words, _fold(name)), anchored)
        if words:
            yield _Spelling(_collapsed(words), anchored)
    elif family in _PATH_SPELLED:
        yield from _path_spellings(path, module, family)
    else:
        yield from _dotted_spellings(module, imported.names)


def _python_words(path: str, module: str) -> tuple[tuple[str, ...], bool]:
    bare = module.lstrip(".")
    words = tuple(_fold(word) for word in bare.split(".") if word)
    dots = len(module) - len(bare)
    if not dots:
        return words, False
    base = dirname(path)
    for _ in range(dots - 1):
        base = dirname(base)
    return (*_path_words(base), *words), True


def _path_spellings(path: str, module: str, family: str) -> Iterator[_Spelling]:
    relative = module.startswith(".")
    if relative:
        module = normpath(join(dirname(path), module))
    elif family != "go":
        module = re.sub(r"^([@~#]|@[\w-]+)/", "", module)
    words = _path_words(module if family == "go" else _without_suffix(module))
    if family == "javascript":
        words = _collapsed(words)
    if words and not module.startswith(".."):
        yield _Spelling(words, relative)
        if family in ("c", "shell") and not relative:
            yield _Spelling((*_path_words(dirname(path)), *words), True)


def _dotted_spellings(module: str, names: Sequence[str]) -> Iterator[_Spelling]:
    words = [_fold(word) for word in _SEPARATORS.split(module) if word and word not in ("*", "crate", "self", "super")]
    for name in names:
        if _fold(name).isidentifier():
            yield _Spelling((*words, _fold(name)), anchored=False)
    for end in range(len(words), max(len(words) - 3, 0), -1):
        yield _Spelling(tuple(words[:end]), anchored=False)


def _matches(path: str, spelling: _Spelling, candidates: Sequence[str]) -> list[str]:
    """The best of the candidates: the longest match, then the nearest to the importing file, then path order."""
    family = _family(path)
    scored = [
        (-score, -_nearness(path, candidate), candidate)
        for candidate in candidates
        if candidate != path and _family(candidate) == family and (score := _score(spelling, candidate))
    ]
    if not scored:
        return []
    scored.sort()
    best = [candidate for *rank, candidate in scored if rank == list(scored[0][:2])]
    return best[: _PACKAGE_FILES if family in _PACKAGES else _SAME_PLACE]


def _score(spelling: _Spelling, candidate: str) -> int:
    """How many words of the spelling the candidate's path ends with; 0 where it can't be meant."""
    words = spelling.words
    own = _module_words(candidate)
    score = _common_tail(words, own)
    if _family(candidate) in _PACKAGES:
        own = _path_words(dirname(candidate))
        score = max(score, _common_tail(words, own))
    if spelling.anchored:
        return score if score == len(words) == len(own) else 0
    return score if score and score in (len(words), len(own)) else 0


def _common_tail(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    common = 0
    for a, b in zip(reversed(left), reversed(right), strict=False):
        if a != b:
            break
        common += 1
    return common


def _nearness(left: str, right: str) -> int:
    a, b = dirname(left), dirname(right)
    shared = commonpath([a, b]) if a and b else ""
    return shared.count("/") + bool(shared)
