"""Everything the rest of magnetar knows about one text, computed once per content and stored by its hash.

A `Facts` holds no text of the document but symbols' signatures and doc lines; answers always take their text from the
verified document. Arrays keep it compact: a thousand-line file costs about ten kilobytes in memory.
"""

from __future__ import annotations

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from magnetar.model import Import, Symbol


@frozen(eq=False)
class Facts:
    """What is known about one text.

    A *piece* is a run of whole lines that reads on its own: a statement, a signature with its comment, a paragraph.
    Pieces are in order and disjoint; blank lines between them belong to none, and lines of a secret belong to none.
    """

    language: str
    """The LSP language identifier."""
    line_count: int
    symbols: tuple[Symbol, ...]
    imports: tuple[Import, ...]
    starts: NDArray[np.int32]
    """(pieces,) first line of each piece."""
    ends: NDArray[np.int32]
    """(pieces,) line after the last of each piece."""
    cumulative_tokens: NDArray[np.int32]
    """(line_count + 1,) tokens before each line, so that a run of lines a..b costs `[b] - [a]`."""
    terms: NDArray[np.uint32]
    """(postings,) hash of a term (`terms.term_hash`), ascending; terms are sub-word stems and `=identifier`s."""
    pieces: NDArray[np.uint16]
    """(postings,) the piece each posting stands in."""
    counts: NDArray[np.uint8]
    """(postings,) how often the term stands in the piece, at most 255."""
    head_terms: NDArray[np.uint32]
    """(head postings,) hash of a stem in the header lines a piece is nested in (its class, its function)."""
    head_pieces: NDArray[np.uint16]
    """(head postings,) the piece it belongs to."""
    shapes: NDArray[np.float32]
    """(pieces, 3) share of import lines, share of comment lines, and 1 where the piece starts with a definition."""
    defined: tuple[tuple[str, int], ...]
    """(identifier, piece) of every definition with a name of at least three characters."""
    identifiers: tuple[str, ...]
    """Every distinct identifier that is not a keyword, most frequent first, at most 2,000."""
    header_tokens: int
    """Tokens of the header an item of this document carries (its path)."""
    secret_lines: tuple[tuple[int, int], ...] = field(default=())
    """Runs of lines [start, end) that hold a secret and are never shown."""

    def tokens(self, start: int, end: int) -> int:
        """Tokens of the lines start..end, an upper bound within 5 % for runs of twenty tokens and more."""
        return int(self.cumulative_tokens[end] - self.cumulative_tokens[start]) + 1
