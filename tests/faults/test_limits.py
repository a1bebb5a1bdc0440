"""A disk, descriptors, memory or watches that run out, and clocks that jump: answers stay true, and it recovers."""

import os
import signal
import sys
from pathlib import Path

import pytest

from faults.project import Project, text_about
from lsp.editor import Editor
from namespace import in_namespace

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
"""How many changes the system keeps for who does not read them."""


def test_a_full_disk_makes_no_answer_wrong_and_what_could_not_be_kept_is_kept_once_there_is_room(tmp_path):
    program = """
        import pathlib, subprocess, sys
        from faults.project import Project, text_about
        from waiting import until
        import asyncio
        base = pathlib.Path(sys.argv[1])
        project = Project(base, files=30)
        project.cache.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", project.cache], check=True)
        with project.editor() as editor:
            editor.settle()
            project.tour(editor, *project.names[:3])
            filling = project.cache / "filling"
            for room in (0, 4096, 20_000, 100_000):
                with filling.open("wb", buffering=0) as file:
                    try:
                        while True:
                            file.write(bytes(4096))
                    except OSError:
                        pass
                with filling.open("r+b") as file:
                    file.truncate(max(0, filling.stat().st_size - room))
                for name in project.names[10:20]:
                    project.write(name, text_about(name[:-3], f"\\n\\nROOM = {room}\\n"))
                for name in project.names[3:6]:
                    editor.focus(project.root / name)
                for name in project.names[10:13]:
                    project.serves_only_truth(editor, name[:-3])
            filling.unlink()
            async def recovered():
                try:
                    editor.settle()
                    editor.ask("warm")
                    return True
                except Exception:
                    return False
            asyncio.run(until(recovered, 60))
            project.holds(editor, project.names[8:22])
            learned = project.learned(editor)
        with project.editor() as editor:
            editor.settle()
            assert project.learned(editor) == learned >= 11, learned
        project.sound()
    """
    in_namespace(program, tmp_path)


def test_a_directory_that_cannot_be_written_leaves_answers_in_memory(tmp_path):
    program = """
        import pathlib, subprocess, sys
        from faults.project import Project
        project = Project(pathlib.Path(sys.argv[1]))
        with project.editor() as editor:
            editor.settle()
        subprocess.run(["mount", "--bind", project.cache, project.cache], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", project.cache], check=True)
        with project.editor() as editor:
            project.serves_only_truth(editor)
            editor.settle()
            project.holds(editor)
            status = [n["params"]["health"] for n in editor.notes if n["method"] == "experimental/serverStatus"]
            assert status[-1] == "warning", status
    """
    in_namespace(program, tmp_path)


def test_where_nothing_can_be_watched_changes_are_found_all_the_same(tmp_path):
    program = """
        import pathlib, sys
        for limit in ("max_inotify_watches", "max_inotify_instances"):
            pathlib.Path("/proc/sys/user", limit).write_text("0")
        from faults.project import Project, text_about
        project = Project(pathlib.Path(sys.argv[1]))
        with project.editor() as editor:
            editor.settle()
            project.holds(editor)
            name = project.names[0]
            project.write(name, text_about(name[:-3], "\\n\\nNEW = 1\\n"))
            project.holds(editor)
            project.write("volcano.py", text_about("volcano"))
            editor.ask("warm")
            project.holds(editor, ["volcano.py"])
    """
    in_namespace(program, tmp_path)


@pytest.mark.parametrize("limit", ["-n 40", "-n 64", "-v 1500000"])
def test_a_server_short_of_descriptors_or_memory_says_nothing_untrue(tmp_path, limit, monkeypatch):
    project = Project(tmp_path)
    launcher = tmp_path / "python"
    launcher.write_text(f'#!/bin/sh\nulimit {limit}\nexec "{sys.executable}" "$@"\n')
    launcher.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(launcher))
    editor = Editor(project.cache, project.root)
    monkeypatch.undo()
    with editor:
        for name in project.names:
            project.serves_only_truth(editor, f"{name[:-3]} depth")
        assert editor.process.poll() is None
    with project.editor() as editor:
        editor.settle()
        project.holds(editor)


@pytest.mark.skipif(not QUEUE.exists(), reason="the queue of changes is Linux's")
def test_where_the_queue_of_changes_overflowed_everything_is_looked_at_again(tmp_path):
    project = Project(tmp_path)
    (project.root / "folder").mkdir()
    project.write("folder/old.py", text_about("old"))
    noise = [project.write(f"noise{number}.txt", "noise") for number in range(2)]
    with project.editor() as editor:
        editor.settle()
        editor.process.send_signal(signal.SIGSTOP)
        for number in range(int(QUEUE.read_text())):  # of one file, all would be one event
            os.utime(noise[number % 2])
        project.write("volcano.py", text_about("volcano"))
        (project.root / "folder").rename(project.root / "renamed")
        (project.root / project.names[0]).unlink()
        editor.process.send_signal(signal.SIGCONT)
        editor.settle()
        project.holds(editor, ["volcano.py", "renamed/old.py", *project.names[1:4]])
        project.serves_only_truth(editor, project.names[0][:-3])
        project.write("renamed/fjordland.py", text_about("fjordland"))  # told again from now on
        editor.settle()
        project.holds(editor, ["renamed/fjordland.py"])
