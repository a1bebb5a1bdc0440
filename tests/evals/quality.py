"""How good the context engine is on tasks from git histories, in process: the shared instrument's scores in a fraction of its time.

usage: python -m tests.evals quality TASKS.jsonl... [--mode f|q|both] [--budget 8192] [--every N] [--cache DIR] [--weights FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bpe_openai import get_encoding

from magnetar.context.engine import Engine
from magnetar.context.weights import Weights
from magnetar.model import ContextRequest, Target

from .cases import Repository, by_repository, read_tasks, score_lines
from .memory_workspace import MemoryWorkspace


async def ask(
    engine: Engine, workspace: MemoryWorkspace, query: str, focus: str | None, budget: int
) -> tuple[dict[str, str], int]:
    """What the engine shows for one task, and the tokens it says it spent; a focus is given for nothing."""
    target = Target.of(workspace.root / focus) if focus else None
    request = ContextRequest(
        query=query, document=target, token_budget=budget, exclude=(target,) if target else (), deadline_ms=60_000
    )
    answer = await engine.context(request)
    shown = {item.path.relative_to(workspace.root).as_posix(): item.content for item in answer.items}
    return shown, answer.tokens


async def run(tasks: list[dict[str, Any]], weights: Weights, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    encoding = get_encoding("o200k_base")
    for repository, group in by_repository(tasks, Path(arguments.cache)):
        for task in group:
            rows += await measure(repository, task, weights, arguments, encoding)
    return rows


async def measure(
    repository: Repository, task: dict[str, Any], weights: Weights, arguments: argparse.Namespace, encoding: Any
) -> list[dict[str, Any]]:
    workspace = repository.workspace(task["parent"])
    engine = Engine(workspace, weights=weights)
    rows = []
    for mode in "fq" if arguments.mode == "both" else arguments.mode:
        focus = task["focus"] if mode == "f" else None
        gold = {path: hunks for path, hunks in task["gold"].items() if path != focus}
        await ask(engine, workspace, "warm up", focus, arguments.budget)
        started = time.perf_counter()
        shown, tokens = await ask(engine, workspace, task["query"], focus, arguments.budget)
        elapsed = time.perf_counter() - started
        true = sum(len(encoding.encode_ordinary(text)) for text in shown.values())
        scores = score_lines(workspace, shown, gold)
        rows.append(
            {
                "repo": task["repo"],
                "sha": task["sha"],
                "mode": mode,
                **scores,
                "tokens": tokens,
                "true": true,
                "files": len(shown),
                "ms": elapsed * 1e3,
                "workspace": len(workspace.files),
            }
        )
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["repo"], row["mode"]].append(row)
        groups["all", row["mode"]].append(row)
    lines = [
        "| repository | mode | n | files | recall | lines | shown | tokens | ms p50 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (repo, mode), group in sorted(groups.items(), key=lambda item: (item[0][0] == "all", item[0])):

        def mean(name: str, group: list[dict[str, Any]] = group) -> float:
            values = [row[name] for row in group if row[name] is not None]
            return sum(values) / max(len(values), 1)

        ms = sorted(row["ms"] for row in group)[len(group) // 2]
        lines.append(
            f"| {repo} | {mode} | {len(group)} | {mean('workspace'):.0f} | {mean('recall'):.3f} | {mean('lines'):.3f}"
            f" | {mean('files'):.1f} | {mean('true'):.0f}/{mean('tokens'):.0f} | {ms:.1f} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="+", type=Path)
    parser.add_argument("--mode", choices=("f", "q", "both"), default="both")
    parser.add_argument("--budget", type=int, default=8_192)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--cache", default=str(Path(tempfile.gettempdir()) / "magnetar-evals"))
    parser.add_argument("--weights")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    tasks = [task for path in chosen.tasks for task in read_tasks(path, chosen.every)]
    weights = Weights.load() if chosen.weights is None else Weights(json.loads(Path(chosen.weights).read_text()))
    rows = asyncio.run(run(tasks, weights, chosen))
    if chosen.out:
        chosen.out.write_text("".join(json.dumps(row) + "\n" for row in rows))
    sys.stdout.write(table(rows) + "\n")
