"""Several servers on one folder and one cache directory at once: no error, nothing learned is lost, one warms for all."""

import random
import subprocess
import sys
import threading

from faults.project import Project, text_about
from lsp.editor import Refused

STEPS, ALL_STEPS = 60, 20_000


def work(project, editor, step, dice, own):
    """One of the things a window does; only it writes its `own` file."""
    if step == "learn":
        project.tour(editor, *dice.sample(project.names[:16], 2))
    elif step == "write":
        project.write(own, text_about(own[:-3], f"\n\nEDITION = {dice.random()}\n"))
    elif step == "ask":
        editor.ask("context", query=f"{dice.choice(project.names)[:-3]} depth")
    elif step == "search":
        editor.ask("search", query="depth")
    else:
        editor.ask(step)


def test_windows_and_the_command_line_work_side_by_side(tmp_path, effort):
    project = Project(tmp_path, files=24)
    steps = effort.times("two servers: random operations of three windows and the command line", STEPS, ALL_STEPS)
    failures = []

    def window(number):
        dice = random.Random(effort.seed * 100 + number)
        with project.editor() as editor:
            editor.settle()
            for _ in range(steps // 3):
                step = dice.choice(["learn", "learn", "ask", "write", "search", "warm", "stats"])
                try:
                    work(project, editor, step, dice, project.names[16 + number])
                except Refused as refusal:
                    failures.append((step, str(refusal)))
            editor.settle()
            notes = [n["params"] for n in editor.notes if n["method"] in ("window/showMessage", "window/logMessage")]
            failures.extend(notes)

    def command_line():
        while any(thread.is_alive() for thread in windows):
            command = [sys.executable, "-m", "magnetar", "search", project.root, "depth", "--cache-dir", project.cache]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                failures.append(("search", done.stderr))

    windows = [threading.Thread(target=window, args=[number]) for number in range(3)]
    for thread in windows:
        thread.start()
    command_line()
    for thread in windows:
        thread.join()
    assert not failures
    project.sound()
    with project.editor() as editor:
        editor.settle()
        project.holds(editor, project.names[:19])


def test_what_each_window_learned_is_known_to_the_next(tmp_path):
    project = Project(tmp_path)
    with project.editor() as one, project.editor() as other:
        for _ in range(3):
            project.tour(one, *project.names[:4])
            project.tour(other, *project.names[4:8])
        each = 3 * 4 - 1
    with project.editor() as editor:
        editor.settle()
        assert project.learned(editor) == 2 * each


def test_one_warms_and_the_others_use_it(tmp_path):
    project = Project(tmp_path, files=40)
    with project.editor() as one:
        one.settle()
        with project.editor() as other:
            other.settle()
            report = other.ask("warm")
            assert report["reused"] == report["files"] == 40
            project.holds(other)
