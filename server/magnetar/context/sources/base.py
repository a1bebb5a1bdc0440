"""What every source of signals has in common: what it is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Protocol

from attrs import field, frozen

from magnetar.context.definitions import Needed
from magnetar.context.knowledge import Knowledge
from magnetar.context.question import Question
from magnetar.workspace import documents

Scores = Mapping[str, float]
"""Path to a non-negative score; a path that is absent scores 0."""
Document = documents.Source
"""A verified document whose neighbours are asked for. A `Source` is one of signals here."""


@frozen
class Evidence:
    """What a source knows: scores of files, and terms whose presence in a candidate counts."""

    columns: Mapping[str, Scores] = field(factory=dict)
    """Feature to scores. Every path in it is a candidate."""
    needles: Mapping[str, Mapping[int, float]] = field(factory=dict)
    """Feature to weights by term hash; scored against the facts of the candidates."""
    proposed: Scores = field(factory=dict)
    """Candidates that the needles alone would not bring in."""


@frozen
class Moment:
    """One request, as the sources see it."""

    workspace: Knowledge
    question: Question
    focus: Document | None
    lines: tuple[int, int] | None
    """Lines [start, end) of the focus that the user points at: the selection, or the function around the cursor."""
    needed: Needed
    """What those lines use."""
    wide: bool
    """Whether the folder has too many files to rank them all, so that sources must propose candidates."""


class Source(Protocol):
    """One kind of signal about the request as a whole."""

    name: str

    async def gather(self, moment: Moment) -> Evidence:
        """What the query and the session say."""


class Relation(Protocol):
    """One kind of signal between two documents."""

    name: str

    async def relate(self, moment: Moment, document: Document) -> Evidence:
        """How the files of the workspace are related to one document. Depends on index, history and that document alone."""


def rarity(frequency: int, files: int) -> float:
    """How much it says that a file holds a name, by how many do; never 0."""
    return log(1 + files / max(frequency, 1))


def best(scores: Scores, limit: int) -> dict[str, float]:
    """The highest scores, ties in path order."""
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit])
