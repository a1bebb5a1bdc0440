"""What a conversation saves: scripted chats of ten turns, with and without a conversation's ledger.

usage: npm run eval:chat -- TASKS.jsonl… [--turns 10] [--budget 8192] [--every N] [--cache DIR]

Each chat is about one commit of a real history: it begins with the commit's message, then asks after names that the
touched files define. Nothing changes meanwhile. Three figures: the share of each turn's prompt that is byte for byte the
beginning of the last turn's; the tokens sent in all, against sending a full answer at every turn; and, for both, the share
of the touched files in the prompt.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

from attrs import frozen

from magnetar.context.engine import Engine
from magnetar.context.ledger import Conversation
from magnetar.model import ContextAnswer, ContextRequest

from .cases import by_repository, read_tasks
from .memory_workspace import MemoryWorkspace
from .tables import markdown, mean

_FOLLOW_UPS = (
    "Where is `{}` used?",
    "How is `{}` tested?",
    "What does `{}` return when it fails?",
    "Can `{}` be made simpler?",
    "Write a test for `{}`.",
)


@frozen
class Turn:
    """One turn's prompt, as the client puts it together."""

    prompt: str
    sent: int
    """Tokens that were sent for it."""
    paths: frozenset[str]


def questions(message: str, names: Sequence[str], turns: int) -> list[str]:
    """What is asked, turn by turn; names are asked after in a circle."""
    asked = [message]
    for turn in range(turns - 1):
        about = names[turn % len(names)] if names else message
        asked.append(_FOLLOW_UPS[turn % len(_FOLLOW_UPS)].format(about))
    return asked


async def chat(workspace: MemoryWorkspace, asked: Iterable[str], budget: int, *, remembered: bool) -> list[Turn]:
    """The turns of one chat; `remembered` is whether it has a conversation."""
    engine = Engine(workspace)
    conversation = Conversation() if remembered else None
    held: dict[tuple[object, ...], str] = {}
    turns = []
    for query in asked:
        request = ContextRequest(query=query, token_budget=budget, deadline_ms=60_000)
        answer = await engine.context(request, conversation)
        held = _texts(answer, held)
        paths = frozenset(item.path.relative_to(workspace.root).as_posix() for item in answer.items)
        turns.append(Turn("".join(held.values()), answer.tokens, paths))
    return turns


def _texts(answer: ContextAnswer, held: dict[tuple[object, ...], str]) -> dict[tuple[object, ...], str]:
    """The text of every item in prompt order: that of an unchanged one is what the client holds."""
    found = {}
    for item in answer.items:
        key = (item.path, item.ranges)
        found[key] = held[key] if item.unchanged else f"{item.path}\n{item.content}\n"
    return found


def prefix_share(turns: Sequence[Turn]) -> float:
    """The mean share of a prompt that begins the last one, too, over all turns but the first."""
    shares = [
        sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before.prompt, after.prompt, strict=False)))
        / max(len(after.prompt), 1)
        for before, after in pairwise(turns)
    ]
    return sum(shares) / max(len(shares), 1)


def figures(turns: Sequence[Turn], full: Sequence[Turn], gold: Iterable[str]) -> dict[str, float]:
    """What one chat saved, and what both found."""
    touched = frozenset(gold)

    def recall(some: Sequence[Turn]) -> float:
        return sum(len(touched & turn.paths) / len(touched) for turn in some) / len(some)

    sent, all_sent = sum(turn.sent for turn in turns), sum(turn.sent for turn in full)
    return {
        "prefix": prefix_share(turns),
        "saved": 1 - sent / max(all_sent, 1),
        "recall": recall(turns),
        "full recall": recall(full),
    }


async def compare(tasks: Sequence[dict[str, Any]], turns: int, budget: int, cache: Path) -> list[dict[str, Any]]:
    """The figures of one chat for each task."""
    rows = []
    for repository, group in by_repository(list(tasks), cache):
        for task in group:
            workspace = repository.workspace(task["parent"])
            facts = await workspace.facts(task["gold"])
            names = list(dict.fromkeys(name for one in facts.values() for name, _ in one.defined[:3]))
            asked = questions(task["query"], names, turns)
            with_ledger = await chat(workspace, asked, budget, remembered=True)
            without = await chat(workspace, asked, budget, remembered=False)
            rows.append({"repo": task["repo"], **figures(with_ledger, without, task["gold"])})
    return rows


def chat_table(rows: Sequence[dict[str, Any]]) -> str:
    """The means, by repository and of all."""
    groups = [(repo, [row for row in rows if row["repo"] == repo]) for repo in sorted({row["repo"] for row in rows})]
    names = ("prefix", "saved", "recall", "full recall")
    lines = [
        [title, len(group), *(f"{mean(group, name):.3f}" for name in names)]
        for title, group in [*groups, ("all", rows)]
    ]
    return markdown(["", "chats", "same prefix", "tokens saved", "recall", "recall of full answers"], lines)


def main(arguments: Sequence[str]) -> None:
    """Runs it."""
    parser = argparse.ArgumentParser(
        prog="eval:chat", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="+", type=Path)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--budget", type=int, default=8_192)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "magnetar-evals")
    chosen = parser.parse_args(arguments)
    tasks = [task for path in chosen.tasks for task in read_tasks(path, chosen.every)]
    sys.stdout.write(chat_table(asyncio.run(compare(tasks, chosen.turns, chosen.budget, chosen.cache))))
