"""The engines that know a commit bound the one that does not, and an engine without a signal does without it."""

import pytest

from evals.ablation import ABLATABLE, without
from evals.memory_workspace import MemoryWorkspace
from evals.oracles import LinesKnown, RankingKnown
from evals.quality import ask
from magnetar.context.weights import Weights

BUDGET = 400


@pytest.fixture
def workspace():
    """Files that only their numbers tell apart, too many for the budget."""
    body = "".join(f"def step_{line}(value):\n    return value + {line}\n\n\n" for line in range(12))
    return MemoryWorkspace({f"module_{number:02}.py": f"NUMBER = {number}\n\n\n{body}" for number in range(40)})


async def test_a_touched_file_is_shown_where_the_ranking_is_known(workspace):
    gold = {"module_31.py": [(4, 5)]}
    shown, tokens = await ask(RankingKnown(workspace, gold), workspace, "a change", None, BUDGET)
    assert next(iter(shown)) == "module_31.py"
    assert tokens <= BUDGET


async def test_changed_lines_come_first_where_they_are_known(workspace):
    gold = {"module_00.py": [(36, 37)]}
    shown, tokens = await ask(LinesKnown(workspace, gold), workspace, "module_00", None, BUDGET)
    assert "return value + 8" in shown["module_00.py"]
    assert tokens <= BUDGET


def test_leaving_a_signal_out_leaves_its_features_out_everywhere():
    weights = Weights.load()
    fewer = without(weights, ["cochange"])
    assert {"co", "f:co#r", "pop"} & set(weights.by_stage["f1"])
    assert not {"co", "f:co#r", "pop"} & set(fewer.by_stage["f1"])
    assert "h1" in weights.by_stage["cf1"]
    assert "h1" not in fewer.by_stage["cf1"]
    assert fewer.by_stage["cf1"]["bm"] == weights.by_stage["cf1"]["bm"]
    assert without(weights, []) is weights


@pytest.mark.parametrize("signal", ABLATABLE)
def test_every_signal_can_be_left_out(signal):
    weights = Weights.load()
    left = without(weights, [signal]).by_stage
    assert any(len(left[stage]) < len(table) for stage, table in weights.by_stage.items())
    assert all("_b" in table for table in left.values())
