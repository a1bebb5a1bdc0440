"""What can be written after `magnetar`, and the help that says so. Each command names its handler in `commands`."""

from __future__ import annotations

import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from rich_argparse import RichHelpFormatter

from magnetar.cli import commands
from magnetar.cli.commands import Handler

_LOG_LEVELS = ("debug", "info", "warning", "error")


def parser() -> ArgumentParser:
    """The parser of the whole command line; `handler` in its result is what to call."""
    top = ArgumentParser(
        prog="magnetar",
        description="The right pieces of the right files, within a token budget, each with its reason.",
        epilog="Data goes to stdout, progress and messages to stderr. Exit codes: 0 done, 1 failed, 2 bad usage.",
        formatter_class=RichHelpFormatter,
    )
    top.add_argument("--version", dest="handler", action="store_const", const=commands.version, help="show the version")
    rows = top.add_subparsers(metavar="COMMAND", title="commands", required=False)
    top.set_defaults(handler=lambda _args, _terminal: top.error("name a command; magnetar --help lists them"))

    def add(name: str, text: str, handler: Handler) -> ArgumentParser:
        command = rows.add_parser(name, help=text, description=text, formatter_class=RichHelpFormatter)
        command.set_defaults(handler=handler)
        _add_cache_dir(command)
        _add_log_level(command)
        return command

    serve = add("serve", "Serve an editor over the Language Server Protocol.", commands.serve)
    door = serve.add_mutually_exclusive_group()
    door.add_argument("--stdio", action="store_true", help="speak on stdin and stdout (the default)")
    door.add_argument("--tcp", type=_address, metavar="HOST:PORT", help="listen on a loopback address instead")

    mcp = add("mcp", "Serve an agent over the Model Context Protocol, on stdin and stdout.", commands.mcp)
    mcp.add_argument(
        "path",
        type=_folder,
        metavar="PATH",
        nargs="?",
        help="the workspace's folder (default: the client's own folders, else here)",
    )

    warm = add("warm", "Index a workspace, so that the first answer is fast.", commands.warm)
    _add_path(warm)
    _add_format(warm)

    context = add("context", "Print what an assistant should read about a question.", commands.context)
    _add_path(context)
    context.add_argument("-q", "--query", default="", metavar="TEXT", help="the question, in words")
    context.add_argument("--file", metavar="F[:LINE]", help="the file, and line, that the question is about")
    context.add_argument("--budget", type=_positive, metavar="N", help="most tokens to print (default: 8192)")
    _add_format(context, "markdown")

    predict = add("predict", "Say which files are likely to be opened after one.", commands.predict)
    _add_path(predict)
    predict.add_argument("file", metavar="FILE", help="the file that is open now")
    _add_format(predict)

    search = add("search", "Find places in a workspace by words and identifiers.", commands.search)
    _add_path(search)
    search.add_argument("text", metavar="TEXT", help="words or identifiers")
    search.add_argument("--limit", type=_positive, default=20, metavar="N", help="most hits to show (default: 20)")
    _add_format(search)

    stats = add("stats", "Show what the cache, the index and the model hold.", commands.stats)
    _add_path(stats, nargs="?")
    _add_format(stats)

    clear = add("clear", "Forget what is cached or learned of a workspace.", commands.clear)
    _add_path(clear, nargs="?")
    scopes = ("cache", "model", "all")
    clear.add_argument("--scope", choices=scopes, default="cache", help="what to forget (default: cache)")
    _add_format(clear)

    doctor = add("doctor", "Find out what is wrong with this installation.", commands.doctor)
    doctor.epilog = "Exit codes: 0 nothing is broken (there may be warnings), 1 something is, 2 bad usage."
    _add_path(doctor, nargs="?")
    doctor.add_argument(
        "--settings",
        type=_text_of,
        default=None,
        metavar="FILE",
        help="a file with the settings under magnetar as an editor has them, in JSON; - is stdin (default: none)",
    )
    _add_format(doctor)
    doctor.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")
    return top


def _add_cache_dir(command: ArgumentParser) -> None:
    command.add_argument(
        "--cache-dir",
        type=_directory,
        metavar="DIR",
        default=os.environ.get("MAGNETAR_CACHE_DIR") or None,
        help="where the cache lives (default: $MAGNETAR_CACHE_DIR, else the platform's cache directory)",
    )


def _add_log_level(command: ArgumentParser) -> None:
    asked = os.environ.get("MAGNETAR_LOG_LEVEL", "").lower()
    command.add_argument(
        "--log-level",
        choices=_LOG_LEVELS,
        default=asked if asked in _LOG_LEVELS else "warning",
        help="how much is logged to stderr (default: $MAGNETAR_LOG_LEVEL, else warning)",
    )


def _add_path(command: ArgumentParser, *, nargs: str | None = None) -> None:
    text = "the workspace's folder" if nargs is None else "the workspace's folder (default: here)"
    command.add_argument("path", type=_folder, metavar="PATH", nargs=nargs, default=".", help=text)


def _add_format(command: ArgumentParser, default: str = "text") -> None:
    text = f"how to print the answer (default: {default})"
    command.add_argument("--format", choices=(default, "json"), default=default, help=text)


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_dir():
        raise ArgumentTypeError(f"{text} is no folder")
    return path.resolve()


def _directory(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _text_of(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentTypeError(f"{name} cannot be read: {type(error).__name__}") from error


def _positive(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,6}", text):
        raise ArgumentTypeError(f"{text} is no whole number from 1 to 9,999,999")
    return int(text)


def _address(text: str) -> tuple[str, int]:
    match = re.fullmatch(r"\[?([^\]]+?)\]?:(\d{1,5})", text)
    if match is None or int(match[2]) > 65_535:
        raise ArgumentTypeError(f"{text} is not of the form HOST:PORT")
    return match[1], int(match[2])
