"""Where the loss is: the engine with one half of its work done by somebody who knows the commit.

usage: npm run eval:oracles -- TASKS.jsonl… [--mode f|q|both] [--budget 8192] [--every N] [--cache DIR] [--signals]

*Ranking known*: the touched files are the likeliest, everything else is as the engine does it. What is still missing is
lost by choosing and packing lines. *Lines known*: of the touched files, the changed lines are what matters; which files
they are is up to the engine. What is still missing is lost by ranking. Both run in process, on the same tasks; with
`--signals`, so does the engine without each signal in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from magnetar.context.weights import Weights
from magnetar.model import ContextRequest
from magnetar.workspace.documents import Source

from .ablation import ABLATABLE, without
from .cases import by_repository, changes, read_tasks, score_lines
from .context import loss_table
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
        moment, shortlist = await super()._rank(request, evolve(intake, wanted=(*intake.wanted, *self._gold)), held)
        return moment, self._told(shortlist)

    async def _look(
        self, moment: Moment, shortlist: Shortlist, sources: Sequence[Source]
    ) -> tuple[dict[str, Floats], Shortlist]:
        values, shortlist = await super()._look(moment, shortlist, sources)
        return values, self._told(shortlist)

    def _told(self, shortlist: Shortlist) -> Shortlist:
        """Those that are not touched keep their order: they are what the budget's rest is filled with."""
        ranked = shortlist.ranked
        touched = np.array([path in self._gold for path in shortlist.candidates.paths])
        behind = max(float(ranked.scores.max(initial=0.0)), 0.0) + _SURE
        return evolve(shortlist, ranked=evolve(ranked, scores=np.where(touched, _SURE, ranked.scores - behind)))


class LinesKnown(Engine):
    """An engine that is told which lines of the touched files are changed."""

    def __init__(self, workspace: MemoryWorkspace, gold: Gold) -> None:
        super().__init__(workspace)
        self._gold = gold

    async def _look(
        self, moment: Moment, shortlist: Shortlist, sources: Sequence[Source]
    ) -> tuple[dict[str, Floats], Shortlist]:
        values, shortlist = await super()._look(moment, shortlist, sources)
        touched = [source for source in sources if source.path in self._gold]
        known = {source.path: changes(source, self._gold[source.path]) for source in touched}
        total = max(sum(float(one.sum()) for one in known.values()), 1.0)
        return values | {path: one / total for path, one in known.items()}, shortlist


Engines = Mapping[str, Callable[[MemoryWorkspace, Gold], Engine]]
ENGINES: Engines = {
    "as it is": lambda workspace, _: Engine(workspace),
    "ranking known": RankingKnown,
    "lines known": LinesKnown,
}


def _ablated(weights: Weights) -> Callable[[MemoryWorkspace, Gold], Engine]:
    return lambda workspace, _: Engine(workspace, weights=weights)


async def compare(
    tasks: Sequence[dict[str, Any]], modes: str, budget: int, cache: Path, engines: Engines
) -> list[dict[str, Any]]:
    """Scores of every engine on every task."""
    rows = []
    for repository, group in by_repository(list(tasks), cache):
        for task in group:
            workspace = repository.workspace(task["parent"])
            for mode in modes:
                focus = task["focus"] if mode == "f" else None
                gold = {path: hunks for path, hunks in task["gold"].items() if path != focus}
                for name, make in engines.items():
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
    parser.add_argument("--signals", action="store_true", help="also measure the engine without each signal")
    chosen = parser.parse_args(arguments)
    tasks = [task for path in chosen.tasks for task in read_tasks(path, chosen.every)]
    modes = "fq" if chosen.mode == "both" else chosen.mode
    every = Weights.load()
    ablated = {signal: _ablated(without(every, [signal])) for signal in ABLATABLE} if chosen.signals else {}
    rows = asyncio.run(compare(tasks, modes, chosen.budget, chosen.cache, {**ENGINES, **ablated}))
    sys.stdout.write(oracle_table(rows))
    if ablated:
        by_engine = {name: [row for row in rows if row["engine"] == name] for name in ("as it is", *ablated)}
        sys.stdout.write("\n" + loss_table(by_engine.pop("as it is"), by_engine))
