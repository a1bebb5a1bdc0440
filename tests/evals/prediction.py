"""How often the next file is among the first five predicted, by the shared instrument, beside other systems' figures.

usage: npm run eval:prediction -- TRACES.jsonl… [--from 0.6] [--top 5]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .instruments import ROOT, json_rows, measure
from .rivals import PREDICTION
from .tables import markdown

SYSTEMS = {"markov1": "order-1 Markov", "mru": "most recently used", "magnetar": "magnetar"}
Rows = Sequence[Mapping[str, Any]]


def prediction_table(by_system: Mapping[str, Rows], top: int) -> str:
    """A line for each trace and one for their mean: the systems' hits, and how ours compares with the first."""
    names = [SYSTEMS[system] for system in by_system]
    lines = []
    for together in zip(*by_system.values(), strict=True):
        hits = [row[f"hit{top}"] for row in together]
        own = together[-1]
        ratio = f"{hits[-1] / hits[0]:.2f} times" if hits[0] else ""
        micros = (f"{own['predict_us_p50']:.1f}", f"{own['access_us_p50']:.0f}")
        lines.append([own["trace"], f"{own['n']:.0f}", *(f"{hit:.1f}" for hit in hits), ratio, *micros])
    return markdown(["trace", "n", *names, f"of {names[0]}", "µs to predict", "µs to learn"], lines)


def main(arguments: Sequence[str]) -> None:
    """Runs it."""
    parser = argparse.ArgumentParser(
        prog="eval:prediction", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("traces", nargs="+", type=Path)
    parser.add_argument(
        "--from", dest="start", type=float, default=0.0, help="score only what is later than this share"
    )
    parser.add_argument("--top", type=int, default=5)
    chosen = parser.parse_args(arguments)
    paths = [str((ROOT / path).resolve()) for path in chosen.traces]
    options = ["--json", "--from", str(chosen.start), "--top", str(chosen.top), *paths]
    found = {system: json_rows(measure("predict_eval.py", ["--system", system, *options])) for system in SYSTEMS}
    sys.stdout.write(f"\nhit@{chosen.top}, percent\n\n{prediction_table(found, chosen.top)}\n")
    sys.stdout.write(markdown(["published hit@5", "agents", "git", "saves"], PREDICTION))
