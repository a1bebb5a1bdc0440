"""The table of the tools: what a model is told of each, and which request answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import mcp_types as types
from attrs import frozen

from magnetar.mcp import answers
from magnetar.mcp.arguments import (
    Arguments,
    ContextArguments,
    PredictArguments,
    SearchArguments,
    SymbolsArguments,
    schema_of,
)
from magnetar.mcp.progress import Report
from magnetar.mcp.requests import Requests

INSTRUCTIONS = """\
magnetar knows this workspace: its files, symbols, git history and which files belong together. Begin with \
magnetar_context: it gives the pieces of the files that a question or a change needs, within a token budget, instead of \
many searches and reads. magnetar_search finds places by words, magnetar_symbols finds definitions, magnetar_predict says \
which files are usually worked on after one. Whole files and outlines are resources: magnetar://file/PATH and \
magnetar://outline/PATH. Everything is read from the disk at the moment of the answer."""


@frozen
class ToolKind:
    """One tool."""

    title: str
    description: str
    arguments: type[Arguments]
    results: type[answers.Result] | None
    answer: Callable[[Requests, Any, Report], Awaitable[types.CallToolResult]]

    def listed(self, name: str) -> types.Tool:
        """As a client is told of it."""
        return types.Tool(
            name=name,
            title=self.title,
            description=self.description,
            input_schema=schema_of(self.arguments),
            output_schema=None if self.results is None else schema_of(self.results),
            annotations=types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
        )


TOOLS: Mapping[str, ToolKind] = {
    "magnetar_context": ToolKind(
        "Gather context",
        "Gives the pieces of this workspace's files that matter for a question or a change: ranked by names, words, "
        "imports, git history and what was worked on, with line numbers, never more than tokenBudget. Use it first, before "
        "you search or read files one by one. Say in `query` what you want to know or change; name the `file` and `line` "
        "you work on where you know them. Ask again with other words, or with `mustInclude` and `exclude`, to refine.",
        ContextArguments,
        None,
        Requests.context,
    ),
    "magnetar_search": ToolKind(
        "Search the workspace",
        "Finds the lines that match words or identifiers best, over the whole workspace, with path and line number. Words "
        "match by their stems, identifiers also by their parts. Use it to locate something; use magnetar_context to "
        "understand or change it.",
        SearchArguments,
        answers.FoundLines,
        Requests.search,
    ),
    "magnetar_symbols": ToolKind(
        "Find definitions",
        "Finds where functions, classes, methods and other symbols are defined, by a part of their name, or lists those of "
        "one file in its order, with their declarations and line numbers.",
        SymbolsArguments,
        answers.FoundSymbols,
        Requests.symbols,
    ),
    "magnetar_predict": ToolKind(
        "Predict the next files",
        "Says which files are likely to be worked on after one, learned from how people and agents moved through this "
        "workspace and from its git history. Use it to see what else a change may have to touch.",
        PredictArguments,
        answers.LikelyFiles,
        Requests.predict,
    ),
}
"""Every tool by its name, in the order they are listed."""
