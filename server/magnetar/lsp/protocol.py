"""JSON-RPC as this server speaks it: every well-formed request is answered exactly once, whatever happens.

A pygls `LanguageServerProtocol` of which the registry of features and the typed outgoing messages are used as they
are. Replaced is the way in (pygls leaves malformed, unknown and late requests unanswered) and the way out (orjson, and
no traceback in an error). pygls is pinned to a minor version for the hooks overridden here. What a method does stands
in its handler; when one is admitted, in `Phase`.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import logging
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import orjson
from attrs import frozen
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol

from magnetar.errors import BackendUnavailable, RequestError
from magnetar.lsp import messages, standard
from magnetar.lsp.fields import Fields, token
from magnetar.lsp.framing import Malformed

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

RequestId = str | int
Handler = Callable[[Any], Any]

REQUEST_FAILED = -32803
CLIENT_ANSWER_SECONDS = 10.0

_READERS = {**standard.REQUESTS, **messages.REQUESTS}
_logger = logging.getLogger(__name__)


class Phase(Enum):
    """How far a connection is, and with it what it may ask."""

    NEW = "new"
    """Only `initialize` and `exit`."""
    RUNNING = "running"
    SHUT_DOWN = "shut down"
    """Only `exit`."""
    ENDED = "ended"
    """Nothing; nobody listens any more."""


@frozen
class _Running:
    """A request that has not been answered yet."""

    task: asyncio.Task[None] | None
    progress: RequestId | None


class MagnetarProtocol(LanguageServerProtocol):
    """One connection's protocol; `receive` is its way in and `writer` its way out."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.phase = Phase.NEW
        self._running: dict[RequestId, _Running] = {}

    def _register_builtin_features(self) -> None:
        """None: documents and life cycle are ours, so that there is one copy of each buffer."""

    def handle(self, handlers: Mapping[str, Handler]) -> None:
        """Registers what is called for each method."""
        for method, handler in handlers.items():
            # pygls marks the function it registers, and a bound method cannot be marked.
            self.fm.feature(method)(partial(handler))

    # -- the way in ------------------------------------------------------------------------------------------------

    def receive(self, message: Any) -> None:
        """Takes one decoded message: a request is answered, at once or later; anything else never is."""
        if self.phase is Phase.ENDED:
            return
        if isinstance(message, Malformed):
            self._refuse(None, JsonRpcParseError(f"Parse error: {message.message}"))
        elif not isinstance(message, dict):
            self._refuse(None, JsonRpcInvalidRequest("a message must be one object; batches are not supported"))
        elif "id" in message and ("result" in message or "error" in message) and "method" not in message:
            self._receive_response(message)
        elif "id" in message:
            self._receive_request(message)
        elif isinstance(message.get("method"), str):
            self._receive_notification(message["method"], message.get("params"))
        else:
            self._refuse(None, JsonRpcInvalidRequest("method must be a string"))

    def _receive_request(self, message: Mapping[str, Any]) -> None:
        msg_id, method, params = message["id"], message.get("method"), message.get("params")
        if not isinstance(msg_id, (str, int)) or isinstance(msg_id, bool):
            self._refuse(None, JsonRpcInvalidRequest("id must be a string or an integer"))
            return
        try:
            if message.get("jsonrpc") != self.VERSION or not isinstance(method, str):
                raise JsonRpcInvalidRequest('jsonrpc must be "2.0" and method a string')
            self._admit(msg_id, method)
            progress = Fields.of(params).optional("workDoneToken", token) if method in messages.REQUESTS else None
            self._start(msg_id, method, _READERS[method](params), progress)
        except JsonRpcException as error:
            self._refuse(msg_id, error)

    def _admit(self, msg_id: RequestId, method: str) -> None:
        if self.phase is Phase.SHUT_DOWN:
            raise JsonRpcInvalidRequest("the server is shutting down")
        if self.phase is Phase.NEW and method != types.INITIALIZE:
            raise JsonRpcServerNotInitialized("the first request must be initialize")
        if self.phase is Phase.RUNNING and method == types.INITIALIZE:
            raise JsonRpcInvalidRequest("the server is initialized already")
        if msg_id in self._running:
            raise JsonRpcInvalidRequest("id belongs to a request that is still running")
        if method not in _READERS:
            raise JsonRpcMethodNotFound(f"Method not found: {method}")

    def _receive_notification(self, method: str, params: Any) -> None:
        if self.phase is not Phase.RUNNING and method != types.EXIT:
            return
        read = standard.NOTIFICATIONS.get(method)
        if read is None:
            _logger.debug("ignoring the unknown notification %s", method)
            return
        try:
            decoded = read(params)
        except JsonRpcException as error:
            _logger.info("ignoring %s: %s", method, error.message)
            return
        self._get_handler(method)(decoded)

    def _receive_response(self, message: Mapping[str, Any]) -> None:
        msg_id = message["id"]
        if not isinstance(msg_id, str):
            return  # ours are strings
        self._result_types.pop(msg_id, None)
        future = self._request_futures.pop(msg_id, None)
        if future is None or not future.set_running_or_notify_cancel():
            return
        error = message.get("error")
        if error is None:
            future.set_result(message.get("result"))
        else:
            future.set_exception(JsonRpcException(str(error)))

    # -- answering -------------------------------------------------------------------------------------------------

    def _start(self, msg_id: RequestId, method: str, params: Any, progress: RequestId | None) -> None:
        handler = self._get_handler(method)
        self._begin_progress(method, progress)
        work = self._answer(msg_id, method, handler, params)
        if inspect.iscoroutinefunction(handler):
            self._running[msg_id] = _Running(asyncio.get_running_loop().create_task(work), progress)
            return
        # What decides how the next message is read is finished before that is looked at.
        self._running[msg_id] = _Running(None, progress)
        with contextlib.suppress(StopIteration):
            work.send(None)

    async def _answer(self, msg_id: RequestId, method: str, handler: Handler, params: Any) -> None:
        """The request boundary: the one place where any failure of a handler becomes an answer."""
        try:
            result = handler(params)
            if inspect.isawaitable(result):
                result = await result
        except asyncio.CancelledError:
            self._finish(msg_id, error=JsonRpcRequestCancelled("the request was cancelled"))
        except Exception as error:  # noqa: BLE001 - see above
            self._finish(msg_id, error=_translated(method, error))
        else:
            self._finish(msg_id, result=result)

    def _finish(self, msg_id: RequestId, *, result: Any = None, error: JsonRpcException | None = None) -> None:
        """Answers a request, unless it has been answered."""
        running = self._running.pop(msg_id, None)
        if running is None:
            return
        if running.progress is not None:
            self.report(running.progress, {"kind": "end"})
        if error is not None:
            self._refuse(msg_id, error)
            return
        try:
            self._write({"jsonrpc": self.VERSION, "id": msg_id, "result": result})
        except TypeError as failure:
            self._refuse(msg_id, _translated("the answer", failure))

    def _refuse(self, msg_id: RequestId | None, error: JsonRpcException) -> None:
        body: dict[str, Any] = {"code": error.code, "message": error.message}
        if error.data is not None:
            body["data"] = error.data
        self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "error": body})

    # -- cancelling ------------------------------------------------------------------------------------------------

    def cancel(self, msg_id: RequestId) -> None:
        """Answers a running request as cancelled, at once, and then stops its work."""
        running = self._running.get(msg_id)
        if running is None or running.task is None:
            return
        self._finish(msg_id, error=JsonRpcRequestCancelled("the request was cancelled"))
        running.task.cancel()

    def cancel_progress(self, progress: RequestId) -> None:
        """Cancels the request that reports its progress under this token."""
        for msg_id, running in tuple(self._running.items()):
            if running.progress == progress:
                self.cancel(msg_id)

    def cancel_all(self) -> None:
        """Answers every running request as cancelled."""
        for msg_id in tuple(self._running):
            self.cancel(msg_id)

    async def earlier(self) -> None:
        """Returns once every request that came before the caller's has been answered; a later one may wait for that."""
        caller = asyncio.current_task()
        before = takewhile(lambda running: running.task is not caller, self._running.values())
        tasks = {running.task for running in before if running.task is not None}
        if tasks:
            await asyncio.wait(tasks)

    # -- the way out -----------------------------------------------------------------------------------------------

    def report(self, progress: RequestId, value: Mapping[str, Any]) -> None:
        """Sends one `$/progress`."""
        self.notify(types.PROGRESS, types.ProgressParams(token=progress, value=value))

    async def ask(self, method: str, params: Any) -> Any:
        """Sends a request to the client; its result as plain JSON.

        Raises:
            JsonRpcException: The client refused it.
            asyncio.TimeoutError: The client did not answer within `CLIENT_ANSWER_SECONDS`.
        """
        return await asyncio.wait_for(self.send_request_async(method, params), CLIENT_ANSWER_SECONDS)

    def _begin_progress(self, method: str, progress: RequestId | None) -> None:
        if progress is None:
            return
        value: dict[str, Any] = {"kind": "begin", "title": messages.TITLES[method], "cancellable": True}
        if method == messages.WARM:
            value["percentage"] = 0
        self.report(progress, value)

    def _send_data(self, data: Any) -> None:
        """Sends what may quote the name of a file; pygls calls it for notifications and requests to the client."""
        try:
            self._write(data)
        except TypeError:  # a name that is no Unicode: what is none in it is replaced
            text = json.dumps(data, default=self._serialize_message, ensure_ascii=False)
            self._write(orjson.Fragment(text.encode("utf-8", "replace")))

    def _write(self, message: Any) -> None:
        """Raises TypeError where the message is no JSON."""
        body = orjson.dumps(message, default=self._serialize_message)
        if self.writer is not None and self.phase is not Phase.ENDED:
            self.writer.write(body)


def _translated(method: str, error: Exception) -> JsonRpcException:
    """What a client is told of a failure: never a traceback, never contents."""
    if isinstance(error, JsonRpcException):
        return error
    if isinstance(error, RequestError):
        return JsonRpcException(str(error), REQUEST_FAILED, {"kind": error.kind})
    if isinstance(error, BackendUnavailable):
        return JsonRpcException(str(error), REQUEST_FAILED, {"kind": "backendUnavailable"})
    _logger.error("%s failed unexpectedly (%s)", method, type(error).__name__, exc_info=error)
    return JsonRpcInternalError("internal error")
