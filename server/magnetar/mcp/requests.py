"""The tools: each turns what a model sent into the domain, makes one call of the service, and tells what comes back.

What they take stands in `arguments.py`, how answers read in `answers.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import mcp_types as types
from attrs import evolve

from magnetar.context.markdown import answer_within, prompt_tokens
from magnetar.context.service import Service
from magnetar.errors import NotFound, OutsideWorkspace, RequestError, SecretFile
from magnetar.mcp import answers
from magnetar.mcp.arguments import ContextArguments, PredictArguments, SearchArguments, SymbolsArguments
from magnetar.mcp.places import Places
from magnetar.mcp.progress import Report, reported
from magnetar.mcp.refusals import REASONS
from magnetar.mcp.roots import Roots
from magnetar.model import ContextRequest, Cursor, DropReason, ItemKind, PositionEncoding, Target
from magnetar.workspace.documents import Source

_LEDGER = "mcp"
_DEADLINE_MS = 5_000
"""A model waits longer than someone who types: it may take the time to hear every source."""
_PATIENCE_SECONDS = 20.0
"""How long an answer waits for a workspace that is still being read; hosts give up on a tool after a minute."""
_IMPATIENCE_SECONDS = 1.0
"""How long it waits once it has waited in vain: a large workspace must not slow down every answer."""
_ALIKE = 3
_ERRORS: dict[DropReason, type[RequestError]] = {
    DropReason.MISSING: NotFound,
    DropReason.SECRET: SecretFile,
    DropReason.OUTSIDE_WORKSPACE: OutsideWorkspace,
}

_logger = logging.getLogger(__name__)


class Requests:
    """What one client may ask. What it reads, or says it works on, is learned from; what it is served is not."""

    def __init__(self, service: Service, roots: Roots) -> None:
        self._service = service
        self._roots = roots
        self._slow: set[Path | None] = set()
        """Folders that were waited for in vain."""

    async def context(self, arguments: ContextArguments, report: Report) -> types.CallToolResult:
        """`magnetar_context`."""
        places = self._roots.places
        file = None if arguments.file is None else places.path(arguments.file)
        folder = places.folder(arguments.folder)
        await self.warmed(places.holder(file) if file is not None else folder, report)
        if file is not None:
            self._service.visited(file)
        request = ContextRequest(
            query=arguments.query,
            document=None if file is None else Target.of(file),
            position=None if arguments.line is None else Cursor(arguments.line - 1, 0, PositionEncoding.UTF8),
            token_budget=arguments.token_budget,
            max_items=arguments.max_items,
            include=frozenset(map(ItemKind, arguments.include or ItemKind)),
            must_include=_targets(arguments.must_include, places),
            exclude=_targets(arguments.exclude, places),
            deadline_ms=_DEADLINE_MS,
            folder=folder,
        )
        prefix = max((f"{label}/" for root in places.roots if (label := places.label(root))), key=len, default="")
        answer = await answer_within(partial(self._service.context, ledger=_LEDGER), request, prefix)
        answer = evolve(answer, tokens=prompt_tokens(answer, prefix))
        if any(one.target == request.document and one.reason is DropReason.MISSING for one in answer.dropped):
            raise await self._refused(str(arguments.file), DropReason.MISSING)
        return types.CallToolResult(
            content=[
                types.TextContent(text=answers.context_text(answer, places)),
                types.TextContent(text=answers.context_note(answer, places)),
            ],
            _meta={"magnetar/ledger": answers.context_ledger(answer, places)},
        )

    async def search(self, arguments: SearchArguments, report: Report) -> types.CallToolResult:
        """`magnetar_search`."""
        places = self._roots.places
        folder = places.folder(arguments.folder)
        ready = await self.warmed(folder, report)
        result = answers.search_result(await self._service.search(arguments.query, arguments.limit, folder), places)
        return _result(answers.search_text(result), result, ready=ready)

    async def symbols(self, arguments: SymbolsArguments, report: Report) -> types.CallToolResult:
        """`magnetar_symbols`."""
        places = self._roots.places
        folder = places.folder(arguments.folder)
        document = None
        if arguments.file is not None:
            document = Target.of((await self.read(arguments.file))[0])
        ready = await self.warmed(folder, report)
        hits = await self._service.symbols(document, arguments.query, arguments.limit, folder)
        result = answers.symbols_result(hits, places)
        return _result(answers.symbols_text(result), result, ready=ready)

    async def predict(self, arguments: PredictArguments, report: Report) -> types.CallToolResult:
        """`magnetar_predict`."""
        places = self._roots.places
        path, _ = await self.read(arguments.file)
        ready = await self.warmed(places.holder(path), report)
        predictions = await self._service.predict(Target.of(path), arguments.top_k)
        result = answers.predict_result(predictions, places)
        return _result(answers.predict_text(result), result, ready=ready)

    async def read(self, name: str) -> tuple[Path, Source]:
        """The document a model means by a name, as it is at this moment.

        Raises:
            RequestError: It can't be served; the text says why.
        """
        path = self._roots.places.path(name)
        source = await self._service.read(path)
        if isinstance(source, DropReason):
            raise await self._refused(name, source)
        return path, source

    async def warmed(self, folder: Path | None, report: Report) -> bool:
        """Waits a while for the workspace to be read; whether it is. A failure to read it all fails no request."""
        patience = _IMPATIENCE_SECONDS if folder in self._slow else _PATIENCE_SECONDS
        async with reported(report) as progress:
            warming = asyncio.get_running_loop().create_task(self._service.warmed(folder, progress))
            try:
                await asyncio.wait({warming}, timeout=patience)
            finally:
                warming.cancel()
        if not warming.done() or warming.cancelled():
            self._slow.add(folder)
            return False
        if (failure := warming.exception()) is not None:
            _logger.error("the workspace could not be read (%s)", type(failure).__name__, exc_info=failure)
        return failure is None

    async def _refused(self, name: str, reason: DropReason) -> RequestError:
        alike = await self._called(Path(name).name) if reason is DropReason.MISSING else []
        hint = f" Is it {' or '.join(alike)}?" if alike else ""
        return _ERRORS.get(reason, RequestError)(f"{name}: {REASONS[reason]}.{hint}")

    async def _called(self, name: str) -> list[str]:
        """Some files of this name, wherever they are."""
        places = self._roots.places
        found = [path for root in places.roots for path in await self._service.files(root) if path.name == name]
        return [places.name(path) for path in found[:_ALIKE]]


def _targets(names: Sequence[str], places: Places) -> tuple[Target, ...]:
    return tuple(Target.of(places.path(name)) for name in names)


def _result(text: str, result: answers.Result, *, ready: bool) -> types.CallToolResult:
    shown = text if ready else f"{text}\n\n{answers.STILL_READING}"
    return types.CallToolResult(content=[types.TextContent(text=shown)], structured_content=result.data())
