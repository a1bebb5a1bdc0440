"""Where the loss is: the engine with one half of its work done by somebody who knows the commit.

usage: npm run eval:oracles -- TASKS.jsonl… [--mode f|q|both] [--budget 8192] [--every N] [--cache DIR]

*Ranking known*: the touched files are the likeliest, everything else is as the engine does it. What is still missing is
lost by choosing and packing lines. *Lines known*: of the touched files, the changed lines are what matters; which files
they are is up to the engine. What is still missing is lost by ranking. Both run in process, on the same tasks.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve

from magnetar.context.content import Floats
from magnetar.context.engine import Engine
from magnetar.context.intake import Intake
from magnetar.context.ledger import Held
from magnetar.context.shortlist import Shortlist
from magnetar.context.sources.base import Moment
from magnetar.model import ContextRequest
from magnetar.workspace.documents import Source

from .cases import by_repository, changed_lines, read_tasks, score_lines
from .memory_workspace import MemoryWorkspace
from .quality import ask
from .tables import markdown, mean

_SURE = 6.0
"""Log-odds of a file that is known to be touched, and below zero of one that is known not to be."""

Gold = Mapping[str, Iterable[Sequence[int]]]


class RankingKnown(Engine):
    """An engine that is told which files are touched."""

    def __init__(self, workspace: MemoryWorkspace, gold: Gold) -> None:
        super().__init__(workspace)
        self._gold = gold

    async def _rank(self, request: ContextRequest, intake: Intake, held: Sequence[Held]) -> tuple[Moment, Shortlist]:
        asked = evolve(intake, wanted=(*intake.wanted, *self._gold))
        moment, shortlist = await super()._rank(request, asked, held)
        touched = np.array([path in self._gold for path in shortlist.candidates.paths])
        # Those that are not touched keep their order: they are what the budget's rest is filled with.
        scores = np.where(touched, _SURE, shortlist.ranked.scores - shortlist.ranked.scores.max(initial=0.0) - _SURE)
        return moment, evolve(shortlist, ranked=evolve(shortlist.ranked, scores=scores))


class LinesKnown(Engine):
    """An engine that is told which lines of the touched files are changed."""

    def __init__(self, workspace: MemoryWorkspace, gold: Gold) -> None:
        super().__init__(workspace)
        self._gold = gold

    async def _piece_values(self, moment: Moment, shortlist: Shortlist, sources: Sequence[Source]) -> dict[str, Floats]:
        values = await super()._piece_values(moment, shortlist, sources)
        known = {
            source.path: _changes(source, self._gold[source.path]) for source in sources if source.path in self._gold
        }
        total = max(sum(float(one.sum()) for one in known.values()), 1.0)
        return values | {path: one / total for path, one in known.items()}


def _changes(source: Source, hunks: Iterable[Sequence[int]]) -> Floats:
    """(pieces,) how many changed lines stand in each piece."""
    changed = np.zeros(source.facts.line_count + 1)
    for line, count in changed_lines(source.lines, hunks).items():
        changed[line + 1] = count
    before = np.cumsum(changed)
    found: Floats = before[source.facts.ends] - before[source.facts.starts]
    return found


ENGINES = {"as it is": lambda workspace, _: Engine(workspace), "ranking known": RankingKnown, "lines known": LinesKnown}


async def compare(tasks: Sequence[dict[str, Any]], modes: str, budget: int, cache: Path) -> list[dict[str, Any]]:
    """Scores of every engine on every task."""
    rows = []
    for repository, group in by_repository(list(tasks), cache):
        for task in group:
            workspace = repository.workspace(task["parent"])
            for mode in modes:
                focus = task["focus"] if mode == "f" else None
                gold = {path: hunks for path, hunks in task["gold"].items() if path != focus}
                for name, make in ENGINES.items():
                    shown, _ = await ask(make(workspace, gold), workspace, task["query"], focus, budget)
                    scores = score_lines(workspace, shown, gold)
                    rows.append({"repo": task["repo"], "mode": mode, "engine": name, **scores})
    return rows


def oracle_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Recall and lines of every engine, by repository and of all."""
    repos = sorted({row["repo"] for row in rows})
    lines = []
    for title, group in [(repo, [row for row in rows if row["repo"] == repo]) for repo in repos] + [
        ("all", list(rows))
    ]:
        for mode in sorted({row["mode"] for row in group}):
            cells = [
                f"{mean((row for row in group if (row['mode'], row['engine']) == (mode, name)), score):.3f}"
                for name in ENGINES
                for score in ("recall", "lines")
            ]
            lines.append([title, mode, *cells])
    return markdown(["", "mode", *(f"{name}: {score}" for name in ENGINES for score in ("recall", "lines"))], lines)


def main(arguments: Sequence[str]) -> None:
    """Runs it."""
    parser = argparse.ArgumentParser(
        prog="eval:oracles", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="+", type=Path)
    parser.add_argument("--mode", choices=("f", "q", "both"), default="both")
    parser.add_argument("--budget", type=int, default=8_192)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "magnetar-evals")
    chosen = parser.parse_args(arguments)
    tasks = [task for path in chosen.tasks for task in read_tasks(path, chosen.every)]
    modes = "fq" if chosen.mode == "both" else chosen.mode
    sys.stdout.write(oracle_table(asyncio.run(compare(tasks, modes, chosen.budget, chosen.cache))))
