"""What a definition says of itself: the signature, the first line of its documentation, the range with its attributes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from magnetar.symbols.definitions import VALUES, Captures, Definition

MAX_LENGTH = 200
"""Characters of a signature or a doc line."""
_LOOK_BEHIND = 256
_LOOK_AHEAD = 2_000

_SPACE = re.compile(rb"\s*")
_OPENING = re.compile(r"(?:\s*(?:=>|[{:=;,]|\b(?:do|then|end)\b))+$")
_DOCSTRING = re.compile(rb"[rRuU]?(\"\"\"|'''|\"|')")
_LOOSE_BRACKET = re.compile(r"(?<=[(\[]) |,? (?=[)\]])")
_COMMENT_MARK = re.compile(r"^\s*(?:///?!?|//!|/\*+!?|\*+(?!/)|#+|--+\[*|;+|<!--)?\s*|\s*(?:\*+/|-->|\]\])\s*$")
_TAG = re.compile(r"</?\w[^<>]*>")
_NO_PROSE = re.compile(
    r"[\W_]*$|!|(?:go:|eslint|@ts-|prettier|istanbul|noqa|type:|pylint:|mypy:|rubocop:|nolint|clang-format|region\b"
    r"|endregion\b|SPDX-|-\*-)",
    re.IGNORECASE,
)


@frozen
class Declarations:
    """A source with the comments and attributes in it, ready to be asked about one definition after another."""

    source: bytes
    docstrings: bool
    """Whether documentation is the string that starts a body, and no comment in front."""
    comments: Mapping[int, int]
    """End of a comment that starts its line → its start."""
    attributes: Mapping[int, int]
    """End of an attribute → its start."""
    preludes: Mapping[int, int]
    """Start of an attribute or a comment → its end."""
    comment_starts: Sequence[int]
    """Where all comments start, ascending."""

    @classmethod
    def of(cls, source: bytes, captures: Captures, *, docstrings: bool) -> Declarations:
        """The surroundings that a query captured."""
        attributes = [(node.start_byte, node.end_byte) for node in captures.get("attribute", ())]
        comments = [(node.start_byte, node.end_byte) for node in captures.get("comment", ())]
        return cls(
            source,
            docstrings,
            {_trimmed(source, end): start for start, end in comments if _starts_its_line(source, start)},
            {end: start for start, end in attributes},
            dict(comments + attributes),
            sorted(start for start, _ in comments),
        )

    def span(self, definition: Definition) -> tuple[int, int]:
        """From the first attribute in front of a definition to its last visible byte."""
        attributes = (start for start, _, is_comment in self._leading(definition.start) if not is_comment)
        return min(attributes, default=definition.start), _trimmed(self.source, definition.end)

    def signature(self, definition: Definition) -> str:
        """The declaration without attributes and body on one line; of a value, its first line."""
        start = definition.start
        while start in self.preludes:
            start = self.preludes[start]
            space = _SPACE.match(self.source, start)
            start = space.end() if space else start
        end = min(definition.end if definition.body is None else definition.body, start + _LOOK_AHEAD)
        text = self._without_comments(start, end).strip()
        if definition.kind in VALUES:
            text = text.partition(b"\n")[0]
        line = " ".join(text.decode("utf-8", "replace").split())
        return _shortened(_OPENING.sub("", _LOOSE_BRACKET.sub("", line) if b"\n" in text else line))

    def doc(self, definition: Definition) -> str:
        """The first line of documentation that says something, or an empty string."""
        if not self.docstrings:
            return _first_prose(_COMMENT_MARK.sub("", line) for line in self._comment_lines(definition.start))
        quote = None if definition.body is None else _DOCSTRING.match(self.source, definition.body)
        if quote is None:
            return ""
        text = self.source[quote.end() : quote.end() + _LOOK_AHEAD].partition(quote[1])[0]
        return _first_prose(text.decode("utf-8", "replace").splitlines())

    def _without_comments(self, start: int, end: int) -> bytes:
        parts = []
        for index in range(bisect_left(self.comment_starts, start), bisect_left(self.comment_starts, end)):
            parts.append(self.source[start : self.comment_starts[index]])
            start = self.preludes[self.comment_starts[index]]
        return b"".join([*parts, self.source[start : max(start, end)]])

    def _comment_lines(self, start: int) -> Iterator[str]:
        """The lines of the comments in front of a definition, from the top."""
        comments = [(first, end) for first, end, is_comment in self._leading(start) if is_comment]
        for first, end in reversed(comments):
            yield from self.source[first : min(end, first + _LOOK_AHEAD)].decode("utf-8", "replace").splitlines()

    def _leading(self, start: int) -> Iterator[tuple[int, int, bool]]:
        """The attributes and comments right in front of a place, the nearest first: (start, end, is a comment)."""
        while True:
            end, breaks = _behind(self.source, start)
            if end in self.attributes:
                start = self.attributes[end]
                yield start, end, False
            elif end in self.comments and breaks <= 1:
                start = self.comments[end]
                yield start, end, True
            else:
                return


def _behind(source: bytes, start: int) -> tuple[int, int]:
    """Where the last visible byte before a place ends, and how many line breaks are between."""
    before = source[max(0, start - _LOOK_BEHIND) : start]
    visible = before.rstrip()
    return start - len(before) + len(visible), before.count(b"\n", len(visible))


def _trimmed(source: bytes, end: int) -> int:
    while end and source[end - 1] in b" \t\r\n":
        end -= 1
    return end


def _starts_its_line(source: bytes, start: int) -> bool:
    line = source.rfind(b"\n", max(0, start - _LOOK_BEHIND), start) + 1
    return not source[line:start].strip()


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1].rstrip() + "…"


def _first_prose(lines: Iterable[str]) -> str:
    for line in lines:
        text = " ".join(_TAG.sub("", line).split())
        if text and not _NO_PROSE.match(text):
            return _shortened(text)
    return ""
