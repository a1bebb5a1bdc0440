"""How a definition is worded, read from its document: the signature and the first line of its documentation.

Only *where* the words stand is kept of a document; the words themselves are read from its verified text whenever they are
wanted. What an editor, a comment or a formatter puts around them is taken off here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from attrs import frozen

from magnetar.model import Symbol, SymbolKind
from magnetar.symbols.definitions import VALUES
from magnetar.symbols.dialects import dialect
from magnetar.symbols.markdown import heading_line

MAX_LENGTH = 200
"""Characters of a signature or a doc line."""
LOOK_AHEAD = 2_000
"""Bytes in which a signature, or the line of a documentation that says something, is looked for."""
DOCSTRINGS = frozenset({"python"})
"""Languages whose documentation is the string that starts a body, and no comment in front."""

Passage = tuple[int, int]
"""Bytes [start, end) of a document's UTF-8 text, the lines of a secret blanked."""

_OPENING = re.compile(r"(?:\s*(?:=>|[{:=;,]|\b(?:do|then|end)\b))+$")
_LOOSE_BRACKET = re.compile(r"(?<=[(\[]) |,? (?=[)\]])")
_COMMENT_MARK = re.compile(r"^\s*(?:///?!?|//!|/\*+!?|\*+(?!/)|#+|--+\[*|;+|<!--)?\s*|\s*(?:\*+/|-->|\]\])\s*$")
_TAG = re.compile(r"</?\w[^<>]*>")
_NO_PROSE = re.compile(
    r"[\W_]*$|!|(?:go:|eslint|@ts-|prettier|istanbul|noqa|type:|pylint:|mypy:|rubocop:|nolint|clang-format|region\b"
    r"|endregion\b|SPDX-|-\*-)",
    re.IGNORECASE,
)


@frozen
class Declaration:
    """A symbol and where its document words it."""

    symbol: Symbol
    signature: tuple[Passage, ...] = ()
    """The declaration without attributes, comments and body, in order; a heading has none, being a line of its own."""
    doc: Passage | None = None
    """The first line of documentation that says something."""


class Wording:
    """Reads how one document words its symbols."""

    def __init__(self, lines: Sequence[str], language: str) -> None:
        """Takes the document's lines, those of a secret blank, and its LSP language identifier."""
        self._lines = lines
        self._language = language

    def signature(self, declaration: Declaration) -> str:
        """The declaration on one line; of a value, its first line."""
        if self._language == "markdown":
            return heading_line(declaration.symbol, self._lines)
        text = b"".join(self._source[start:end] for start, end in declaration.signature)
        return signature_line(text, declaration.symbol.kind)

    def doc(self, declaration: Declaration) -> str:
        """The first line of documentation that says something, or an empty string."""
        if declaration.doc is None:
            return ""
        start, end = declaration.doc
        return doc_line(self._source[start:end], in_comment=self._language not in DOCSTRINGS)

    @cached_property
    def _source(self) -> bytes:
        return dialect("".join(self._lines), self._language)[0]


def signature_line(declaration: bytes, kind: SymbolKind) -> str:
    """A declaration on one short line, without what opens its body."""
    text = declaration.strip()
    if kind in VALUES:
        text = text.partition(b"\n")[0]
    line = " ".join(text.decode("utf-8", "replace").split())
    return _shortened(_OPENING.sub("", _LOOSE_BRACKET.sub("", line) if b"\n" in text else line))


def doc_line(line: bytes, *, in_comment: bool) -> str:
    """What a line of documentation says, or an empty string where that is nothing."""
    text = line.decode("utf-8", "replace")
    if in_comment:
        text = _COMMENT_MARK.sub("", text)
    text = " ".join(_TAG.sub("", text).split())
    return "" if not text or _NO_PROSE.match(text) else _shortened(text)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1].rstrip() + "…"
