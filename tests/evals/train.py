"""Fits the weights of the context engine on tasks from git histories, and writes `weights.json`.

First `collect` runs the engine's own ranking over every task and keeps its feature tables; then `fit` regresses them: files by
logistic regression (is it touched by the commit?), in three stages; pieces by Poisson regression (what share of the changed
lines stands in it, given that its file is touched?), in two looks. What histories cannot teach (the session, the cursor) keeps its weights.

usage: python -m tests.evals train collect TASKS.jsonl... --data DIR [--cache DIR] [--every N]
       python -m tests.evals train fit DATA... --out weights.json [--mean-with OTHER.json]
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
from magnetar.context.features import Table
from magnetar.context.ranking import FIRST_SCORE, expect, rank
from magnetar.context.second_look import Layers, beside_others, by_pieces
from magnetar.context.weights import Weights
from magnetar.model import ContextRequest, Target
from magnetar.workspace.documents import Source

from .cases import by_repository, changes, read_tasks
from .memory_workspace import MemoryWorkspace

Array = NDArray[np.float64]
NOWHERE = -1
"""The place of an opened document that is no candidate."""
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
    return {
        "mode": mode,
        "repo": task["repo"],
        "files": files,
        "opened": np.array([probe.shortlist.candidates.place.get(source.path, NOWHERE) for source in probe.sources]),
        "pieces": {
            "names": names,
            "values": np.stack([probe.pieces[name] for name in names], 1).astype(np.float32),
            "offsets": probe.offsets,
            "tokens": probe.piece_tokens,
            "touched": np.repeat([source.path in gold for source in probe.sources], np.diff(probe.offsets)),
            "share": shares(probe.sources, gold),
        },
    }


def shares(sources: Sequence[Source], gold: Mapping[str, Any]) -> Array:
    """(pieces,) the share of the commit's changed lines that stands in each piece."""
    found = [changes(source, gold.get(source.path, ())) for source in sources]
    total = sum(float(one.sum()) for one in found)
    return np.concatenate(found) / max(total, 1.0)


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
    """The weights of the first look at pieces."""
    names = [name for name in tasks[0]["pieces"]["names"] if name not in BY_HAND]
    rows = [task["pieces"]["touched"] for task in tasks]
    tables = [piece_table(task) for task in tasks]
    values = np.concatenate([stacked(table, names)[kept] for table, kept in zip(tables, rows, strict=True)])
    share = np.concatenate([task["pieces"]["share"][kept] for task, kept in zip(tasks, rows, strict=True)])
    return dict(zip([*names, "_b"], poisson(values, share).tolist(), strict=True))


def fit_second_look(
    tasks: Sequence[Mapping[str, Any]], stages: Mapping[str, Mapping[str, float]], mode: str
) -> tuple[dict[str, float], dict[str, float]]:
    """The weights of the second look: at pieces beside each other, and at files by their pieces."""
    tables = [piece_table(task) for task in tasks]
    layers = [Layers(task["pieces"]["offsets"], task["pieces"]["tokens"]) for task in tasks]
    seconds = [
        beside_others(expect(table, stages[f"c{mode}1"]), layer, table)
        for table, layer in zip(tables, layers, strict=True)
    ]
    names = [name for name in seconds[0] if name not in BY_HAND]
    kept = [task["pieces"]["touched"] for task in tasks]
    values = np.concatenate([stacked(second, names)[rows] for second, rows in zip(seconds, kept, strict=True)])
    share = np.concatenate([task["pieces"]["share"][rows] for task, rows in zip(tasks, kept, strict=True)])
    pieces = dict(zip([*names, "_b"], poisson(values, share).tolist(), strict=True))
    parts, labels = [], []
    for task, table, layer, second in zip(tasks, tables, layers, seconds, strict=True):
        opened = task["opened"]
        rows = (opened != NOWHERE) & task["files"]["kept"][opened]
        evidence = by_pieces(expect(second, pieces), layer, table) | {
            FIRST_SCORE: file_scores(task, stages, mode)[opened]
        }
        parts.append(stacked(evidence, sorted(evidence))[rows])
        labels.append(task["files"]["touched"][opened][rows])
    found = logistic(np.concatenate(parts), np.concatenate(labels))
    return pieces, dict(zip([*sorted(evidence), "_b"], found.tolist(), strict=True))


def file_scores(task: Mapping[str, Any], stages: Mapping[str, Mapping[str, float]], mode: str) -> Array:
    """(candidates,) the score after the second stage."""
    files = task["files"]
    table = {name: files["values"][:, place].astype(np.float64) for place, name in enumerate(files["names"])}
    return rank(table, stages[f"{mode}2"], rank(table, stages[f"{mode}1"])).scores


def piece_table(task: Mapping[str, Any]) -> Table:
    """The first look's features of every piece of a task."""
    pieces = task["pieces"]
    return {name: pieces["values"][:, place].astype(np.float64) for place, name in enumerate(pieces["names"])}


def stacked(table: Table, names: Sequence[str]) -> Array:
    return np.stack([table[name] for name in names], 1)


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
    other = json.loads(arguments.mean_with.read_text()) if arguments.mean_with else {}
    found: dict[str, dict[str, float]] = {}
    for mode in "fq":
        chosen = [task for task in tasks if task["mode"] == mode]
        every = sorted({name for task in chosen for name in task["files"]["names"]} - set(BY_HAND))
        found[f"{mode}1"] = fit_files(chosen, [name for name in every if not name.startswith("p:")], None)
        found[f"{mode}2"] = fit_files(chosen, every, found[f"{mode}1"])
        found[f"c{mode}1"] = fit_pieces(chosen)
        for stage in (f"{mode}1", f"{mode}2", f"c{mode}1"):
            found[stage] = mean_of(found[stage], other.get(stage, found[stage]))
        found[f"c{mode}2"], found[f"{mode}3"] = fit_second_look(chosen, found, mode)
    for stage, table in found.items():
        table.update({name: before[stage][name] for name in BY_HAND if name in before[stage]})
    return {stage: {name: round(weight, 4) for name, weight in sorted(ws.items())} for stage, ws in found.items()}


def mean_of(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """The mean of two fits on different histories: it holds better on a third than either."""
    return {name: (weight + other.get(name, 0.0)) / 2 for name, weight in one.items()}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("collect", "fit"))
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "magnetar-evals")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--mean-with", type=Path, help="an earlier fit, on other histories, to take the mean with")
    chosen = parser.parse_args(arguments)
    if chosen.command == "collect":
        asyncio.run(collect(chosen))
    else:
        chosen.out.write_text(json.dumps(fit(chosen), indent=1, sort_keys=True) + "\n")
