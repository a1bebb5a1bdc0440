"""`magnetar mcp`: the Model Context Protocol server as a process on stdio, from its first message to its end.

The SDK frames, validates and dispatches messages and takes stdin and stdout for itself, so that a stray print or a child
process cannot reach the wire. Here stands what it calls, and what keeps an error from telling a client too much.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from magnetar.context.service import Service
from magnetar.errors import MagnetarError
from magnetar.mcp.arguments import read
from magnetar.mcp.refusals import told
from magnetar.mcp.requests import Requests
from magnetar.mcp.resources import Resources
from magnetar.mcp.roots import Roots
from magnetar.mcp.tools import INSTRUCTIONS, TOOLS
from magnetar.process import CLOSE_SECONDS, limit_exit, log_failure, log_to_stderr, on_signal

_T = TypeVar("_T")

_logger = logging.getLogger(__name__)


def serve(build: Callable[[], Service], folder: Path | None, here: Path, *, version: str, log_level: str) -> int:
    """Serves until the client leaves or a signal comes, and returns the exit code; the last thing a process does.

    Args:
        build: Makes the service, which is opened and closed here.
        folder: The workspace, where it was named; else the client is asked.
        here: The folder that the process was started in, for a client that cannot be asked.
        version: What the server says it is.
        log_level: From which level up stderr is told.
    """
    log_to_stderr(log_level)
    return asyncio.run(_serve(build(), folder, here, version))


async def _serve(service: Service, folder: Path | None, here: Path, version: str) -> int:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_failure)
    stopped: asyncio.Future[int] = loop.create_future()
    on_signal(lambda code: None if stopped.done() else stopped.set_result(code))
    service.on_message = _logger.warning
    await service.open()
    serving = loop.create_task(_talk(make_server(service, folder, here, version)))
    ends: tuple[asyncio.Future[Any], ...] = (serving, stopped)
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    code = stopped.result() if stopped.done() else _outcome(serving)
    limit_exit(code)
    await asyncio.wait({loop.create_task(service.close())}, timeout=CLOSE_SECONDS)
    if not serving.done():  # a thread of the SDK waits for input, and nothing can wake it
        logging.shutdown()
        os._exit(code)
    return code


def _outcome(serving: asyncio.Task[None]) -> int:
    failure = serving.exception()
    if failure is not None:
        _logger.error("the connection broke (%s)", type(failure).__name__, exc_info=failure)
    return int(failure is not None)


async def _talk(server: Server[Any]) -> None:
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def make_server(service: Service, folder: Path | None, here: Path, version: str) -> Server[Any]:
    """The SDK's server over an open service; it serves one client."""
    roots = Roots(service, folder, here)
    requests = Requests(service, roots)
    handlers = _Handlers(roots, requests, Resources(service, roots, requests))
    server: Server[Any] = Server(
        "magnetar",
        version=version,
        title="magnetar",
        instructions=INSTRUCTIONS,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_resources,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_resource,
        on_completion=handlers.complete,
    )
    server.add_notification_handler("notifications/initialized", types.NotificationParams, handlers.initialized)
    server.add_notification_handler(
        "notifications/roots/list_changed", types.NotificationParams, handlers.roots_changed
    )
    return server


class _Handlers:
    """What the SDK calls, by the names of the protocol."""

    def __init__(self, roots: Roots, requests: Requests, resources: Resources) -> None:
        self._roots = roots
        self._requests = requests
        self._resources = resources

    async def initialized(self, context: ServerRequestContext, _params: types.NotificationParams) -> None:
        """The workspace is warming before the first question comes."""
        await self._roots.settle(context, None)

    async def roots_changed(self, context: ServerRequestContext, _params: types.NotificationParams) -> None:
        """The client works in other folders now."""
        await self._roots.changed(context)

    async def list_tools(
        self, _context: ServerRequestContext, _params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        """`tools/list`."""
        return types.ListToolsResult(tools=[kind.listed(name) for name, kind in TOOLS.items()])

    async def call_tool(
        self, context: ServerRequestContext, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        """`tools/call`: what goes wrong is a result that the model reads."""
        kind = TOOLS.get(params.name)
        if kind is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name}. The tools are: {', '.join(TOOLS)}.")
        question = await self._roots.settle(context, params.input_responses)
        if question is not None:
            return question

        async def work() -> types.CallToolResult:
            return await kind.answer(
                self._requests, read(kind.arguments, params.arguments), context.session.report_progress
            )

        try:
            return await _guarded(work(), params.name)
        except MCPError as error:
            return types.CallToolResult(content=[types.TextContent(text=error.message)], is_error=True)

    async def list_resources(
        self, context: ServerRequestContext, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        """`resources/list`: files, once it is known of which workspace."""
        if await self._roots.settle(context, None) is not None:
            return types.ListResourcesResult(resources=[])
        return await _guarded(self._resources.page(params.cursor if params else None), "resources/list")

    async def list_templates(
        self, _context: ServerRequestContext, _params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        """`resources/templates/list`."""
        return self._resources.templates()

    async def read_resource(
        self, context: ServerRequestContext, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult | types.InputRequiredResult:
        """`resources/read`."""
        question = await self._roots.settle(context, params.input_responses)
        if question is not None:
            return question
        return await _guarded(self._resources.read(params.uri), "resources/read")

    async def complete(
        self, context: ServerRequestContext, params: types.CompleteRequestParams
    ) -> types.CompleteResult:
        """`completion/complete`: the path of a resource."""
        if await self._roots.settle(context, None) is not None:
            return types.CompleteResult(completion=types.Completion(values=[]))
        found = await _guarded(self._resources.completions(params.argument.value), "completion/complete")
        return types.CompleteResult(completion=found)


async def _guarded(work: Coroutine[Any, Any, _T], name: str) -> _T:
    """What a request comes to, or an error fit for a client; the boundary that nothing else passes.

    The work is a task of its own: the SDK's cancellation comes again at every await, and cleaning up takes some.
    """
    task = asyncio.get_running_loop().create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        raise
    except MagnetarError as error:
        raise MCPError(types.INVALID_PARAMS, told(error)) from error
    except Exception as error:
        _logger.exception("%s failed", name)
        text = f"{name} failed inside magnetar, and its log says more. Go on without it, or try other arguments."
        raise MCPError(types.INTERNAL_ERROR, text) from error
