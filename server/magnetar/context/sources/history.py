"""History: files that changed together, files whose commits sound like the query, and what changes most."""

from __future__ import annotations

import asyncio

from magnetar.context.chronicle import Chronicle
from magnetar.context.content import hashed
from magnetar.context.sources.base import Document, Evidence, Moment, best
from magnetar.workspace.history import History

_PROPOSED = 80


class Past:
    """Files by the commits they stand in. Keeps the chronicle of the last HEAD it was asked about."""

    name = "history"

    def __init__(self) -> None:
        self._building: asyncio.Task[Chronicle] | None = None
        self._head: str | None = None

    async def gather(self, moment: Moment) -> Evidence:
        """What changes most and latest, and the files of commits that sound like the query."""
        chronicle = await self.chronicle(moment.workspace.history)
        if chronicle is None:
            return Evidence()
        files, _ = chronicle.alike(hashed(moment.question.terms))
        popular = chronicle.priors["pop"]
        return Evidence(
            columns={"msg": best(files, _PROPOSED)}, proposed=best(popular, _PROPOSED) if moment.wide else {}
        )

    async def relate(self, moment: Moment, document: Document) -> Evidence:
        """What changed together with the document."""
        chronicle = await self.chronicle(moment.workspace.history)
        return Evidence(columns=chronicle.changed_with(document.path)) if chronicle else Evidence()

    async def chronicle(self, history: History | None) -> Chronicle | None:
        """A history, indexed; that is done once, in a thread, and shared by all who wait for it."""
        if history is None:
            return None
        if self._building is None or self._head != history.head:
            self._head = history.head
            self._building = asyncio.create_task(asyncio.to_thread(Chronicle, history))
        return await asyncio.shield(self._building)
