"""The one service behind all connections: built after the first `initialize` is answered, closed after the last.

Whatever connections tell it before it is open is kept and passed on in order. What the service does is not known here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from magnetar.config import Settings
from magnetar.errors import MagnetarError
from magnetar.model import Health, ServerStatus

if TYPE_CHECKING:  # what the service imports is heavy, and not needed before `initialize` is answered
    from magnetar.context.service import Service
    from magnetar.workspace.warming import Progress

ServiceFactory = Callable[[Settings], "Service"]
"""Builds the service. Runs in a thread, so that what it imports keeps no request waiting; must not need the loop."""

_logger = logging.getLogger(__name__)


class Listener(Protocol):
    """A connection, as the service's announcements see it."""

    def status(self, status: ServerStatus) -> None:
        """The server's health or quiescence changed."""

    def message(self, text: str) -> None:
        """Something worth showing the user."""

    def warming(self, root: Path) -> Progress | None:
        """A folder starts to warm; None where the client cannot show it."""


class ServiceHost:
    """Opens one service lazily and shares it; all methods but `service` and `close` return at once."""

    def __init__(self, factory: ServiceFactory) -> None:
        self._factory = factory
        self._settings: Settings | None = None
        self._opening: asyncio.Task[Service] | None = None
        self._service: Service | None = None
        self._backlog: list[Callable[[Service], None]] = []
        self._folders: Counter[Path] = Counter()
        self._listeners: list[Listener] = []
        self._status: ServerStatus | None = None

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self._settings or Settings()

    def configure(self, settings: Settings) -> None:
        """Puts new settings in force."""
        if settings == self._settings:
            return
        self._settings = settings
        if self._opening is not None:
            self.post(lambda service: service.configure(settings))

    def offer(self, settings: Settings) -> None:
        """The settings of a client that connects: the first one's count, a later one joins what is there."""
        if self._settings is None:
            self._settings = settings

    def start(self) -> None:
        """Begins to open the service, once."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open())
            self._opening.add_done_callback(self._opened)

    def post(self, call: Callable[[Service], None]) -> None:
        """Tells the service something, now or as soon as it is open, in order."""
        if self._service is not None:
            call(self._service)
        else:
            self._backlog.append(call)

    async def service(self) -> Service:
        """The open service; whatever kept it from opening is raised."""
        if self._service is not None:
            return self._service
        self.start()
        assert self._opening is not None  # noqa: S101 - `start` has just seen to it
        return await asyncio.shield(self._opening)

    def add_folder(self, root: Path) -> None:
        """Opens a folder for one more connection."""
        self._folders[root] += 1
        if self._folders[root] == 1:
            self.post(lambda service: service.add_folder(root))

    def remove_folder(self, root: Path) -> None:
        """Closes a folder for one connection, and for good with the last."""
        if not self._folders[root]:
            return
        self._folders[root] -= 1
        if not self._folders[root]:
            self.post(lambda service: service.remove_folder(root))

    def attach(self, listener: Listener) -> None:
        """Adds a connection, and tells it how the server is."""
        self._listeners.append(listener)
        if self._status is not None:
            listener.status(self._status)

    def detach(self, listener: Listener) -> None:
        """Removes a connection; one that was never added is fine."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    async def close(self, seconds: float) -> None:
        """Closes the service, giving up on it after a while."""
        if self._opening is None:
            return
        closing = asyncio.get_running_loop().create_task(self._close(self._opening))
        done, _ = await asyncio.wait({closing}, timeout=seconds)
        if not done:
            _logger.error("the service did not close within %g s", seconds)
        elif (failure := closing.exception()) is not None:
            _logger.error("the service did not close cleanly (%s)", type(failure).__name__, exc_info=failure)

    async def _open(self) -> Service:
        service = await asyncio.to_thread(self._factory, self.settings)
        service.on_status = self._on_status
        service.on_message = self._on_message
        service.on_warming = self._on_warming
        await service.open()
        for call in self._backlog:
            call(service)
        self._backlog.clear()
        self._service = service
        return service

    def _opened(self, opening: asyncio.Task[Service]) -> None:
        if opening.cancelled() or (failure := opening.exception()) is None:
            return
        _logger.error("the service did not open (%s)", type(failure).__name__, exc_info=failure)
        reason = str(failure) if isinstance(failure, MagnetarError) else "magnetar could not start; see its log"
        self._on_status(ServerStatus(Health.ERROR, quiescent=True, message=reason))

    @staticmethod
    async def _close(opening: asyncio.Task[Service]) -> None:
        await asyncio.wait({opening})
        if opening.exception() is None:
            await opening.result().close()

    # -- announcements ---------------------------------------------------------------------------------------------

    def _on_status(self, status: ServerStatus) -> None:
        if status == self._status:
            return
        if self._status is None or (status.health, status.message) != (self._status.health, self._status.message):
            _logger.info("health is %s: %s", status.health.value, status.message or "all is well")
        self._status = status
        for listener in tuple(self._listeners):
            listener.status(status)

    def _on_message(self, text: str) -> None:
        for listener in tuple(self._listeners):
            listener.message(text)

    def _on_warming(self, root: Path) -> Progress | None:
        bars = [bar for listener in self._listeners if (bar := listener.warming(root)) is not None]
        if not bars:
            return None

        def advance(done: int, total: int) -> None:
            for bar in bars:
                bar(done, total)

        return advance
