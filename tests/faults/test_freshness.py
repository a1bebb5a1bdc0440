"""Whatever happens to a workspace, no answer shows a text that is not there any more: random walks on the real server."""

import random
from concurrent.futures import ThreadPoolExecutor

from faults.project import Project
from faults.world import World, walk
from lsp.editor import Editor

STEPS, ALL_STEPS = 2_000, 200_000
WALK = 250
SIDE_BY_SIDE = 2


def test_no_answer_ever_shows_a_text_that_is_gone(tmp_path, effort):
    steps = effort.times("freshness: steps, an answer checked after each", STEPS, ALL_STEPS)

    def take(seed):
        root = tmp_path / f"project{seed}"
        root.mkdir()
        with Editor(tmp_path / f"cache{seed % SIDE_BY_SIDE}", root) as editor:
            world = World(root, editor, random.Random(seed))
            world.begin()
            try:
                walk(world, WALK)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, {error}") from error
        return world.served

    seeds = range(effort.seed, effort.seed + steps // WALK)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        assert sum(threads.map(take, seeds)) > 4 * steps


def test_a_whole_file_that_grew_is_sent_again_and_not_called_unchanged(tmp_path):
    project = Project(tmp_path)
    name = project.names[0]
    params = {"query": f"{name[:-3]} depth", "conversationId": "a", "deadlineMs": 60_000}
    with project.editor() as editor:
        editor.settle()
        project.truth.check(editor.ask("context", **params), **params)
        project.write(name, project.truth.text_of(project.root / name) + "\nLAST = 1\n")
        answer = project.truth.check(editor.ask("context", **params), **params)
    (item,) = [one for one in answer["items"] if one["uri"].endswith(name)]
    assert "LAST = 1" in item["content"]
