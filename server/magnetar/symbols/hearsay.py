"""Whether what another machine says of a text can be true of it, so that a peer that errs or lies puts no words into it.

Only names and places were told. Every place must lie in the text, and every name must stand there: a symbol's where it is
said to stand, a container's and an import's in the spelling that the extractor gives it. Whether a definition is one, only
a parse could say; whoever lies can leave definitions out, or call something a definition that is none, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from magnetar.model import Import, Symbol
from magnetar.symbols.dialects import dialect
from magnetar.symbols.extract import LONGEST_IMPORT, Extracted
from magnetar.symbols.lines import SourceLines
from magnetar.symbols.wording import Passage

_LONGEST_NAME = 200
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\w+")
_WITHIN_WORD = re.compile(r"(?<=\w)(?=\w)")
_PATH = re.compile(r"[\w.:/$]+")
_ALL = "*"
_IMPLIED = frozenset({"self"})
"""Words that the extractor adds to a module's spelling."""


def agrees(told: Extracted, text: str, language: str) -> bool:
    """Whether all names and places that were told fit the text; `language` is one that takes a parser."""
    lines = SourceLines.of(dialect(text, language)[0])
    source = lines.text(0, len(lines.source))
    words = {"", *_WORD.findall(source)}
    parts = {part for symbol in told.symbols for part in (symbol.container or "").split(".")}
    return (
        all(_is_symbol(symbol, lines) for symbol in told.symbols)
        and all(_are_inside(declaration.signature, len(lines.source)) for declaration in told.declarations)
        and all(_are_inside([one.doc], len(lines.source)) for one in told.declarations if one.doc is not None)
        and all(part in words or _stands_in(part, source) for part in parts)
        and all(_is_import(one, lines) for one in told.imports)
    )


def _is_symbol(symbol: Symbol, lines: SourceLines) -> bool:
    first, end = lines.offset(symbol.selection.start), lines.offset(symbol.selection.end)
    if first is None or end is None or symbol.selection.start.line != symbol.selection.end.line:
        return False
    if lines.offset(symbol.range.start) is None or lines.offset(symbol.range.end) is None:
        return False
    return 0 < end - first <= _LONGEST_NAME and lines.text(first, end) == symbol.name


def _are_inside(passages: Iterable[Passage], size: int) -> bool:
    return all(end <= size for _, end in passages)


def _is_import(one: Import, lines: SourceLines) -> bool:
    if one.line >= len(lines.starts):
        return False
    start = lines.starts[one.line]
    following = lines.starts[one.line + 1] if one.line + 1 < len(lines.starts) else start
    statement = lines.text(start, following + LONGEST_IMPORT)
    return _is_module(one.module, statement) and all(name == _ALL or _stands_in(name, statement) for name in one.names)


def _is_module(module: str, statement: str) -> bool:
    """Whether a statement names the module, be it as the path that its parts make together."""
    if _stands_in(module, statement):
        return True
    words = set(_WORD.findall(module)) - _IMPLIED
    return _PATH.fullmatch(module) is not None and words <= set(_WORD.findall(statement))


def _stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text as whole words, be it with blanks between its parts."""
    at = text.find(name)
    if at >= 0 and _is_whole(text, at, at + len(name)):
        return True
    parts = [name] if any(map(str.isspace, name)) else _TOKEN.findall(name)
    spelling = re.compile(r"\s*".join(map(re.escape, parts)))
    return any(_is_whole(text, *match.span()) for match in spelling.finditer(text))


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on beyond either end of a stretch of text."""
    return not (_WITHIN_WORD.match(text, start) or _WITHIN_WORD.match(text, end))
