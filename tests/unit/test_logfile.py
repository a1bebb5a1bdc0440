import io
import json
import logging
import os
import subprocess
import sys

import pytest

from magnetar import logfile
from magnetar.logfile import discreet, log_directory, log_file, log_tail, log_to_file
from magnetar.process import log_to_stderr


@pytest.fixture
def logger():
    """Magnetar's own logger, as it was before once the test is over."""
    logger = logging.getLogger("magnetar")
    root = logging.getLogger()
    before = (logger.level, logger.handlers[:], root.level, root.handlers[:])
    yield logger
    for handler in logger.handlers:
        if handler not in before[1]:
            handler.close()
    logger.level, logger.handlers[:], root.level, root.handlers[:] = before
    logger.setLevel(before[0])


def lines(cache):
    return [
        json.loads(line) for path in log_directory(cache).iterdir() for line in path.read_text("utf-8").splitlines()
    ]


def fail():
    raise KeyError("the contents of a file")


def test_each_line_is_one_object_and_an_exception_is_its_type_and_places(logger, tmp_path, monkeypatch):
    monkeypatch.setattr(logger, "propagate", False)  # pytest's workers cannot report a line that is no Unicode
    log_to_file(tmp_path, "serve", "warning")
    try:
        fail()
    except KeyError:
        logging.getLogger("magnetar.workspace").exception("It failed\nover %s.", "é\udcff")
    (line,) = lines(tmp_path)
    assert line["time"].endswith("+00:00")
    assert (line["level"], line["logger"]) == ("error", "magnetar.workspace")
    assert line["message"].startswith("It failed\nover é")
    assert line["exception"] == "KeyError"
    assert line["at"][-1].startswith("unit/test_logfile.py:")
    assert line["at"][-1].endswith(" fail")
    assert "contents" not in json.dumps(line)


def test_the_file_is_told_more_than_stderr_and_nothing_of_other_packages(logger, tmp_path, monkeypatch):
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    log_to_stderr("warning")
    log_to_file(tmp_path, "serve", "warning")
    logger.debug("a debug message")
    logger.info("an info message")
    logger.warning("a warning")
    logging.getLogger("another.package").error("the body of a message")
    assert [line["message"] for line in lines(tmp_path)] == ["an info message", "a warning"]
    assert "a warning" in stderr.getvalue()
    assert "the body of a message" in stderr.getvalue()
    assert "an info message" not in stderr.getvalue()


def test_neither_credentials_nor_the_users_home_are_written(monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, f"{os.sep}home{os.sep}me")
    home = os.path.expanduser("~")  # noqa: PTH111
    assert (
        discreet(f"{home}{os.sep}a.py, file://{home}{os.sep}b and {home}.")
        == f"~{os.sep}a.py, file://~{os.sep}b and ~."
    )
    assert discreet(f"/mnt{home}/a {home}-other/b {home}s") == f"/mnt{home}/a {home}-other/b {home}s"
    assert discreet("at redis://me:pass@host:1/0, http://token@x") == "at redis://host:1/0, http://x"
    assert discreet("file:///w/node_modules/@types/a.ts") == "file:///w/node_modules/@types/a.ts"


@pytest.mark.parametrize("password", ["p@ss", "pa/ss", "/@", "p'a\"ss", "a?b#c", "a://b"])
def test_no_part_of_a_password_is_written_that_should_have_been_encoded(password):
    assert discreet(f"at redis://me:{password}@host:1/0 and on") == "at redis://host:1/0 and on"


def test_without_a_home_of_ones_own_paths_stay(monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, os.sep)
    assert discreet("/a/b") == "/a/b"


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_log_is_its_owners_alone(logger, tmp_path):
    log_to_file(tmp_path / "cache", "serve", "warning")
    logger.warning("careful")
    assert log_file().parent == log_directory(tmp_path / "cache")
    assert {path.stat().st_mode & 0o077 for path in (log_file(), log_file().parent, tmp_path / "cache")} == {0}


NO_PROCESS = 2**30
WRITER = """
import logging, sys
from pathlib import Path
from magnetar import logfile
logfile._MOST_BYTES = 10_000
logfile.log_to_file(Path(sys.argv[1]), "serve", "warning")
sys.stdin.readline()
for number in range(500):
    logging.getLogger("magnetar").warning("message %d of %s", number, sys.argv[2])
"""


def test_two_processes_at_once_keep_whole_lines_in_files_of_limited_size(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, name], stdin=subprocess.PIPE) for name in "ab"]
    for writer in writers:
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    files = list(log_directory(tmp_path).iterdir())
    assert len(files) == 4
    assert all(path.stat().st_size <= 10_000 for path in files)
    assert {"message 499 of a", "message 499 of b"} <= {line["message"] for line in lines(tmp_path)}
    assert len(log_tail(tmp_path, 50)) == 50
    assert log_tail(tmp_path, 5000) == sorted(log_tail(tmp_path, 5000))


@pytest.mark.usefixtures("logger")
def test_the_files_of_ended_processes_go_but_for_the_latest_and_those_of_living_ones_stay(tmp_path):
    directory = log_directory(tmp_path)
    directory.mkdir(parents=True)
    for number in range(20):
        path = directory / f"serve-20260101-0000{number:02}-{NO_PROCESS}.jsonl"
        path.write_text("{}\n")
        os.utime(path, (number, number))
    living = directory / f"mcp-20200101-000000-{os.getppid()}.jsonl"
    living.write_text("{}\n")
    os.utime(living, (0, 0))
    log_to_file(tmp_path, "serve", "warning")
    left = {path.name for path in directory.iterdir()} - {log_file().name}
    assert left == {living.name} | {f"serve-20260101-0000{number}-{NO_PROCESS}.jsonl" for number in range(12, 20)}


@pytest.mark.usefixtures("logger")
def test_a_log_that_cannot_be_made_is_a_warning(tmp_path, caplog):
    (tmp_path / "logs").write_text("a file")
    log_to_file(tmp_path, "serve", "warning")
    assert log_file() is None
    assert "No log can be written" in caplog.text
    assert log_tail(tmp_path, 10) == []


def test_a_full_disk_costs_lines_and_nothing_else(logger, tmp_path, capsys, monkeypatch):
    log_to_file(tmp_path, "serve", "warning")
    (handler,) = [each for each in logger.handlers if isinstance(each, logfile.RotatingFileHandler)]

    class Full(io.StringIO):
        def flush(self):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(handler, "stream", Full())
    logger.warning("lost")
    monkeypatch.undo()
    logger.warning("kept")
    assert capsys.readouterr().err.count("Traceback") == 0
    assert [line["message"] for line in lines(tmp_path)] == ["kept"]
