"""Bytes → syntax tree → captures, within bounds.

Parsers and queries of this kind are linear on code, broken or not, but quadratic on a few texts that are none:
thousands of brackets that never close, of tokens in a row, of levels. Those, and whatever else takes out of all
proportion to its size, have no tree here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import thread_time

from tree_sitter import Language, Node, Parser, Point, Query, QueryCursor, Tree

_CHUNK = 16_384
"""Bytes that the parser is given at once."""
_NAME = 512
"""Bytes that a condition in a query is given at once, for each name it compares."""
_SECONDS = 0.5
_SECONDS_PER_BYTE = 3e-6
"""Twenty times what common code takes."""
_BRACKETS = ((b"(", b")"), (b"[", b"]"), (b"{", b"}"), (b"<", b">"))
_MAX_OPEN_BRACKETS = 4_000
_MAX_UNNAMED_RUN = 4_000
_MAX_DEPTH = 4_000
_MAX_OPEN_MATCHES = 1_024


def parse(source: bytes, language: Language) -> Tree | None:
    """The tree of a source, as error-tolerant as its grammar; None where that would take too long."""
    if any(source.count(opening) - source.count(closing) > _MAX_OPEN_BRACKETS for opening, closing in _BRACKETS):
        return None
    deadline = thread_time() + _SECONDS + len(source) * _SECONDS_PER_BYTE

    # Tree-sitter 0.26 never lets go of what a parser was given, which is therefore emptied, and lets go of what it
    # reads for a query before it has looked at it, which is therefore kept.
    window, kept = bytearray(), b""
    is_parsing = True

    def read(offset: int, _point: Point) -> bytes | bytearray:
        nonlocal kept
        if is_parsing:
            window[:] = source[offset : offset + _CHUNK]
            return window
        kept = source[offset : offset + _NAME]
        return kept

    def is_late(_offset: int, _has_error: bool) -> bool:  # noqa: FBT001 - the parser's signature
        return thread_time() > deadline

    try:
        tree = Parser(language).parse(read, progress_callback=is_late)
    except ValueError:
        return None
    finally:
        is_parsing = False
        window.clear()
    return None if _is_degenerate(tree.root_node) else tree


def capture(tree: Tree, query: Query) -> Mapping[str, Sequence[Node]]:
    """What a query captures in a tree, by capture name, in no order."""
    return QueryCursor(query, match_limit=_MAX_OPEN_MATCHES).captures(tree.root_node)


def _is_degenerate(root: Node) -> bool:
    """Whether a query would look past thousands of unnamed tokens at each of them, or keep thousands of levels open."""
    pending = [(root, 0)] if root.descendant_count > _MAX_UNNAMED_RUN else []
    while pending:
        node, depth = pending.pop()
        run = 0
        for child in node.children:
            run = 0 if child.is_named else run + 1
            if child.descendant_count > _MAX_UNNAMED_RUN:
                pending.append((child, depth + 1))
            if run > _MAX_UNNAMED_RUN or depth > _MAX_DEPTH:
                return True
    return False
