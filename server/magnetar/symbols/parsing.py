"""Bytes → syntax tree, within bounds.

A parser of this kind is linear on code, broken or not, but quadratic on a few texts that are none: thousands of
brackets that never close, thousands of punctuation marks in a row. Those, and whatever else takes out of all proportion
to its size, have no tree here.
"""

from __future__ import annotations

from time import thread_time

from tree_sitter import Language, Node, Parser, Point, Tree

_CHUNK = 512
"""Bytes that the parser is given at once; conditions in queries read as much for each name they compare."""
_SECONDS = 1.0
_SECONDS_PER_BYTE = 4e-6
"""Twenty times what common code takes."""
_BRACKETS = ((b"(", b")"), (b"[", b"]"), (b"{", b"}"), (b"<", b">"))
_MAX_OPEN_BRACKETS = 4_000
_MAX_UNNAMED_RUN = 4_000


def parse(source: bytes, language: Language) -> Tree | None:
    """The tree of a source, as error-tolerant as its grammar; None where that would take too long."""
    if any(source.count(opening) - source.count(closing) > _MAX_OPEN_BRACKETS for opening, closing in _BRACKETS):
        return None
    deadline = thread_time() + _SECONDS + len(source) * _SECONDS_PER_BYTE

    def read(offset: int, _point: Point) -> bytes:
        return source[offset : offset + _CHUNK]

    def is_late(_offset: int, _has_error: bool) -> bool:  # noqa: FBT001 - the parser's signature
        return thread_time() > deadline

    try:
        tree = Parser(language).parse(read, progress_callback=is_late)
    except ValueError:
        return None
    return None if _has_long_unnamed_run(tree.root_node) else tree


def _has_long_unnamed_run(root: Node) -> bool:
    """Whether some node has thousands of tokens in a row and nothing else: a query looks past all of them at each."""
    pending = [root] if root.descendant_count > _MAX_UNNAMED_RUN else []
    while pending:
        run = 0
        for child in pending.pop().children:
            run = 0 if child.is_named else run + 1
            if run > _MAX_UNNAMED_RUN:
                return True
            if child.descendant_count > _MAX_UNNAMED_RUN:
                pending.append(child)
    return False
