from pathlib import Path

import pytest

from evals.memory_workspace import MemoryWorkspace
from magnetar.context.engine import Engine
from magnetar.model import ContextRequest, Target

ROOT = Path("/workspace")


class CountingWorkspace(MemoryWorkspace):
    """Counts how often relations are worked out: imports are asked for by nothing else."""

    asked = 0

    async def importers(self, keys):
        self.asked += 1
        return await super().importers(keys)


@pytest.fixture
def workspace():
    texts = {f"part{number}.py": f"def part{number}():\n    return {number}\n" for number in (1, 2)}
    return CountingWorkspace(texts, root=ROOT)


def focus(path):
    return ContextRequest(document=Target.of(ROOT / path))


async def test_what_the_user_looks_at_leaves_known_relations_standing(workspace):
    engine = Engine(workspace)
    await engine.context(focus("part1.py"))
    asked = workspace.asked
    workspace.visit("part2.py")
    await engine.context(focus("part1.py"))
    assert workspace.asked == asked > 0


async def test_relations_are_worked_out_anew_once_a_file_changed(workspace):
    engine = Engine(workspace)
    await engine.context(focus("part1.py"))
    asked = workspace.asked
    workspace.write("part1.py", "def part3():\n    return 3\n")
    await engine.context(focus("part1.py"))
    assert workspace.asked > asked
