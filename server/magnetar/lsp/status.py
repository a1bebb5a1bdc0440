"""What the server tells a client unasked: its status, messages for the user, and how far the warming is."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from magnetar.lsp.answers import status_params
from magnetar.lsp.messages import SERVER_STATUS
from magnetar.lsp.protocol import MagnetarProtocol
from magnetar.lsp.session import Session
from magnetar.model import ServerStatus

if TYPE_CHECKING:
    from magnetar.workspace.warming import Progress

REPORT_SECONDS = 0.1
"""At most one report in this time."""


class ReportedProgress:
    """Turns (done, total) into work-done reports, few enough to be read."""

    def __init__(self, send: Callable[[Mapping[str, Any]], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._send = send
        self._clock = clock
        self._next = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Reports, unless that was done a moment ago and there is more to come."""
        now = self._clock()
        if now < self._next and done < total:
            return
        self._next = now + REPORT_SECONDS
        self._send({"kind": "report", "percentage": percentage(done, total), "message": message(done, total)})


class WarmingProgress:
    """A folder's bar: begun once the client has made room for it, ended with the last file."""

    def __init__(self, title: str, send: Callable[[Mapping[str, Any]], None]) -> None:
        self._title = title
        self._send = send
        self._report = ReportedProgress(send)
        self._begun = False
        self._ended = False
        self._latest = (0, 0)

    def __call__(self, done: int, total: int) -> None:
        """Notes how far it is; the end is when all is done."""
        if self._ended:
            return
        self._latest = (done, total)
        self._ended = done >= total
        if not self._begun:
            return
        self._report(done, total)
        if self._ended:
            self._send({"kind": "end", "message": message(done, total)})

    def begin(self) -> None:
        """The client is ready to show it; if all is done by now, it never sees it."""
        if self._ended:
            return
        self._begun = True
        done, total = self._latest
        begin = {"kind": "begin", "title": self._title, "cancellable": False, "percentage": percentage(done, total)}
        self._send({**begin, "message": message(done, total)} if total else begin)


class StatusReporter:
    """One connection's listener at the service host."""

    def __init__(self, protocol: MagnetarProtocol, session: Session) -> None:
        self._protocol = protocol
        self._session = session
        self._numbers = itertools.count(1)
        self._creating: set[asyncio.Task[None]] = set()

    def status(self, status: ServerStatus) -> None:
        """Sends `experimental/serverStatus`."""
        self._protocol.notify(SERVER_STATUS, status_params(status))

    def message(self, text: str) -> None:
        """Sends `window/showMessage`, as a warning."""
        params = types.ShowMessageParams(types.MessageType.Warning, text)
        self._protocol.notify(types.WINDOW_SHOW_MESSAGE, params)

    def warming(self, root: Path) -> Progress | None:
        """A bar for a folder that warms by itself, where the client shows bars."""
        if not self._session.features.work_done_progress:
            return None
        token = f"magnetar/warming/{next(self._numbers)}"
        bar = WarmingProgress(f"Indexing {root.name}", lambda value: self._protocol.report(token, value))
        creating = asyncio.get_running_loop().create_task(self._create(token, bar))
        self._creating.add(creating)
        creating.add_done_callback(self._creating.discard)
        return bar

    def close(self) -> None:
        """Waits for no client any more."""
        for creating in self._creating:
            creating.cancel()

    async def _create(self, token: str, bar: WarmingProgress) -> None:
        params = types.WorkDoneProgressCreateParams(token)
        try:
            await self._protocol.ask(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params)
        except (JsonRpcException, asyncio.TimeoutError):
            return
        bar.begin()


def percentage(done: int, total: int) -> int:
    """0 to 100; all of nothing is 100."""
    return 100 * min(done, total) // total if total else 100


def message(done: int, total: int) -> str:
    """Such as "1 234 / 10 000 files"."""
    return f"{done:,} / {total:,} files".replace(",", " ")
