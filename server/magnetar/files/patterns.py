"""One ignore file of git's, compiled: which of its lines decides about a name.

It leaves out where the file lies and which file goes before which (`ignore.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from attrs import frozen

from magnetar.files.wildmatch import translate

_WILD = re.compile(rb"[*?\[\\]")


@frozen(eq=False)
class Rule:
    """One line of an ignore file."""

    expression: re.Pattern[bytes]
    negated: bool
    directories_only: bool
    by_name: bool
    """Whether it is the base name that must match, or the path below the file's directory."""

    def matches(self, path: bytes, name: bytes) -> bool:
        """Whether its wildcards do."""
        return self.expression.fullmatch(name if self.by_name else path) is not None


class Patterns:
    """One ignore file, compiled: the last line that matches decides."""

    def __init__(self, content: bytes, *, fold_case: bool) -> None:
        self.fold_case = fold_case
        self.names: set[bytes] = set()
        """Base names that a line gives literally (in lower case where case is folded)."""
        self.suffixes: tuple[bytes, ...] = ()
        """What a line asks the end of a base name to be, as in `*.log`."""
        self.others: list[Rule] = []
        """Every other line's rule."""
        self._flags = re.DOTALL | (re.IGNORECASE if fold_case else 0)
        self._rules = [rule for line in _lines(content) if (rule := self._rule(line)) is not None]
        self._rules.reverse()

    def verdict(self, path: bytes, name: bytes, *, is_dir: bool) -> bool | None:
        """True where the path is ignored, False where a `!` line keeps it, None where no line speaks of it.

        Args:
            path: Relative to the directory the file stands in.
            name: The last part of `path`.
            is_dir: Whether it is a directory (a link to one is not).
        """
        for rule in self._rules:
            if (is_dir or not rule.directories_only) and rule.matches(path, name):
                return not rule.negated
        return None

    def _rule(self, line: bytes) -> Rule | None:
        negated = line.startswith(b"!")
        pattern = line[negated:]
        directories_only = pattern.endswith(b"/")
        pattern = pattern[: len(pattern) - directories_only]
        by_name = b"/" not in pattern
        if not by_name:
            pattern = pattern.removeprefix(b"/")
        if not pattern:
            return None
        source = translate(pattern, whole_path=not by_name)
        rule = Rule(re.compile(source, self._flags), negated, directories_only, by_name)
        self._note(pattern, rule)
        return rule

    def _note(self, pattern: bytes, rule: Rule) -> None:
        """Sorts the pattern by how cheaply it can be seen not to match."""
        folded = pattern.lower() if self.fold_case else pattern
        if rule.by_name and not _WILD.search(pattern):
            self.names.add(folded)
        elif rule.by_name and pattern.startswith(b"*") and not _WILD.search(pattern, 1):
            self.suffixes += (folded[1:],)
        else:
            self.others.append(rule)


class Chain:
    """Ignore files that apply together; the nearest that speaks of a path decides.

    Args:
        sources: The nearest first, each with the length of the path it is relative to.
    """

    def __init__(self, sources: tuple[tuple[int, Patterns], ...]) -> None:
        self.sources = sources
        self._fold_case = any(patterns.fold_case for _, patterns in sources)
        self._names = frozenset(name for _, patterns in sources for name in patterns.names)
        self._suffixes = tuple({suffix for _, patterns in sources for suffix in patterns.suffixes})
        self._others = [(base, rule) for base, patterns in sources for rule in patterns.others]

    def ignores(self, path: bytes, name: bytes, *, is_dir: bool) -> bool:
        """Whether the path (from where the chain starts) is ignored."""
        if not self._concerns(path, name):
            return False
        for base, patterns in self.sources:
            verdict = patterns.verdict(path[base:], name, is_dir=is_dir)
            if verdict is not None:
                return verdict
        return False

    def _concerns(self, path: bytes, name: bytes) -> bool:
        """Whether any line matches: for most names none does, and this is the cheap way to see it."""
        folded = name.lower() if self._fold_case else name
        if folded in self._names or folded.endswith(self._suffixes):
            return True
        for base, rule in self._others:  # noqa: SIM110 - a generator would cost more than most of its checks
            if rule.matches(path[base:], name):
                return True
        return False


def _lines(content: bytes) -> Iterator[bytes]:
    for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        pattern = _without_trailing_spaces(line.removesuffix(b"\r"))
        if pattern and not pattern.startswith(b"#"):
            yield pattern


def _without_trailing_spaces(line: bytes) -> bytes:
    """Takes off spaces at the end; one behind a backslash is part of the pattern, and so is what stands before it."""
    stripped = line.rstrip(b" ")
    backslashes = len(stripped) - len(stripped.rstrip(b"\\"))
    return stripped + b" " if backslashes % 2 and len(stripped) < len(line) else stripped


class Globs:
    """Globs that choose files, written like lines of a `.gitignore`: a directory's glob chooses all that is in it."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._patterns = Patterns("\n".join(lines).encode(), fold_case=False)

    def match(self, relative: str) -> bool:
        """Whether a file below the folder is chosen."""
        parts = relative.encode("utf-8", "surrogateescape").split(b"/")
        chosen = False
        for end in range(1, len(parts) + 1):
            verdict = self._patterns.verdict(b"/".join(parts[:end]), parts[end - 1], is_dir=end < len(parts))
            chosen = chosen if verdict is None else verdict
        return chosen
