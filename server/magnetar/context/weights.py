"""The learned numbers, all in `weights.json`, fitted by `tests/evals/train.py` on git histories.

- Stages `f1`/`q1` (with and without a focused document) and `f2`/`q2` score files; features are those of
  `features.py`, `_b` is the constant, `s1` the score of the stage before.
- `cf1`/`cq1` score the pieces of the files that were opened by the features of `pieces.py`; `cf2`/`cq2` score them beside
  each other, and `f3`/`q3` their files, by those of `second_look.py`.
- The first two stages and `cf1`/`cq1` are the mean of two fits on different repositories, which holds better on others than
  either; what was fitted on what, and what came of it, stands in `tests/evals/RESULTS.md`.
- The session's features (`recent`, `edited`, `predicted`) and those of a cursor have no trace in a git history; they are set by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

import orjson
from attrs import frozen


@frozen
class Weights:
    """The weights of every stage by feature."""

    by_stage: Mapping[str, Mapping[str, float]]

    @classmethod
    def load(cls) -> Weights:
        """The weights that come with the package."""
        raw = orjson.loads(files("magnetar.context").joinpath("weights.json").read_bytes())
        return cls({name: dict(stage) for name, stage in raw.items()})

    def files(self, stage: int, *, focused: bool) -> Mapping[str, float]:
        """The weights of one stage of ranking files."""
        return self.by_stage[f"{'f' if focused else 'q'}{stage}"]

    def pieces(self, look: int, *, focused: bool) -> Mapping[str, float]:
        """The weights of one look at pieces."""
        return self.by_stage[f"c{'f' if focused else 'q'}{look}"]
