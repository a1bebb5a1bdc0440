"""Clocks that jump, by years and under running servers: what is served stays true, and nothing that was learned is lost."""

import os

import pytest

from faults.project import Project, text_about
from faults.shim import Shim, compiled

DAY, YEAR = 86_400, 31_536_000
JUMPS = [400 * DAY, -20 * YEAR, 3_600, -400 * DAY, 0, -3_600]
SHORT_LIVED = {"cache": {"ttl": {"file": 60, "symbols": 60, "search": 60}}, "refresh": {"interval": 1}}


def test_a_clock_that_jumps_under_a_running_server_makes_no_answer_wrong_and_loses_nothing(
    tmp_path, monkeypatch, effort
):
    project = Project(tmp_path)
    clock = Shim(compiled(tmp_path), tmp_path)
    learned = 0
    with clock.preloaded(monkeypatch), project.editor(options=SHORT_LIVED) as editor:
        editor.settle()
        for number in range(effort.times("clocks: jumps under a running server", 3, 300)):
            clock.jump(JUMPS[number % len(JUMPS)])
            changed, new = project.names[number % 12], f"volcano{number % 12}.py"
            project.write(changed, text_about(changed[:-3], f"\n\nJUMP = {number}\n"))
            project.write(new, text_about(new[:-3], f"\n\nJUMP = {number}\n"))
            project.serves_only_truth(editor, changed[:-3])
            editor.settle()
            project.holds(editor, [changed, new])
            project.tour(editor, *project.names[:3])
            before, learned = learned, project.learned(editor)
            assert learned >= before + 2
    clock.jump(-400 * DAY)
    with clock.preloaded(monkeypatch), project.editor(options=SHORT_LIVED) as editor:
        editor.settle()
        project.holds(editor)
        assert project.learned(editor) == learned
    project.sound()


def test_two_windows_whose_clocks_are_years_apart_share_one_cache(tmp_path, monkeypatch):
    project = Project(tmp_path)
    library = compiled(tmp_path)
    clocks = []
    for name, years in (("late", 3), ("early", -3)):
        (tmp_path / name).mkdir()
        clocks.append(Shim(library, tmp_path / name))
        clocks[-1].jump(years * YEAR)
    late, early = clocks
    with late.preloaded(monkeypatch):
        one = project.editor()
    with one, early.preloaded(monkeypatch), project.editor() as other:
        for editor, names in ((one, project.names[:3]), (other, project.names[3:6])):
            project.write(names[0], text_about(names[0][:-3], "\n\nTOUCHED = 1\n"))
            one.settle()
            other.settle()  # one of them writes the index, for both
            project.tour(editor, *names)
            project.holds(editor)
        one.kill()  # the other one writes the index from now on
        project.write("volcano.py", text_about("volcano"))
        other.ask("warm")
        project.holds(other, [*project.names[:2], "volcano.py"])
    with project.editor() as editor:
        editor.settle()
        project.serves_only_truth(editor)  # what is known of the files has expired, and is found out again for this
        editor.settle()
        project.holds(editor)
        assert project.learned(editor) == 4
    project.sound()


NANOSECONDS = 10**9
STAMPS = {"next year": 1_830_297_600, "2200": 7_258_118_400, "2400, past what a database can hold": 13_569_465_600}


@pytest.mark.parametrize("seconds", STAMPS.values(), ids=STAMPS)
def test_files_stamped_in_the_future_are_served_as_they_are_at_every_moment(tmp_path, seconds):
    project = Project(tmp_path)
    future = seconds * NANOSECONDS + 1

    def stamp(name):
        path = project.root / name
        os.utime(path, ns=(future, future))
        if path.stat().st_mtime_ns != future:
            pytest.skip("the file system knows no such time")

    def edit(number):
        """The same size, and the same time, each time."""
        for name in project.names[:3]:
            project.write(name, text_about(name[:-3], f"\n\nEDITION = {number}\n"))
            stamp(name)

    for name in project.names:
        stamp(name)
    edit(0)
    with project.editor() as editor:
        editor.settle()
        project.holds(editor)
        for number in range(1, 4):
            edit(number)
            project.serves_only_truth(editor, project.names[0][:-3])
            editor.settle()
            project.holds(editor)
        os.utime(project.root / project.names[0])  # back to the present
        editor.settle()
        project.holds(editor)
        report = editor.ask("warm")
        assert report["files"] == len(project.names)
    edit(4)
    with project.editor() as editor:
        project.serves_only_truth(editor)
        editor.settle()
        project.holds(editor)
        again = editor.ask("warm")
        assert again["reused"] == len(project.names)  # what is stamped so is no reason to read it for ever
    project.sound()
