"""Building the facts of one text: symbols, pieces, terms, token prices, in one pass each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import orjson
from attrs import frozen
from numpy.typing import NDArray

from magnetar.symbols.extract import Extracted, extract, takes_a_parser
from magnetar.symbols.facts import Facts, passages_of, places_of
from magnetar.symbols.languages import language_of
from magnetar.symbols.lines import blank_line, first_line, split_lines
from magnetar.symbols.pieces import split_pieces, without_lines
from magnetar.symbols.terms import term_hash, text_terms
from magnetar.symbols.tokens import count_tokens, cumulative_tokens
from magnetar.symbols.words import bag_of, count_words, lexicon_of, total_of

VERSION = 5
"""Grows whenever the same text would give other facts; it is part of their cache key."""

_IMPORT_LINE = re.compile(r"(?:import|from|use|using|require|include|#include|package|(?:const|var|let) .*require\()\b")
_IMPORTS_START = (
    "import",
    "from",
    "use",
    "using",
    "require",
    "include",
    "#include",
    "package",
    "const ",
    "var ",
    "let ",
)
_COMMENT_LINE = re.compile(r"(?://|/\*|\*[ /]|\*\Z|#[ !]|#\Z|\"\"\"|--|<!--)")
_COMMENTS_START = ("/", "*", "#", '"', "-", "<")
_MOST_PIECES = 65_535
_HEADERS = 3
_HEADER_LENGTH = 400
_NO_HEADER = frozenset(")}]#/*@")


@frozen(eq=False)
class Built:
    """The facts of a text and what the full-text index stores of it (`words.lexicon_of`)."""

    facts: Facts
    lexicon: str


def build_facts(
    path: str,
    text: str,
    *,
    secret_lines: Sequence[tuple[int, int]] = (),
    encoding: str = "o200k_base",
    parse: bool = True,
    told: Extracted | None = None,
) -> Built:
    """Everything the index keeps of a text.

    Args:
        path: The document's path relative to its workspace; tells its language and prices its header.
        text: The whole document.
        secret_lines: Runs of lines [start, end) that hold a secret; they count as blank.
        encoding: The tokenizer that prices lines.
        parse: Whether to look for symbols and imports; not where the parser is known to stumble over this text.
        told: Symbols and imports that are known already and spare the parse.
    """
    lines = shown_lines(text, secret_lines)
    if secret_lines:
        text = "".join(lines)
    language = language_of(path, first_line(text))
    if parse and (told is None or not takes_a_parser(language)):
        told = extract(text, language, references=False)
    extracted = told if parse and told is not None else Extracted()
    pieces = without_lines(split_pieces(lines), secret_lines)[:_MOST_PIECES]
    bags = [bag_of(counted) for counted in count_words(lines, pieces)]
    postings = _postings(bags)
    heads = _postings([dict.fromkeys(found, 1) for found in _headings(lines, pieces)])
    symbols = extracted.symbols
    containers = list(dict.fromkeys(symbol.container for symbol in symbols if symbol.container))
    facts = Facts(
        language=language,
        line_count=len(lines),
        header_tokens=price_header(path, encoding),
        secret_lines=tuple(secret_lines),
        starts=np.fromiter((start for start, _ in pieces), np.int32, len(pieces)),
        ends=np.fromiter((end for _, end in pieces), np.int32, len(pieces)),
        cumulative_tokens=cumulative_tokens(lines, encoding),
        terms=postings[0],
        pieces=postings[1],
        counts=postings[2],
        head_terms=heads[0],
        head_pieces=heads[1],
        shapes=_shapes(lines, pieces, extracted),
        places=places_of(symbols, containers),
        signatures=passages_of([one.signature for one in extracted.declarations]),
        docs=passages_of([() if one.doc is None else (one.doc,) for one in extracted.declarations]),
        names_json=_names(extracted, containers),
    )
    return Built(facts, lexicon_of(total_of(bags)))


def shown_lines(text: str, secret_lines: Sequence[tuple[int, int]]) -> list[str]:
    """The lines of a text, those of a secret blank."""
    lines = split_lines(text)
    for start, end in secret_lines:
        lines[start:end] = [blank_line(line) for line in lines[start:end]]
    return lines


def _names(extracted: Extracted, containers: Sequence[str]) -> bytes:
    return orjson.dumps(
        {
            "symbols": [symbol.name for symbol in extracted.symbols],
            "containers": containers,
            "imports": [[one.module, one.names, one.line] for one in extracted.imports],
        }
    )


def _postings(
    bags: Sequence[Mapping[str, int]],
) -> tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint8]]:
    """The terms of every piece as (hash, piece, count) arrays sorted by hash, then piece."""
    lengths = [len(bag) for bag in bags]
    hashes = np.fromiter(map(term_hash, chain.from_iterable(bags)), np.uint32, sum(lengths))
    exact = np.fromiter(chain.from_iterable(bag.values() for bag in bags), np.int64, sum(lengths))
    counts = np.minimum(exact, 255).astype(np.uint8)
    pieces = np.repeat(np.arange(len(bags), dtype=np.uint16), lengths)
    order = np.argsort(hashes, kind="stable")
    return hashes[order], pieces[order], counts[order]


def _headings(lines: Sequence[str], pieces: Sequence[tuple[int, int]]) -> list[list[str]]:
    """For each piece, the stems of the nearest lines it is nested in, by indentation."""
    found: list[list[str]] = []
    outer: list[tuple[int, str]] = []
    line = 0
    for start, _ in pieces:
        while line < start:
            _nest(outer, lines[line])
            line += 1
        depth = len(lines[start]) - len(lines[start].lstrip())
        around = [text for indent, text in outer if indent < depth]
        found.append([term for text in around[-_HEADERS:] for term in text_terms(text[:_HEADER_LENGTH])])
    return found


def _nest(outer: list[tuple[int, str]], line: str) -> None:
    text = line.lstrip()
    if text and text[0] not in _NO_HEADER:
        indent = len(line) - len(text)
        while outer and outer[-1][0] >= indent:
            outer.pop()
        outer.append((indent, text))


def _shapes(lines: Sequence[str], pieces: Sequence[tuple[int, int]], extracted: Extracted) -> NDArray[np.float32]:
    symbols = extracted.symbols
    definitions = {symbol.range.start.line for symbol in symbols}
    definitions |= {symbol.selection.start.line for symbol in symbols}
    rows = np.zeros((len(pieces), 3), np.float32)
    for piece, (start, end) in enumerate(pieces):
        texts = [line.lstrip() for line in lines[start:end]]
        imports = sum(1 for text in texts if text.startswith(_IMPORTS_START) and _IMPORT_LINE.match(text))
        comments = sum(1 for text in texts if text.startswith(_COMMENTS_START) and _COMMENT_LINE.match(text))
        rows[piece, 0], rows[piece, 1] = imports / (end - start), comments / (end - start)
        rows[piece, 2] = not definitions.isdisjoint(range(start, min(end, start + 4)))
    return rows


def price_header(path: str, encoding: str = "o200k_base") -> int:
    """Tokens of the line that names a document above its text, with room for the mark before it."""
    return count_tokens(path + "\n", encoding) + 2
