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
from magnetar.symbols.pieces import Layout, outer_lines, split_pieces, without_lines
from magnetar.symbols.terms import term_hash, text_terms
from magnetar.symbols.tokens import count_tokens, cumulative_tokens
from magnetar.symbols.words import count_terms, lexicon_of, total_of

VERSION = 5
"""Grows whenever the same text would give other facts; it is part of their cache key."""

_IMPORT_LINE = re.compile(r"(?:import|from|use|using|require|include|#include|package|(?:const|var|let) .*require\()\b")
_IMPORTS_START = frozenset("ifur#pcvl")
_COMMENT_LINE = re.compile(r"(?://|/\*|\*[ /]|\*\Z|#[ !]|#\Z|\"\"\"|--|<!--)")
_COMMENTS_START = frozenset('/*#"-<')
_MOST_PIECES = 65_535
_HEADERS = 3
_HEADER_LENGTH = 400


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
    layout = Layout.of(lines)
    pieces = without_lines(split_pieces(layout), secret_lines)[:_MOST_PIECES]
    starts, ends = np.array(pieces, np.int32).reshape(-1, 2).T.copy()
    bags = count_terms(lines, pieces)
    postings = _postings(bags)
    heads = _postings(_headings(layout, pieces))
    symbols = extracted.symbols
    containers = list(dict.fromkeys(symbol.container for symbol in symbols if symbol.container))
    facts = Facts(
        language=language,
        line_count=len(lines),
        header_tokens=price_header(path, encoding),
        secret_lines=tuple(secret_lines),
        starts=starts,
        ends=ends,
        cumulative_tokens=cumulative_tokens(lines, encoding),
        terms=postings[0],
        pieces=postings[1],
        counts=postings[2],
        head_terms=heads[0],
        head_pieces=heads[1],
        shapes=_shapes(layout.bodies, starts, ends, extracted),
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


def _headings(layout: Layout, pieces: Sequence[tuple[int, int]]) -> list[dict[str, int]]:
    """For each piece, the terms of the nearest lines it is nested in."""
    terms: dict[int, tuple[str, ...]] = {}
    found: list[dict[str, int]] = []
    for around in outer_lines(layout, pieces, _HEADERS):
        for number in around:
            if number not in terms:
                terms[number] = tuple(text_terms(layout.bodies[number][:_HEADER_LENGTH]))
        found.append(dict.fromkeys(chain.from_iterable([terms[number] for number in around]), 1))
    return found


def _shapes(
    bodies: Sequence[str], starts: NDArray[np.int32], ends: NDArray[np.int32], extracted: Extracted
) -> NDArray[np.float32]:
    imports = [n for n, text in enumerate(bodies) if text[:1] in _IMPORTS_START and _IMPORT_LINE.match(text)]
    comments = [n for n, text in enumerate(bodies) if text[:1] in _COMMENTS_START and _COMMENT_LINE.match(text)]
    definitions = [
        line for symbol in extracted.symbols for line in (symbol.range.start.line, symbol.selection.start.line)
    ]
    rows = np.empty((len(starts), 3), np.float32)
    rows[:, 0] = _count_between(imports, starts, ends) / (ends - starts)
    rows[:, 1] = _count_between(comments, starts, ends) / (ends - starts)
    rows[:, 2] = _count_between(sorted(definitions), starts, np.minimum(ends, starts + 4)) > 0
    return rows


def _count_between(lines: Sequence[int], starts: NDArray[np.int32], ends: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many of some ascending line numbers lie in each of the runs [start, end)."""
    return np.searchsorted(lines, ends) - np.searchsorted(lines, starts)


def price_header(path: str, encoding: str = "o200k_base") -> int:
    """Tokens of the line that names a document above its text, with room for the mark before it."""
    return count_tokens(path + "\n", encoding) + 2
