"""The requests: each decodes into the domain, makes one call of the service, and encodes what comes back.

Validation stands in `messages.py`, result shapes in `answers.py`, errors and cancellation in `protocol.py`.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from magnetar.lsp import answers, messages
from magnetar.lsp.answers import Wire
from magnetar.lsp.encoded import Encoded
from magnetar.lsp.fields import WirePosition
from magnetar.lsp.host import ServiceHost
from magnetar.lsp.protocol import Handler, MagnetarProtocol
from magnetar.lsp.session import Session
from magnetar.lsp.status import ReportedProgress
from magnetar.model import ContextRequest, Cursor


class Requests:
    """One connection's `magnetar/*` requests; `settled` waits for what the client was asked."""

    def __init__(
        self,
        host: ServiceHost,
        session: Session,
        protocol: MagnetarProtocol,
        settled: Callable[[], Awaitable[None]],
    ) -> None:
        self._host = host
        self._session = session
        self._protocol = protocol
        self._settled = settled
        self._encoded = Encoded()

    def handlers(self) -> Mapping[str, Handler]:
        """What is called for each method."""
        return {
            messages.CONTEXT: self.context,
            messages.PREDICT: self.predict,
            messages.PREFETCH: self.prefetch,
            messages.WARM: self.warm,
            messages.SEARCH: self.search,
            messages.SYMBOLS: self.symbols,
            messages.STATS: self.stats,
            messages.EXPLAIN: self.explain,
            messages.CLEAR: self.clear,
            messages.SYNCHRONIZE: self.synchronize,
        }

    async def context(self, params: messages.ContextParams) -> Wire:
        """`magnetar/context`."""
        service = await self._host.service()
        answer = await service.context(self._request(params), self._session.ledger)
        return answers.context_result(answer, self._session.encoding, self._encoded)

    async def explain(self, params: messages.ContextParams) -> Wire:
        """`magnetar/explain`."""
        service = await self._host.service()
        return answers.explain_result(await service.explain(self._request(params)))

    async def predict(self, params: messages.PredictParams) -> Wire:
        """`magnetar/predict`."""
        service = await self._host.service()
        return answers.predict_result(await service.predict(params.document, params.top_k))

    async def prefetch(self, params: messages.PrefetchParams) -> Wire:
        """`magnetar/prefetch`."""
        service = await self._host.service()
        return answers.prefetch_result(await service.prefetch(params.targets))

    async def warm(self, params: messages.WarmParams) -> Wire:
        """`magnetar/warm`, which reports how far it is."""
        service = await self._host.service()
        progress = None
        if params.progress is not None:
            progress = ReportedProgress(partial(self._protocol.report, params.progress))
        return answers.warm_result(await service.warm(params.folder, params.patterns, progress))

    async def search(self, params: messages.SearchParams) -> Wire:
        """`magnetar/search`."""
        service = await self._host.service()
        started = time.perf_counter()
        hits = await service.search(params.query, params.limit, params.folder)
        elapsed_ms = (time.perf_counter() - started) * 1_000
        return answers.search_result(hits, elapsed_ms, self._session.encoding)

    async def symbols(self, params: messages.SymbolsParams) -> Wire:
        """`magnetar/symbols`."""
        service = await self._host.service()
        hits = await service.symbols(params.document, params.query, params.limit, params.folder)
        return answers.symbols_result(hits, self._session.encoding)

    async def stats(self, params: messages.StatsParams) -> Wire:
        """`magnetar/stats`."""
        service = await self._host.service()
        return answers.stats_result(await service.stats(params.folder))

    async def clear(self, params: messages.ClearParams) -> Wire:
        """`magnetar/clear`."""
        service = await self._host.service()
        return answers.clear_result(await service.clear(params.scope.value, params.folder))

    async def synchronize(self, _params: messages.SynchronizeParams) -> Wire:
        """`magnetar/synchronize`: all that came before it is answered, and its background work done."""
        service = await self._host.service()
        await self._protocol.earlier()
        await self._settled()
        await service.synchronize()
        return {}

    def _request(self, params: messages.ContextParams) -> ContextRequest:
        selection = params.selection
        budget = params.token_budget or self._host.settings.context.token_budget
        return ContextRequest(
            query=params.query,
            document=params.document,
            position=None if params.position is None else self._cursor(params.position),
            selection=None if selection is None else (self._cursor(selection[0]), self._cursor(selection[1])),
            token_budget=budget,
            max_items=params.max_items,
            include=params.include,
            must_include=params.must_include,
            exclude=params.exclude,
            conversation_id=params.conversation_id,
            preview=params.preview,
            deadline_ms=params.deadline_ms,
            folder=params.folder,
        )

    def _cursor(self, position: WirePosition) -> Cursor:
        line, character = position
        return Cursor(line, character, self._session.encoding)
