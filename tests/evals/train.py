"""Fits the weights of the context engine on tasks from git histories, and writes `weights.json`.

First `collect` runs the engine's own ranking over every task and keeps its feature tables; then `fit` regresses them: files by
logistic regression (is it touched by the commit?), in two stages; pieces by Poisson regression (what share of the changed lines
stands in it, given that its file is touched?). What histories cannot teach (the session, the cursor) keeps its weights.

usage: python -m tests.evals train collect TASKS.jsonl... --data DIR [--cache DIR] [--every N]
       python -m tests.evals train fit DATA... --out weights.json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import pickle
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from magnetar.context.engine import Engine
from magnetar.context.ranking import FIRST_SCORE
from magnetar.context.weights import Weights
from magnetar.model import ContextRequest, Target

from .cases import by_repository, changed_lines, read_tasks
from .memory_workspace import MemoryWorkspace

Array = NDArray[np.float64]
BY_HAND = ("recent", "edited", "predicted", "near")
RIDGE, RIDGE_OF_PIECES = 3.0, 1.0


async def tables(workspace: MemoryWorkspace, task: Mapping[str, Any], mode: str) -> dict[str, Any]:
    """The features of every candidate and of every piece of the touched files, with what the commit did to them."""
    focus = task["focus"] if mode == "f" else None
    gold = {path: hunks for path, hunks in task["gold"].items() if path != focus}
    target = Target.of(workspace.root / focus) if focus else None
    request = ContextRequest(
        query=task["query"], document=target, exclude=(target,) if target else (), deadline_ms=60_000
    )
    probe = await Engine(workspace).probe(request, tuple(gold))
    files = {
        "touched": np.array([path in gold for path in probe.shortlist.candidates.paths], np.float64),
        "kept": np.array([path != focus for path in probe.shortlist.candidates.paths]),
        "names": sorted(probe.shortlist.table),
        "values": np.stack([probe.shortlist.table[name] for name in sorted(probe.shortlist.table)], 1).astype(
            np.float32
        ),
    }
    names = sorted(probe.pieces)
    values = np.stack([probe.pieces[name] for name in names], 1).astype(np.float32)
    rows, shares = [], []
    total = 0
    for place, source in enumerate(probe.sources):
        if source.path in gold:
            changed = changed_lines(source.lines, gold[source.path])
            total += sum(changed.values())
            first = int(probe.offsets[place])
            for piece, (start, end) in enumerate(
                zip(source.facts.starts.tolist(), source.facts.ends.tolist(), strict=True)
            ):
                rows.append(first + piece)
                shares.append(sum(changed.get(line, 0) for line in range(start, end)))
    share = np.array(shares, np.float64) / max(total, 1)
    tokens = np.array([probe.piece_tokens[row] for row in rows], np.float64)
    return {
        "mode": mode,
        "repo": task["repo"],
        "files": files,
        "pieces": {"names": names, "values": values[rows], "share": share, "tokens": tokens},
    }


def fit_files(
    tasks: Sequence[Mapping[str, Any]], names: Sequence[str], first: Mapping[str, float] | None
) -> dict[str, float]:
    """One stage's weights."""
    parts, labels = [], []
    for task in tasks:
        files = task["files"]
        values = columns(files, names)
        if first is not None:
            known = [name for name in first if name in files["names"]]
            score = columns(files, known) @ np.array([first[name] for name in known]) + first["_b"]
            values = np.column_stack([values, score])
        parts.append(values[files["kept"]])
        labels.append(files["touched"][files["kept"]])
    found = logistic(np.concatenate(parts), np.concatenate(labels))
    return dict(zip([*names, *([FIRST_SCORE] if first is not None else []), "_b"], found.tolist(), strict=True))


def fit_pieces(tasks: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The weights of pieces."""
    every = tasks[0]["pieces"]["names"]
    names = [name for name in every if name not in BY_HAND]
    chosen = [every.index(name) for name in names]
    values = np.concatenate([task["pieces"]["values"][:, chosen] for task in tasks]).astype(np.float64)
    share = np.concatenate([task["pieces"]["share"] for task in tasks])
    found = poisson(values, share)
    return dict(zip([*names, "_b"], found.tolist(), strict=True))


def columns(files: Mapping[str, Any], names: Sequence[str]) -> Array:
    place = {name: number for number, name in enumerate(files["names"])}
    zero = np.zeros(len(files["touched"]), np.float32)
    return np.stack([files["values"][:, place[name]] if name in place else zero for name in names], 1).astype(
        np.float64
    )


def logistic(values: Array, labels: Array) -> Array:
    """Ridge logistic regression; the constant comes last and is not shrunk."""

    def loss(odds: Array) -> tuple[float, Array, Array]:
        p = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        return float((np.logaddexp(0, odds) - labels * odds).sum()), p - labels, p * (1 - p)

    return newton(values, loss, float(np.log(labels.mean())), RIDGE)


def poisson(values: Array, target: Array) -> Array:
    """Ridge Poisson regression; the constant comes last and is not shrunk."""

    def loss(logs: Array) -> tuple[float, Array, Array]:
        mean = np.exp(np.minimum(logs, 30))
        return float((mean - target * logs).sum()), mean - target, mean

    return newton(values, loss, float(np.log(target.mean())), RIDGE_OF_PIECES)


def newton(values: Array, loss: Callable[[Array], tuple[float, Array, Array]], constant: float, ridge: float) -> Array:
    """Minimizes a convex loss of `values @ weights` plus a ridge by Newton steps, each shortened until it helps.

    Args:
        values: (rows, features).
        loss: of the (rows,) predictions: its value, slope and curvature.
        constant: where the constant starts.
        ridge: the penalty on squared weights.
    """
    values = np.column_stack([values, np.ones(len(values))])
    weights = np.zeros(values.shape[1])
    weights[-1] = constant
    shrink = np.full(len(weights), ridge)
    shrink[-1] = 0.0

    def total(at: Array) -> float:
        return loss(values @ at)[0] + float((shrink * at * at).sum()) / 2

    for _ in range(100):
        _, slope, curvature = loss(values @ weights)
        gradient = values.T @ slope + shrink * weights
        hessian = (values * curvature[:, None]).T @ values + np.diag(shrink + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        before, length = total(weights), 1.0
        while total(weights - length * step) > before and length > 1e-6:
            length /= 2
        weights = weights - length * step
        if np.abs(length * step).max() < 1e-5:
            break
    return weights


async def collect(arguments: argparse.Namespace) -> None:
    arguments.data.mkdir(parents=True, exist_ok=True)
    for path in arguments.paths:
        rows = []
        for repository, tasks in by_repository(read_tasks(path, arguments.every), arguments.cache):
            for task in tasks:
                workspace = repository.workspace(task["parent"])
                rows += [await tables(workspace, task, mode) for mode in "fq" if len(task["gold"]) > (mode == "f")]
        (arguments.data / f"{path.stem}.pickle").write_bytes(pickle.dumps(rows))
        sys.stderr.write(f"{path.stem}: {len(rows)} cases\n")


def fit(arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    tasks = [task for path in arguments.paths for task in pickle.loads(path.read_bytes())]
    before = Weights.load().by_stage
    found: dict[str, dict[str, float]] = {}
    for mode in "fq":
        chosen = [task for task in tasks if task["mode"] == mode]
        every = sorted({name for task in chosen for name in task["files"]["names"]} - set(BY_HAND))
        first = fit_files(chosen, [name for name in every if not name.startswith("p:")], None)
        found[f"{mode}1"] = first
        found[f"{mode}2"] = fit_files(chosen, every, first)
        found[f"c{mode}"] = fit_pieces(chosen)
        for stage in (f"{mode}1", f"{mode}2", f"c{mode}"):
            found[stage].update({name: before[stage][name] for name in BY_HAND if name in before[stage]})
    return {stage: {name: round(weight, 4) for name, weight in sorted(ws.items())} for stage, ws in found.items()}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("collect", "fit"))
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "magnetar-evals")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    if chosen.command == "collect":
        asyncio.run(collect(chosen))
    else:
        chosen.out.write_text(json.dumps(fit(chosen), indent=1, sort_keys=True) + "\n")
