"""The engine without some of its signals, so that what each is worth can be seen.

The weights of the features that speak for a signal are left out, of files and of pieces; the others stay as they were
fitted together with it. What a signal is worth this way is therefore rather more than a refit would lose.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from unittest.mock import patch

from magnetar.cli import main as magnetar
from magnetar.context.features import SIGNALS, bare
from magnetar.context.weights import Weights
from magnetar.model import Signal

PIECE_SIGNALS: Mapping[str, Signal] = {
    **dict.fromkeys(("bm", "bmg", "bmr", "nb", "hd", "fs", "fsg"), Signal.LEXICAL),
    **dict.fromkeys(("dfq", "near", "FD", "fdef"), Signal.DEFINITION),
    **dict.fromkeys(("rfq", "FR", "fref"), Signal.REFERENCE),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "H1", "H2", "H3", "H4", "nh", "nohist"), Signal.COCHANGE),
}
"""What each feature of a piece speaks for; the others describe its shape."""

ABLATABLE = tuple(sorted({signal.value for signal in (*SIGNALS.values(), *PIECE_SIGNALS.values())}))


def without(weights: Weights, silenced: Sequence[str]) -> Weights:
    """The same weights but for the features of some signals."""
    if not silenced:
        return weights
    kept = {
        stage: {name: weight for name, weight in table.items() if _signal(stage, name) not in silenced}
        for stage, table in weights.by_stage.items()
    }
    return Weights(kept)


def main(arguments: Sequence[str]) -> None:
    """Serves as `magnetar serve --stdio` does, without some signals, for an instrument to talk to."""
    parser = argparse.ArgumentParser(prog="evals serve", description=main.__doc__)
    parser.add_argument("--without", nargs="+", choices=ABLATABLE, default=[])
    weights = without(Weights.load(), parser.parse_args(arguments).without)
    with patch.object(Weights, "load", lambda: weights):
        sys.exit(magnetar(["serve", "--stdio"]))


def _signal(stage: str, feature: str) -> str | None:
    known = PIECE_SIGNALS if stage.startswith("c") else SIGNALS
    signal = known.get(bare(feature))
    return signal.value if signal else None
