"""How good contexts are, by the shared instrument and over the real protocol, beside other systems' figures.

usage: npm run eval:context -- TASKS.jsonl… [--mode f|q|both] [--budget 2048 8192 32768] [--every N]
                               [--without SIGNAL…] [--each]
TASKS come from the shared make_tasks.py. `--without cochange imports` leaves signals out; `--each` makes a table of
what is lost without each signal in turn.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .ablation import ABLATABLE
from .instruments import ROOT, json_rows, measure
from .rivals import CONTEXT, CONTEXT_BUDGET
from .tables import markdown, mean

Row = Mapping[str, Any]
LANGUAGES = {
    **dict.fromkeys(("py", "pyi"), "Python"),
    **dict.fromkeys(("ts", "tsx", "mts", "cts", "vue"), "TypeScript"),
    **dict.fromkeys(("js", "jsx", "mjs", "cjs"), "JavaScript"),
    "go": "Go",
    "rs": "Rust",
    "java": "Java",
}


def language_of(task: Row) -> str:
    """The language that most files of a task are written in."""
    suffixes = Counter(LANGUAGES.get(path.rpartition(".")[2], "others") for path in task["gold"])
    return suffixes.most_common(1)[0][0]


def grouped(rows: Iterable[Row], key: Callable[[Row], str]) -> list[tuple[str, list[Row]]]:
    """Rows by a key, in its order."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return sorted(groups.items())


def scores(tasks: Path, mode: str, budget: int, silenced: Sequence[str], every: int = 1) -> list[Row]:
    """What the instrument says of each task of a file."""
    server = [sys.executable, "-m", "tests.evals", "serve", *(["--without", *silenced] if silenced else [])]
    languages = {row["sha"]: language_of(row) for row in json_rows(tasks.read_text("utf-8"))}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.jsonl"
        options = ["--mode", mode, "--budget", str(budget), "--every", str(every), "--cmd", shlex.join(server)]
        sys.stderr.write(measure("context_eval.py", ["magnetar", str(tasks), str(out), *options]))
        rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    return [{**row, "mode": mode, "budget": budget, "language": languages[row["sha"]]} for row in rows]


def score_table(rows: Sequence[Row]) -> str:
    """Recall and lines with and without a focus: by repository, by language, of all."""
    lines = []
    for title, group in [
        *grouped(rows, lambda row: row["repo"]),
        *grouped(rows, lambda row: row["language"]),
        ("all", rows),
    ]:
        cells = [figure for mode in "fq" for figure in _figures([row for row in group if row["mode"] == mode])]
        lines.append([title, len({row["sha"] for row in group}), *cells])
    return markdown(["", "commits", "f recall", "f lines", "q recall", "q lines"], lines)


def rival_table() -> str:
    """The published figures."""
    return markdown(["published", "f recall", "f lines", "q recall", "q lines"], CONTEXT)


def loss_table(full: Sequence[Row], by_signal: Mapping[str, Sequence[Row]]) -> str:
    """What is lost without each signal, the dearest first."""
    lines = []
    for signal, rows in by_signal.items():
        losses = [
            mean((row for row in full if row["mode"] == mode), name)
            - mean((row for row in rows if row["mode"] == mode), name)
            for mode in "fq"
            for name in ("recall", "lines")
        ]
        lines.append((sum(losses), [f"without {signal}", *(f"{-loss:+.3f}" for loss in losses)]))
    ordered = [line for _, line in sorted(lines, key=lambda one: -one[0])]
    return markdown(["", "f recall", "f lines", "q recall", "q lines"], ordered)


def _figures(rows: Sequence[Row]) -> tuple[str, str]:
    return (f"{mean(rows, 'recall'):.3f}", f"{mean(rows, 'lines'):.3f}") if rows else ("", "")


def main(arguments: Sequence[str]) -> None:
    """Runs it."""
    parser = argparse.ArgumentParser(
        prog="eval:context", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", nargs="+", type=lambda name: (ROOT / name).resolve())
    parser.add_argument("--mode", choices=("f", "q", "both"), default="both")
    parser.add_argument("--budget", nargs="+", type=int, default=[CONTEXT_BUDGET])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--without", nargs="+", choices=ABLATABLE, default=[])
    parser.add_argument("--each", action="store_true", help="leave every signal out in turn")
    chosen = parser.parse_args(arguments)

    def run(budget: int, silenced: Sequence[str]) -> list[Row]:
        modes = "fq" if chosen.mode == "both" else chosen.mode
        return [
            row for path in chosen.tasks for mode in modes for row in scores(path, mode, budget, silenced, chosen.every)
        ]

    for budget in chosen.budget:
        full = run(budget, chosen.without)
        title = f"{budget:,} tokens" + (f", without {', '.join(chosen.without)}" if chosen.without else "")
        sys.stdout.write(f"\n{title}\n\n{score_table(full)}\n")
        if budget == CONTEXT_BUDGET:
            sys.stdout.write(rival_table() + "\n")
        if chosen.each:
            sys.stdout.write(loss_table(full, {signal: run(budget, [signal]) for signal in ABLATABLE}) + "\n")
