"""The client's settings: those it starts with, those it pushes, those it is asked for. Parsing stands in `config`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from magnetar.config import Problem, parse_settings
from magnetar.lsp.host import ServiceHost
from magnetar.lsp.protocol import MagnetarProtocol
from magnetar.lsp.session import Session
from magnetar.lsp.standard import ConfigurationParams
from magnetar.lsp.status import StatusReporter

SECTION = "magnetar"


class Configuration:
    """Keeps the service's settings those of the client, and names the bad ones to the user, once."""

    def __init__(self, host: ServiceHost, session: Session, protocol: MagnetarProtocol, status: StatusReporter) -> None:
        self._host = host
        self._session = session
        self._protocol = protocol
        self._status = status
        self._unshown: tuple[Problem, ...] = ()
        self._shown: tuple[Problem, ...] = ()
        self._pulls: set[asyncio.Task[None]] = set()

    def start(self, options: Any) -> None:
        """Takes `initializationOptions`; nothing is sent yet."""
        settings, self._unshown = parse_settings(options)
        self._host.offer(settings)

    def initialized(self) -> None:
        """The client can be talked to: names what was wrong, and asks for the settings where it can be asked."""
        self._show(self._unshown)
        if self._session.features.dynamic_configuration:
            self._spawn(self._register())
        if self._session.features.configuration:
            self._spawn(self._pull())

    def did_change(self, params: ConfigurationParams) -> None:
        """Settings changed: they came along, or are to be asked for."""
        if self._session.features.configuration:
            self._spawn(self._pull())
        elif params.settings is not None:
            self._apply(params.settings)

    async def settled(self) -> None:
        """Returns once no answer of the client is awaited."""
        if self._pulls:
            await asyncio.wait(self._pulls)

    def close(self) -> None:
        """Awaits no answer any more."""
        for pull in self._pulls:
            pull.cancel()

    def _apply(self, raw: Any) -> None:
        settings, problems = parse_settings(raw)
        self._host.configure(settings)
        self._show(problems)

    def _show(self, problems: tuple[Problem, ...]) -> None:
        if problems and problems != self._shown:
            self._status.message(" ".join(problem.message for problem in problems))
        self._shown = problems

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._pulls.add(task)
        task.add_done_callback(self._pulls.discard)

    async def _pull(self) -> None:
        params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
        try:
            answer = await self._protocol.ask(types.WORKSPACE_CONFIGURATION, params)
        except (JsonRpcException, asyncio.TimeoutError):
            return
        if isinstance(answer, list) and answer and answer[0] is not None:
            self._apply(answer[0])

    async def _register(self) -> None:
        method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
        options = types.DidChangeConfigurationRegistrationOptions(SECTION)
        params = types.RegistrationParams([types.Registration(method, method, options)])
        try:
            await self._protocol.ask(types.CLIENT_REGISTER_CAPABILITY, params)
        except (JsonRpcException, asyncio.TimeoutError):
            return
