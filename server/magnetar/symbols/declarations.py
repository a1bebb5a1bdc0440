"""Where a definition says something of itself: its signature, its documentation, its range with the attributes.

Found here as places in the source; `wording.py` reads what stands there.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from magnetar.symbols.definitions import VALUES, Captures, Definition
from magnetar.symbols.wording import LOOK_AHEAD, Passage, doc_line

_LOOK_BEHIND = 256

_SPACE = re.compile(rb"\s*")
_DOCSTRING = re.compile(rb"[rRuU]?(\"\"\"|'''|\"|')")


@frozen
class Surroundings:
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
    def of(cls, source: bytes, captures: Captures, *, docstrings: bool) -> Surroundings:
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

    def signature(self, definition: Definition) -> tuple[Passage, ...]:
        """The declaration without attributes, comments and body; of a value, as far as the end of its first line."""
        start = definition.start
        while start in self.preludes:
            start = self.preludes[start]
            space = _SPACE.match(self.source, start)
            start = space.end() if space else start
        end = min(definition.end if definition.body is None else definition.body, start + LOOK_AHEAD)
        passages = []
        said = b""
        for passage in self._between_comments(start, end):
            passages.append(passage)
            said += self.source[slice(*passage)]
            if definition.kind in VALUES and b"\n" in said.lstrip():
                break
        return tuple(passages)

    def doc(self, definition: Definition) -> Passage | None:
        """The first line of documentation that says something."""
        if not self.docstrings:
            return self._first_prose(self._comments(definition.start))
        quote = None if definition.body is None else _DOCSTRING.match(self.source, definition.body)
        if quote is None:
            return None
        text = self.source[quote.end() : quote.end() + LOOK_AHEAD].partition(quote[1])[0]
        return self._first_prose([(quote.end(), quote.end() + len(text))])

    def _between_comments(self, start: int, end: int) -> Iterator[Passage]:
        """What of a stretch of source is in no comment."""
        for index in range(bisect_left(self.comment_starts, start), bisect_left(self.comment_starts, end)):
            if start < self.comment_starts[index]:
                yield start, self.comment_starts[index]
            start = self.preludes[self.comment_starts[index]]
        if start < end:
            yield start, end

    def _comments(self, start: int) -> list[Passage]:
        """The comments in front of a definition, from the top, each as far as it is looked at."""
        comments = [(first, end) for first, end, is_comment in self._leading(start) if is_comment]
        return [(first, min(end, first + LOOK_AHEAD)) for first, end in reversed(comments)]

    def _first_prose(self, passages: Iterable[Passage]) -> Passage | None:
        """The first line in some passages that says something."""
        for start, end in passages:
            at = start
            for line in self.source[start:end].decode("utf-8", "surrogateescape").splitlines(keepends=True):
                text = line.encode("utf-8", "surrogateescape")
                if doc_line(text, in_comment=not self.docstrings):
                    return at, at + len(text)
                at += len(text)
        return None

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
