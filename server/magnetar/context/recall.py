"""Answers that were given before, for as long as nothing they rest on has changed.

Equal requests at an equal state have equal answers, so the second need not be worked out. That is no exception to freshness:
every document that an answer shows is proven to be the same before it is given again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable

from attrs import evolve, frozen

from magnetar.context.knowledge import Knowledge
from magnetar.model import ContextAnswer
from magnetar.workspace.documents import Source

_MOST = 16


@frozen(eq=False)
class _Given:
    generation: int
    answer: ContextAnswer
    proven: Callable[[], bool]


class Recall:
    """The latest answers about one workspace."""

    def __init__(self, workspace: Knowledge) -> None:
        self._workspace = workspace
        self._given: OrderedDict[Hashable, _Given] = OrderedDict()

    def again(self, asked: Hashable) -> ContextAnswer | None:
        """The answer given before to what is asked; None where it can't be given again."""
        given = self._given.get(asked)
        if given is None:
            return None
        same = given.generation == self._workspace.generation and given.answer.index == self._workspace.status
        if not same or not given.proven():
            del self._given[asked]
            return None
        self._given.move_to_end(asked)
        return given.answer

    def keep(self, asked: Hashable, generation: int, answer: ContextAnswer, shown: Iterable[Source]) -> None:
        """Remembers an answer that is of one generation of the workspace; a second time all of it comes from the cache."""
        proven = self._workspace.proof(shown)
        if answer.late_sources or proven is None:
            return
        items = tuple(item if item.cached else evolve(item, cached=True) for item in answer.items)
        again = evolve(answer, items=items, hits=answer.hits + answer.misses, misses=0)
        self._given[asked] = _Given(generation, again, proven)
        self._given.move_to_end(asked)
        if len(self._given) > _MOST:
            self._given.popitem(last=False)
