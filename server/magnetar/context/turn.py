"""What a conversation's next turn keeps of the ones before: which held items still stand, which changed, which are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from magnetar.context.items import content_of
from magnetar.context.ledger import Held, digest_of
from magnetar.context.packing import Runs
from magnetar.model import ItemKind
from magnetar.workspace.documents import Source

_KEPT_SHARE = 0.85
"""Held items may fill this share of the budget; the rest is for what the new turn needs."""


@frozen(eq=False)
class Turn:
    """The state of a conversation before its next answer is packed."""

    kept: tuple[Held, ...]
    """Items that stand as they were, in prompt order."""
    changed: Mapping[str, Runs]
    """Documents whose shown lines read differently now, and which lines those were."""
    removed: tuple[str, ...]
    """Documents that can no longer be served."""

    @property
    def tokens(self) -> int:
        """What the kept items cost."""
        return sum(held.tokens for held in self.kept)

    def lines(self, path: str) -> Runs:
        """The lines of a document that the client holds."""
        return tuple(sorted(run for held in self.kept if held.path == path for run in held.runs))


def next_turn(
    held: Iterable[Held],
    sources: Mapping[str, Source],
    excluded: frozenset[str],
    kinds: frozenset[ItemKind],
    budget: int,
    most_items: int,
) -> Turn:
    """Sorts what a conversation holds by what became of it."""
    kept: list[Held] = []
    changed: dict[str, Runs] = {}
    removed: dict[str, None] = {}
    tokens = 0
    full = False
    for one in held:
        source = sources.get(one.path)
        if source is None or one.path in excluded:
            removed[one.path] = None
        elif not _stands(one, source):
            changed[one.path] = tuple(sorted({*changed.get(one.path, ()), *one.runs}))
        elif one.kind in kinds and not full:
            full = tokens + one.tokens > _KEPT_SHARE * budget or len(kept) == most_items
            if not full:
                kept.append(one)
                tokens += one.tokens
    return Turn(tuple(kept), changed, tuple(removed))


def _stands(held: Held, source: Source) -> bool:
    """Whether the same lines still read the same, may still be shown and, of a whole file, are still all of it."""
    end = held.runs[-1][1]
    if end > len(source.lines) or (held.kind is ItemKind.FILE and end < len(source.lines)):
        return False
    hidden = source.facts.secret_lines
    if any(first < end and start < last for first, last in hidden for start, end in held.runs):
        return False
    return digest_of(content_of(source.lines, held.runs)) == held.digest
