"""What each command does, in a few lines over the service. How it looks on a terminal is `terminal`'s business."""

from __future__ import annotations

import gc
import re
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from magnetar.config import Settings, WarmSettings, cache_directory
from magnetar.errors import NotFound
from magnetar.version import __version__

if TYPE_CHECKING:
    from magnetar.cli.terminal import Terminal
    from magnetar.context.service import Service

_LEDGER = "command line"
_DEADLINE_MS = 10_000
"""Nobody types while a command runs: it may take the time to hear every source."""


class Handler(Protocol):
    """Runs a command and gives its exit code."""

    def __call__(self, args: Namespace, terminal: Terminal, /) -> int:
        """`args` as `arguments` parsed them."""


def version(_args: Namespace, _terminal: Terminal) -> int:
    """`magnetar --version`."""
    sys.stdout.write(f"magnetar {__version__}\n")
    return 0


def serve(args: Namespace, _terminal: Terminal) -> int:
    """`magnetar serve`."""
    gc.disable()  # until the server has loaded: its many classes would be looked through again and again
    from magnetar.lsp.server import serve as serve_editor

    def build(settings: Settings) -> Service:
        from magnetar.app import build_service  # the editor is answered while this loads

        _begin_log("serve", settings, args)
        return build_service(settings, args.cache_dir)

    return serve_editor(
        build,
        version=__version__,
        token_file=cache_directory(Settings(), args.cache_dir) / "token",
        tcp=args.tcp,
        log_level=args.log_level,
    )


def mcp(args: Namespace, _terminal: Terminal) -> int:
    """`magnetar mcp`."""
    from magnetar.app import build_service
    from magnetar.mcp.server import serve as serve_agent

    _begin_log("mcp", Settings(), args)
    return serve_agent(
        partial(build_service, Settings(), args.cache_dir, session="agent"),
        args.path,
        args.here,
        version=__version__,
        log_level=args.log_level,
    )


def doctor(args: Namespace, terminal: Terminal) -> int:
    """`magnetar doctor`: fails where a check does."""
    from magnetar.cli.checks import CHECKS
    from magnetar.cli.doctor import Status, examine, report, site_of

    site = site_of(args.path, args.cache_dir, args.settings or "")
    findings = examine(site, CHECKS)
    _print(args, partial(report, site, findings), partial(terminal.show_findings, findings))
    return int(any(finding.status is Status.FAIL for finding in findings))


def _begin_log(name: str, settings: Settings, args: Namespace) -> None:
    """A server's log file lies where everything else of it does."""
    import logging
    import platform

    from magnetar.logfile import log_to_file

    log_to_file(cache_directory(settings, args.cache_dir), name, args.log_level)
    logging.getLogger(__name__).info(
        "magnetar %s %s begins on Python %s, %s", __version__, name, platform.python_version(), sys.platform
    )


def _in_process(command: Callable[[Namespace, Terminal, Service], Awaitable[None]]) -> Handler:
    """Makes a handler of a command that needs a service; one is opened for it."""

    async def run(args: Namespace, terminal: Terminal) -> int:
        from magnetar.app import opened_service

        # Each command says itself whether it needs the index.
        settings = Settings(warm=WarmSettings(on_open=False))
        async with opened_service(args.path, settings, args.cache_dir, terminal.complain) as service:
            await command(args, terminal, service)
        return 0

    def handler(args: Namespace, terminal: Terminal) -> int:
        import asyncio
        import logging

        from magnetar.process import log_to_stderr

        if not logging.getLogger().handlers:  # a test, say, has its own
            log_to_stderr(args.log_level)
        return asyncio.run(run(args, terminal))

    return handler


@_in_process
async def warm(args: Namespace, terminal: Terminal, service: Service) -> None:
    """`magnetar warm`."""
    from magnetar.lsp.answers import warm_result

    with terminal.progress() as progress:
        report = await service.warm(args.path, None, progress)
    _print(args, partial(warm_result, report), partial(terminal.show_warm, report))


@_in_process
async def context(args: Namespace, terminal: Terminal, service: Service) -> None:
    """`magnetar context`."""
    from magnetar.context.markdown import answer_within, render_markdown
    from magnetar.lsp.answers import context_result
    from magnetar.model import ContextRequest, Cursor, PositionEncoding, Target

    file, line = _file_and_line(args.file, args) if args.file else (None, None)
    request = ContextRequest(
        query=args.query,
        document=None if file is None else Target.of(file),
        position=None if line is None else Cursor(line - 1, 0, PositionEncoding.UTF8),
        token_budget=args.budget or Settings().context.token_budget,
        deadline_ms=_DEADLINE_MS,
        folder=args.path,
    )
    await _read_workspace(args, terminal, service)
    if args.format == "json":
        _write_json(context_result(await service.context(request, _LEDGER), PositionEncoding.UTF8))
        return
    answer = await answer_within(partial(service.context, ledger=_LEDGER), request)
    terminal.show_document(render_markdown(answer, args.path))
    terminal.show_summary(answer)


@_in_process
async def predict(args: Namespace, terminal: Terminal, service: Service) -> None:
    """`magnetar predict`."""
    from magnetar.lsp.answers import predict_result
    from magnetar.model import Target

    file, _ = _file_and_line(args.file, args)
    await _read_workspace(args, terminal, service)
    predictions = await service.predict(Target.of(file), None)
    _print(args, partial(predict_result, predictions), partial(terminal.show_predictions, predictions, args.path))


@_in_process
async def search(args: Namespace, terminal: Terminal, service: Service) -> None:
    """`magnetar search`."""
    from magnetar.lsp.answers import search_result
    from magnetar.model import PositionEncoding

    await _read_workspace(args, terminal, service)
    started = perf_counter()
    hits = await service.search(args.text, args.limit, args.path)
    wire = partial(search_result, hits, (perf_counter() - started) * 1_000, PositionEncoding.UTF8)
    _print(args, wire, partial(terminal.show_hits, hits, args.path))


@_in_process
async def stats(args: Namespace, terminal: Terminal, service: Service) -> None:
    """`magnetar stats`."""
    from magnetar.lsp.answers import stats_result

    wire = stats_result(await service.stats(args.path))
    _print(args, lambda: wire, partial(terminal.show_sections, wire))


@_in_process
async def clear(args: Namespace, terminal: Terminal, service: Service) -> None:
    """`magnetar clear`."""
    from magnetar.lsp.answers import clear_result

    entries = await service.clear(args.scope, args.path)
    _print(args, partial(clear_result, entries), partial(terminal.show_cleared, entries))


async def _read_workspace(args: Namespace, terminal: Terminal, service: Service) -> None:
    with terminal.progress() as progress:
        await service.warm(args.path, None, progress)


def _file_and_line(text: str, args: Namespace) -> tuple[Path, int | None]:
    """A file named from here or from the workspace, with the line after its colon; a name may hold a colon itself."""
    for name, line in ((text, ""), *re.findall(r"^(.+):([1-9]\d{0,8})$", text)):
        for base in (args.here, args.path):
            path = base / Path(name).expanduser()
            if path.is_file():
                return path.parent.resolve() / path.name, int(line) if line else None
    raise NotFound(f"{text}: there is no such file, here or in {args.path}.")


def _print(args: Namespace, wire: Callable[[], Mapping[str, Any]], show: Callable[[], None]) -> None:
    if args.format == "json":
        _write_json(wire())
    else:
        show()


def _write_json(value: Mapping[str, Any]) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
