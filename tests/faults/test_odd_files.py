"""Whatever lies in a folder, and whatever happens to it while it is read: answers come and are true."""

import os
import socket
import threading

import pytest

from faults.project import Project, text_about
from waiting import until


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def fifo(root):
    os.mkfifo(root / "pipe.py")


def unix_socket(root):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(root / "socket.py"))


def device(root):
    try:
        os.mknod(root / "zero.py", 0o20666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making a device takes a privilege")


def huge(root):
    with (root / "huge.py").open("wb") as file:
        file.write(b"def huge(): pass\n")
        file.truncate(1 << 30)


def loops(root):
    (root / "self.py").symlink_to("self.py")
    (root / "around").symlink_to(".")
    (root / "up").symlink_to("..")
    (root / "endless.py").symlink_to("/dev/zero")


def newline(root):
    (root / "new\nline.py").write_text(text_about("newline"))


def invalid_name(root):
    os.close(os.open(os.fsencode(root) + b"/\xff\xfe.py", os.O_CREAT | os.O_WRONLY))


def long_name(root):
    deep = root
    for _ in range(60):
        deep /= "d" * 60
    fd = os.open(root, os.O_RDONLY)
    for part in deep.relative_to(root).parts:
        os.mkdir(part, dir_fd=fd)
        inner = os.open(part, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = inner
    os.close(os.open("deep.py", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    os.close(fd)


def case_pairs(root):
    (root / "Case.py").write_text(text_about("upper"))
    (root / "case.py").write_text(text_about("lower"))


ODD = [fifo, unix_socket, device, huge, loops, newline, invalid_name, long_name, case_pairs]


def test_odd_files_neither_stop_nor_falsify_anything(project, monkeypatch):
    monkeypatch.chdir(project.root)
    for make in ODD:
        make(project.root)
    with project.editor() as editor:
        editor.settle()
        project.holds(editor)
        must = [path.as_uri() for path in sorted(project.root.iterdir()) if path.name not in project.names]
        params = {"query": "depth", "mustInclude": must, "deadlineMs": 60_000, "tokenBudget": 32_000}
        project.truth.check(editor.ask("context", **params), **params)


def test_odd_files_may_appear_under_a_running_server(project, monkeypatch):
    monkeypatch.chdir(project.root)
    with project.editor() as editor:
        editor.settle()
        for make in ODD:
            make(project.root)
            project.serves_only_truth(editor)
        editor.settle()
        project.holds(editor)


def test_files_that_vanish_between_the_scan_and_the_reading_are_left_out(tmp_path):
    project = Project(tmp_path, files=120)
    going = project.names[60:]
    with project.editor() as editor:
        thread = threading.Thread(target=lambda: [(project.root / name).unlink() for name in going])
        thread.start()
        project.serves_only_truth(editor)
        thread.join()
        editor.settle()
        project.holds(editor)
        hits = editor.ask("search", query="depth", limit=100)["hits"]
        assert not {hit["uri"].rpartition("/")[2] for hit in hits} & set(going)


def test_a_folder_renamed_under_a_running_warm_up_is_found_under_its_new_name(tmp_path):
    project = Project(tmp_path)
    for number in range(80):
        project.write(f"old/part{number}.py", text_about(f"part{number}"))
    with project.editor() as editor:
        warming = editor.start("magnetar/warm", {})
        (project.root / "old").rename(project.root / "new")
        project.serves_only_truth(editor)
        warming.result()
        editor.settle()
        project.holds(editor, [*project.names[:2], "new/part7.py"])


def indexed(editor):
    return editor.ask("stats")["index"]["indexedFiles"]


async def test_thousands_of_files_that_change_at_once_are_all_taken_in(tmp_path, effort):
    count = effort.times("watcher: files changed at once", 1_000, 50_000)
    project = Project(tmp_path)
    with project.editor() as editor:
        editor.settle()
        for number in range(count):
            project.write(f"many/d{number // 500}/f{number}.py", f"def file_{number}():\n    return {number}\n")
        project.serves_only_truth(editor)
        if effort.long:  # no request may wait for as long as this may take
            await until(lambda: indexed(editor) == count + len(project.names), 3_600)
        editor.settle()
        assert indexed(editor) == count + len(project.names)
        project.holds(editor)
