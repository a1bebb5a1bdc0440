"""Tables in Markdown, and the means that stand in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def mean(rows: Iterable[Mapping[str, Any]], name: str) -> float:
    """The mean of one field; rows that lack it count for nothing, and none at all give zero."""
    values = [row[name] for row in rows if row[name] is not None]
    return sum(values) / len(values) if values else 0.0


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; the first column is text, the others are numbers."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)
