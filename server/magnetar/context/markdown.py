"""A context answer as a Markdown document that can be pasted into a prompt: each item's path, then its text in a fence.

What a fence and a line of numbers cost comes on top of the items' own tokens; `prompt_tokens` bounds the sum. Why an
item is there is left out: a model needs the text, a person has `--format json`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from attrs import evolve

from magnetar.model import ContextAnswer, ContextRequest, Item, ItemKind, Range

_BACKTICKS = re.compile(r"`{3,}", re.MULTILINE)
_FENCE_TOKENS = 10
"""Both fences with the language, the blank lines around them and the mark of the heading."""


def render_markdown(answer: ContextAnswer, root: Path) -> str:
    """The items in prompt order, with paths as seen from `root`; an empty answer is an empty document."""
    return "\n".join(_section(item, root) for item in answer.items if not item.unchanged)


async def answer_within(
    ask: Callable[[ContextRequest], Awaitable[ContextAnswer]], request: ContextRequest, prefix: str = ""
) -> ContextAnswer:
    """The answer whose document fits the budget, fences included: asked again with less where the first does not.

    Args:
        ask: Answers a request.
        request: Its budget is the document's.
        prefix: What `render_markdown` will put before the workspace's own paths.
    """
    budget = room = request.token_budget
    while True:
        answer = await ask(evolve(request, token_budget=room))
        excess = prompt_tokens(answer, prefix) - budget
        if excess <= 0 or room == 1:
            return evolve(answer, token_budget=budget)
        room = max(room - excess, 1)


def prompt_tokens(answer: ContextAnswer, prefix: str = "") -> int:
    """Tokens the document takes, counted from above without a tokenizer; `prefix` stands before each path."""
    heading = _FENCE_TOKENS + len(prefix.encode("utf-8", "surrogateescape"))
    return answer.tokens + sum(heading + _span_tokens(item) for item in answer.items if not item.unchanged)


def printable(name: str) -> str:
    """A name as one line can hold it."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)


def last_line(shown: Range) -> int:
    """The number, from one, of the last line that a range shows something of."""
    last = shown.end.line + 1
    return last - 1 if shown.end.column == 0 and last > shown.start.line + 1 else last


def _section(item: Item, root: Path) -> str:
    path = _shown(item.path, root)
    spans = _spans(item)
    fence = "`" * max(3, *(len(run) + 1 for run in _BACKTICKS.findall(item.content)), 0)
    text = item.content if item.content.endswith("\n") or not item.content else f"{item.content}\n"
    heading = f"## {path} ({', '.join(spans)})" if spans else f"## {path}"
    return f"{heading}\n\n{fence}{item.language}\n{text}{fence}\n"


def _shown(path: Path, root: Path) -> str:
    """The path as a heading can hold it: a name with a line break must not end the heading."""
    return printable(path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix())


def _spans(item: Item) -> list[str]:
    """Line numbers from one, for what is not the whole file; those of an outline would be longer than it is."""
    if item.kind is ItemKind.FILE:
        return []
    return ["outline"] if item.kind is ItemKind.OUTLINE else [_span(shown) for shown in item.ranges]


def _span(shown: Range) -> str:
    first, last = shown.start.line + 1, last_line(shown)
    return str(first) if first == last else f"{first}-{last}"


def _span_tokens(item: Item) -> int:
    """From above: a tokenizer takes three digits at once, so each number may begin one more, and each mark takes one."""
    return sum(3 + len(span) // 3 for span in _spans(item))
