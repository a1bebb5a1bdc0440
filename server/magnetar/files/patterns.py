"""One ignore file of git's, compiled: which of its lines decides about a name.

It leaves out where the file lies and which file goes before which (`ignore.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from magnetar.files.wildmatch import translate

_WILD = re.compile(rb"[*?\[\\]")


@frozen(eq=False)
class _Rule:
    """One line of an ignore file."""

    expression: re.Pattern[bytes]
    negated: bool
    directories_only: bool
    by_name: bool
    """Whether it is the base name that must match, or the path below the file's directory."""


class Patterns:
    """One ignore file, compiled: the last line that matches decides."""

    def __init__(self, content: bytes, *, fold_case: bool) -> None:
        self._flags = re.DOTALL | (re.IGNORECASE if fold_case else 0)
        self._fold = fold_case
        self._names: set[bytes] = set()
        self._suffixes: tuple[bytes, ...] = ()
        self._others: list[_Rule] = []
        self._rules = [rule for line in _lines(content) if (rule := self._rule(line)) is not None]
        self._rules.reverse()

    def verdict(self, path: bytes, name: bytes, *, is_dir: bool) -> bool | None:
        """True where the path is ignored, False where a `!` line keeps it, None where no line speaks of it.

        Args:
            path: Relative to the directory the file stands in.
            name: The last part of `path`.
            is_dir: Whether it is a directory (a link to one is not).
        """
        folded = name.lower() if self._fold else name
        if not (
            folded in self._names
            or folded.endswith(self._suffixes)
            or any(rule.expression.fullmatch(name if rule.by_name else path) for rule in self._others)
        ):
            return None
        for rule in self._rules:
            if (is_dir or not rule.directories_only) and rule.expression.fullmatch(name if rule.by_name else path):
                return not rule.negated
        return None

    def _rule(self, line: bytes) -> _Rule | None:
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
        rule = _Rule(re.compile(source, self._flags), negated, directories_only, by_name)
        self._note(pattern, rule)
        return rule

    def _note(self, pattern: bytes, rule: _Rule) -> None:
        """Sorts the pattern by how cheaply it can be seen not to match."""
        folded = pattern.lower() if self._fold else pattern
        if rule.by_name and not _WILD.search(pattern):
            self._names.add(folded)
        elif rule.by_name and pattern.startswith(b"*") and not _WILD.search(pattern, 1):
            self._suffixes += (folded[1:],)
        else:
            self._others.append(rule)


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
