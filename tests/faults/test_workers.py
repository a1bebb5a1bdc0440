"""Parser workers that are killed or stand still: the server goes on, and everything is indexed in the end."""

import contextlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from faults.project import Project, text_about
from waiting import until


@contextlib.contextmanager
def harassed(server, signals, every=0.15):
    """Sends the signals to one worker after another."""
    over = threading.Event()
    sent = []

    def harass():
        while not over.wait(every):
            for worker in psutil.Process(server.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "resource_tracker" not in " ".join(worker.cmdline()):
                        worker.send_signal(signals)
                        sent.append(worker.pid)
                        break

    thread = threading.Thread(target=harass)
    thread.start()
    try:
        yield sent
    finally:
        over.set()
        thread.join()


def test_workers_that_are_killed_while_a_folder_warms_cost_no_file_for_good(tmp_path, effort):
    project = Project(tmp_path, files=60)
    for _ in range(effort.times("workers: warm-ups whose workers are killed again and again", 1, 100)):
        with project.editor() as editor:
            with harassed(editor.process, signal.SIGKILL) as sent:
                warming = editor.start("magnetar/warm", {})
                project.serves_only_truth(editor)
                time_out = time.monotonic() + 10
                while len(sent) < 3 and time.monotonic() < time_out and warming._answers.empty():
                    project.serves_only_truth(editor)
            warming.result()
            for name in project.names:
                project.write(name, project.truth.text_of(project.root / name) + "\nMORE = 1\n")
            editor.settle()
            project.holds(editor, project.names[:12])


LIMITER = """
import pathlib, resource, sys
limit = pathlib.Path(__file__).with_name("limit")
if "--multiprocessing-fork" in sys.orig_argv and limit.exists():
    resource.setrlimit(resource.RLIMIT_AS, (int(limit.read_text()),) * 2)
"""


def parser_of(server):
    """The worker that is kept for edits."""
    workers = [worker for worker in psutil.Process(server.pid).children() if "spawn_main" in " ".join(worker.cmdline())]
    assert len(workers) == 1
    return workers[0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to a limit of address space")
def test_a_file_that_takes_more_memory_than_a_worker_has_is_skipped_and_told_and_the_others_go_on(
    tmp_path, monkeypatch
):
    project = Project(tmp_path)
    (tmp_path / "sitecustomize.py").write_text(LIMITER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with project.editor() as editor:
        editor.settle()
        project.write("volcano.py", text_about("volcano"))
        editor.settle()
        worker = parser_of(editor.process)
        (tmp_path / "limit").write_text(str(worker.memory_info().vms + (24 << 20)))
        worker.kill()
        project.write("balloon.py", "f(1)\n" * 190_000)
        names = [*project.names[:6], "ocean.py"]
        for name in names:
            project.write(name, text_about(name[:-3], "\n\nNEW = 1\n"))
        editor.settle()
        project.holds(editor, names)
        report = editor.ask("warm")
        assert report["skipped"]["unreadable"] == 1, report
        (tmp_path / "limit").unlink()
        parser_of(editor.process).kill()
        project.write("balloon.py", "f(2)\n")
        editor.settle()
        assert editor.ask("warm")["skipped"]["unreadable"] == 0


def test_a_worker_that_stands_still_holds_up_one_job_and_not_the_server(tmp_path):
    project = Project(tmp_path)
    with project.editor() as editor:
        editor.settle()
        for worker in psutil.Process(editor.process.pid).children(recursive=True):
            if "spawn_main" in " ".join(worker.cmdline()):
                worker.send_signal(signal.SIGSTOP)
        name = project.names[0]
        project.write(name, text_about(name[:-3], "\n\nNEW = 1\n"))
        params = {"query": "depth", "deadlineMs": 500}
        project.truth.check(editor.ask("context", **params), **params)
        editor.settle()
        project.holds(editor)


def test_a_pathological_file_is_served_as_text_and_stops_nothing(tmp_path):
    project = Project(tmp_path)
    project.write("deep.py", "(" * 50_000 + ")" * 50_000)
    project.write("deep.json", "[" * 100_000)
    project.write("wide.js", "a=" + "b+" * 100_000 + "c\n")
    project.write("nested.c", "if(x){" * 20_000)
    with project.editor() as editor:
        editor.settle()
        project.holds(editor)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux says what a process holds")
async def test_a_worker_holds_neither_lock_nor_database_nor_pipe_of_its_server_and_does_not_outlive_it(tmp_path):
    project = Project(tmp_path)
    with project.editor() as editor:
        editor.settle()
        workers = psutil.Process(editor.process.pid).children(recursive=True)
        held = [link for worker in workers for link in links(worker.pid)]
        ours = links(os.getpid(), editor.process.stdin, editor.process.stdout)
        assert held
        assert not [one for one in held if one in ours or one.is_relative_to(project.cache)]
        editor.kill()
        await until(lambda: not any(map(is_alive, workers)))


def links(pid, *files):
    """What a process holds open, or what some of its files are."""
    folder = Path(f"/proc/{pid}/fd")
    return [link.readlink() for link in ([folder / str(file.fileno()) for file in files] or folder.iterdir())]


def is_alive(process):
    """Whether it runs; a zombie that nobody has asked for has ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
