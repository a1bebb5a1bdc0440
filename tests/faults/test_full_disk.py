"""A disk that is full from one single write on, whichever it is: answers stay true, and all is kept once there is room."""

import contextlib
import shutil

from faults.project import Project, text_about
from faults.shim import Shim, compiled
from lsp.editor import Refused
from waiting import until

ROUNDS, ALL_ROUNDS = 6, 80
STARTS, ALL_STARTS = 1, 200


def work(project, editor, number):
    """Changes, questions, and what is learned: whatever a server writes down."""
    changed, new = project.names[number % 8], f"volcano{number % 8}.py"
    for name in (changed, new):
        project.write(name, text_about(name[:-3], f"\n\nROUND = {number}\n"))
        project.serves_only_truth(editor, name[:-3])
    editor.focus(project.root / project.names[8])
    editor.focus(project.root / project.names[9])
    settle(editor)
    return changed, new


def settle(editor):
    try:
        editor.settle()
    except Refused:  # a disk that is full is told, and ends nothing
        assert editor.process.poll() is None


async def recover(editor):
    """There is room again, which a server notices within some seconds."""

    def works():
        with contextlib.suppress(Refused):
            editor.ask("warm")
            editor.settle()
            return True
        return False

    await until(works)


async def test_a_disk_that_is_full_from_any_write_on_makes_no_answer_wrong_and_loses_nothing(
    tmp_path, monkeypatch, effort
):
    project = Project(tmp_path)
    disk = Shim(compiled(tmp_path), tmp_path, project.cache)
    rounds = effort.times("full disk: the write under a running server from which on it is full", ROUNDS, ALL_ROUNDS)
    with disk.preloaded(monkeypatch), project.editor() as editor:
        editor.settle()
        learned, most = 0, 0
        for number in range(rounds):
            disk.fill(after=number if effort.long else number * 5)
            names = work(project, editor, number)
            most = max(most, disk.writes)
            disk.make_room()
            await recover(editor)
            project.holds(editor, names)
            before, learned = learned, project.learned(editor)
            assert learned >= before + 1
    assert most > 5 * ROUNDS / 2, "the disk was never filled in the middle of the work"
    with project.editor() as editor:
        editor.settle()
        project.holds(editor)
        assert project.learned(editor) == learned
    project.sound()


async def test_a_server_starts_whichever_of_its_first_writes_finds_the_disk_full(tmp_path, monkeypatch, effort):
    project = Project(tmp_path)
    disk = Shim(compiled(tmp_path), tmp_path, project.cache)
    starts = effort.times("full disk: the write of a first start from which on it is full", STARTS, ALL_STARTS)
    for number in range(starts):
        shutil.rmtree(project.cache, ignore_errors=True)
        disk.fill(after=number if effort.long else 70)
        with disk.preloaded(monkeypatch), project.editor() as editor:
            names = work(project, editor, number)
            disk.make_room()
            await recover(editor)
            project.holds(editor, names)
        with project.editor() as editor:
            editor.settle()
            project.holds(editor, names)
            assert project.learned(editor) >= 1
        project.sound()
