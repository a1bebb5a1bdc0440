"""Markdown's headings as symbols and its relative links as imports; the rest of the syntax is only skipped over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from magnetar.model import Import, Position, Range, Symbol, SymbolKind

_BREAK = re.compile(r"\r\n|\n|\r")
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(?=[^ \t])")
_UNDERLINE = re.compile(r" {0,3}(?:(=+)|-{2,})[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NO_PARAGRAPH = re.compile(r"\s*$| {4}|\t| {0,3}(?:[>#|]|[-+*] |\d+[.)] |```|~~~|<)")
_LINK = re.compile(r"\]\((?!\w[\w+.-]*:|#|/)<?([^)\s>#?]+)")
_MAX_LENGTH = 190


@frozen
class _Heading:
    title: str
    level: int
    line: int
    column: int


def headings(text: str) -> tuple[Symbol, ...]:
    """The headings of a document, each reaching to the next one of its level or above."""
    lines = _BREAK.split(text)
    found = list(_headings(lines))
    end_of_text = Position(len(lines) - 1, _width(lines[-1]))
    ends = [end_of_text] * len(found)
    containers: list[str | None] = []
    around: list[int] = []
    for index, heading in enumerate(found):
        while around and found[around[-1]].level >= heading.level:
            ends[around.pop()] = Position(heading.line, 0)
        containers.append(".".join(found[outer].title for outer in around) or None)
        around.append(index)
    return tuple(
        Symbol(
            name=heading.title,
            kind=SymbolKind.STRING,
            range=Range(Position(heading.line, 0), end),
            selection=Range(
                Position(heading.line, heading.column), Position(heading.line, heading.column + _width(heading.title))
            ),
            container=container,
        )
        for heading, end, container in zip(found, ends, containers, strict=True)
    )


def heading_line(symbol: Symbol, lines: Sequence[str]) -> str:
    """A heading as one line that begins with its level, however it is marked.

    Args:
        symbol: One of the document's headings.
        lines: The document's lines.
    """
    at = symbol.selection.start.line
    first, second, *_ = (*(line.rstrip("\r\n") for line in lines[at : at + 2]), "", "")
    mark, underline = _ATX.match(first), _UNDERLINE.match(second)
    level = len(mark[1]) if mark else 1 if underline and underline[1] else 2
    return "#" * level + " " + symbol.name


def links(text: str) -> tuple[Import, ...]:
    """The relative files that a document links to, without their fragments."""
    return tuple(
        Import(target, (), number)
        for number, line in _prose(_BREAK.split(text))
        if "](" in line
        for target in _LINK.findall(line)
    )


def _headings(lines: list[str]) -> Iterator[_Heading]:
    paragraph = ""
    paragraph_line = -1
    for number, line in _prose(lines):
        if match := _ATX.match(line):
            title = _without_closing_marks(line[match.end() :])
            if title:
                yield _Heading(title, len(match[1]), number, _width(match[0]))
        elif paragraph and paragraph_line == number - 1 and (match := _UNDERLINE.match(line)):
            column = _width(paragraph) - _width(paragraph.lstrip())
            yield _Heading(_cut(paragraph.strip()), 1 if match[1] else 2, paragraph_line, column)
            paragraph = ""
        else:
            paragraph, paragraph_line = ("" if _NO_PARAGRAPH.match(line) else line), number


def _prose(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The numbered lines outside of the front matter and of fenced code."""
    fence = ""
    start = 0
    if lines[0].rstrip() == "---":
        start = next((number + 1 for number, line in enumerate(lines[1:], 1) if line.rstrip() in {"---", "..."}), 0)
    for number, line in enumerate(lines[start:], start):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip(" \t`~"):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield number, line


def _without_closing_marks(title: str) -> str:
    title = title.rstrip()
    bare = title.rstrip("#")
    return _cut(bare if not bare or bare[-1] in " \t" else title)


def _cut(title: str) -> str:
    return title[:_MAX_LENGTH].rstrip()


def _width(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
