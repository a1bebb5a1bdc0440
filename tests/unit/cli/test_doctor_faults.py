"""Each fault that `magnetar doctor` is to name, made for real where that can be done, and that it says what to do."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from magnetar.app import SCHEMA
from magnetar.cache.backends.outdated_file import OutdatedFile
from magnetar.cache.backends.sqlite_file import open_database as open_contents
from magnetar.cli.checks import limits, storage, workspace
from magnetar.cli.doctor import REINSTALL, Status
from magnetar.context.folders import workspace_id
from magnetar.search.database import open_on_disk as open_index
from magnetar.workspace.lease import Lease
from namespace import in_namespace

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX alone has it")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has it")


def names(finding, status, *words):
    """Whether a fault is told, with something to do."""
    assert finding.status is status, finding
    assert finding.remedy
    for word in words:
        assert word in finding.message, finding
    return True


# -- databases ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def databases(site):
    """Those of a server that has worked here: contents and index."""
    contents = site.cache_dir / SCHEMA / "content.db"
    index = site.cache_dir / SCHEMA / "workspaces" / "abc" / "workspace.db"
    await (await open_contents(contents)).close()
    await (await open_index(index)).close()
    return contents, index


async def test_sound_databases_are_said_to_be_so(databases, check):
    assert check("databases").message.startswith(f"{len(databases)} databases are sound")


async def test_what_an_outage_of_redis_left_behind_is_known_as_ours(databases, check):
    missed = databases[0].with_suffix(".missed-01234567.db")
    with closing(sqlite3.connect(missed)) as db:
        db.execute("CREATE TABLE outdated(id INTEGER PRIMARY KEY, process TEXT, name BLOB, is_prefix INTEGER)")
    OutdatedFile(missed).add(["k"])  # also where an earlier version has made it
    assert check("databases").message.startswith(f"{len(databases) + 1} databases are sound")


@pytest.mark.parametrize("which", [0, 1])
async def test_a_damaged_database_is_named(databases, check, which):
    databases[which].write_bytes(b"this is no database" * 1000)
    finding = check("databases")
    assert names(finding, Status.FAIL, str(databases[which]))
    assert str(databases[1 - which]) not in finding.message


@pytest.mark.parametrize("which", [0, 1])
async def test_a_database_of_another_version_is_named(databases, check, which):
    with closing(sqlite3.connect(databases[which])) as db:
        db.execute("PRAGMA user_version = 77")
    assert names(check("databases"), Status.WARN, "version 77", str(databases[which]))


async def test_a_database_of_another_program_is_named(databases, check):
    with closing(sqlite3.connect(databases[0])) as db:
        db.execute("PRAGMA application_id = 12345")
    assert names(check("databases"), Status.FAIL, "belongs to another program")


async def test_a_database_that_stays_locked_is_named_as_locked_and_not_as_damaged(databases, check, monkeypatch):
    monkeypatch.setattr(storage, "_LOCK_SECONDS", 0.1)
    with closing(sqlite3.connect(databases[1], isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        finding = check("databases")
        assert names(finding, Status.WARN, "locked", str(databases[1]))
        assert "delete" not in finding.remedy
    assert check("databases").status is Status.OK


# -- the disk, what is on it, and what the system watches: made in a namespace of its own -------------------------------

FAULTS = """
    import asyncio, json, pathlib, subprocess, sys
    from magnetar.cache.backends.sqlite_file import open_database
    from magnetar.cli.checks import CHECKS
    from magnetar.cli.doctor import Site, examine

    base = pathlib.Path(sys.argv[1])
    workspace = base / "workspace"
    told = {}

    def directory(name, options=None):
        path = base / name
        path.mkdir()
        if options:
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", path], check=True)
        return path

    def look(fault, name, cache):
        (finding,) = examine(Site(cache, workspace), {name: CHECKS[name]})
        told[fault] = finding.to_dict()

    def read_only(path):
        subprocess.run(["mount", "--bind", path, path], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", path], check=True)

    full = directory("full", "size=1m")
    try:
        (full / "filling").write_bytes(bytes(2 << 20))
    except OSError:
        pass
    look("full disk", "disk", full)
    look("full disk, written", "cache", full)

    crowded = directory("crowded", "size=256m,nr_inodes=20")
    try:
        for number in range(30):
            (crowded / str(number)).touch()
    except OSError:
        pass
    look("no more files", "disk", crowded)

    closed = directory("closed")
    read_only(closed)
    look("read-only directory", "cache", closed)
    look("read-only logs", "logs", closed)

    kept = directory("kept")
    async def make():
        await (await open_database(kept / "v1" / "content.db")).close()
    asyncio.run(make())
    read_only(kept / "v1" / "content.db")
    look("read-only file", "databases", kept)

    for limit in ("watches", "instances"):
        path = pathlib.Path("/proc/sys/user/max_inotify_" + limit)
        before = path.read_text()
        path.write_text("0")
        look("no " + limit, "watching", kept)
        path.write_text(before)
    look("watches again", "watching", kept)
    print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    base = tmp_path_factory.mktemp("limited")
    (base / "workspace" / "folder").mkdir(parents=True)
    return json.loads(in_namespace(FAULTS, base))


@linux
@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        ("full disk", "fail", "is full"),
        ("full disk, written", "fail", "cannot be written"),
        ("no more files", "fail", "no room for more files"),
        ("read-only directory", "fail", "cannot be written"),
        ("read-only logs", "warn", "No log can be written"),
        ("read-only file", "fail", "read-only"),
        ("no watches", "warn", "does not tell of all changes"),
        ("no instances", "warn", "does not tell of all changes"),
        ("watches again", "ok", "2 of the "),
    ],
)
def test_what_the_system_does_not_grant_is_named(limited, fault, status, word):
    found = limited[fault]
    assert found["status"] == status, found
    assert word in found["message"]
    assert found["remedy"] or status == "ok"


def test_a_disk_that_will_soon_be_full_is_a_warning(check, monkeypatch):
    monkeypatch.setattr(storage, "_LITTLE_SPACE", 2**62)
    assert names(check("disk"), Status.WARN, "MB are free")


def test_a_cache_that_takes_more_than_it_may_is_a_warning(site, check):
    large = site.cache_dir / SCHEMA / "workspaces" / ("0" * 16) / "workspace.db-wal"
    large.parent.mkdir(parents=True, exist_ok=True)
    large.write_bytes(bytes(2**20 + 1))
    few = {"cache": {"diskMaxBytes": 2**20}}
    assert names(check("disk", evolve(site, raw=few)), Status.WARN, "diskMaxBytes")


def test_a_cache_directory_that_cannot_be_made_is_named(site, check):
    (site.workspace / "file").write_text("")
    finding = check("cache", evolve(site, cache_dir=site.workspace / "file" / "cache"))
    assert names(finding, Status.FAIL)
    assert "MAGNETAR_CACHE_DIR" in finding.remedy


@posix
@pytest.mark.parametrize("name", ["cache", "disk", "databases", "logs", "clock", "lease"])
def test_a_cache_directory_that_nobody_may_look_at_is_no_fault_of_the_installation(site, check, name):
    closed = site.workspace / "closed"
    closed.mkdir(mode=0)
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.seteuid(65_534)
        finding = check(name, evolve(site, cache_dir=closed / "cache"))
    finally:
        if is_root:
            os.seteuid(0)
        closed.chmod(0o700)
    assert finding.remedy != REINSTALL, finding
    assert finding.status is Status.FAIL or name != "cache"


@posix
def test_a_cache_directory_that_others_can_read_is_named(site, check):
    site.cache_dir.mkdir(mode=0o755)
    finding = check("cache")
    assert names(finding, Status.WARN)
    assert finding.remedy == f"chmod 700 {site.cache_dir}"


def test_a_log_directory_that_is_none_is_named(site, check):
    site.cache_dir.mkdir()
    (site.cache_dir / "logs").write_text("a file")
    assert names(check("logs"), Status.WARN, "logs")


# -- what the system grants a process ----------------------------------------------------------------------------------


@pytest.fixture
def limit(monkeypatch):
    """Has a limit read as another; a real one would be this test process's, too."""
    import resource

    def limit(name, value):
        limits = {getattr(resource, name): (value, resource.RLIM_INFINITY)}
        monkeypatch.setattr(resource, "getrlimit", limits.__getitem__)

    return limit


@posix
def test_a_low_limit_on_descriptors_is_named(check, limit):
    limit("RLIMIT_NOFILE", 200)
    assert names(check("descriptors"), Status.WARN, "200")


@linux
def test_a_limit_on_memory_is_named(check, limit):
    limit("RLIMIT_AS", 2**31 - 1)
    assert names(check("memory"), Status.WARN, "2,048 MB of address space")


def test_a_control_group_with_little_memory_is_named(check, monkeypatch, tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "memory.max").write_text(f"{512 * 1024**2}\n")
    (tmp_path / "a" / "b" / "memory.max").write_text("max\n")
    (tmp_path / "own").write_text("0::/a/b\n")
    monkeypatch.setattr(limits, "_CONTROL_GROUPS", tmp_path)
    monkeypatch.setattr(limits, "_OWN_CONTROL_GROUP", tmp_path / "own")
    assert names(check("memory"), Status.WARN, "512 MB")


def test_a_clock_that_was_put_back_is_named(site, check):
    path = site.cache_dir / SCHEMA / "content.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    os.utime(path, (time.time() + 86_400,) * 2)
    assert names(check("clock"), Status.WARN, "this machine's clock")


def test_a_file_system_with_another_clock_is_named(check, monkeypatch):
    monkeypatch.setattr(limits, "_stamp", lambda _: time.time() - 3_600)
    assert names(check("clock"), Status.WARN, "3,600 s")


WORKERS = """if True:
    import json, multiprocessing, pathlib, sys
    from magnetar.cli.checks import CHECKS
    from magnetar.cli.doctor import Site, examine
    multiprocessing.set_executable(sys.argv[1])
    (finding,) = examine(Site(pathlib.Path(), pathlib.Path()), {"workers": CHECKS["workers"]})
    print(json.dumps(finding.to_dict()))
"""


def test_workers_that_cannot_be_started_are_named(tmp_path):
    # In a process of its own: multiprocessing does not recover from this.
    command = [sys.executable, "-c", WORKERS, tmp_path / "no-such-python"]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)
    assert found["status"] == "fail"
    assert "worker process" in found["message"]
    assert "ulimit" in found["remedy"]


def test_a_package_of_another_version_is_named(check, monkeypatch, tmp_path):
    (tmp_path / "orjson-0.1.dist-info").mkdir()
    (tmp_path / "orjson-0.1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: orjson\nVersion: 0.1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert names(check("packages"), Status.FAIL, "orjson (version 0.1, not >=3")


def test_a_python_that_is_too_old_is_named(check, monkeypatch):
    monkeypatch.setattr("platform.python_version", lambda: "3.9.18")
    assert names(check("Python"), Status.FAIL, "3.9.18")


# -- git and the workspace ---------------------------------------------------------------------------------------------


def test_a_missing_git_is_named(check, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = check("git")
    assert names(finding, Status.WARN)
    assert "Install git" in finding.remedy


@posix
@pytest.mark.parametrize(
    ("does", "word"), [("echo git version 2.11.0", "2.11.0"), ("echo broken >&2; exit 1", "broken")]
)
def test_a_git_that_is_old_or_broken_is_named(check, monkeypatch, tmp_path, does, word):
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert names(check("git"), Status.WARN, word)


def test_a_repository_that_git_cannot_use_is_named(site, check):
    subprocess.run(["git", "init", "--quiet", site.workspace], check=True)
    assert check("git").status is Status.OK
    (site.workspace / ".git" / "config").write_text("[core\n")
    assert names(check("git"), Status.WARN, "git is not used")


@posix
def test_a_workspace_that_cannot_be_read_is_named(site, check):
    site.workspace.chmod(0)
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.seteuid(65_534)
        assert names(check("workspace"), Status.FAIL, "cannot be read")
    finally:
        if is_root:
            os.seteuid(0)
        site.workspace.chmod(0o700)


@linux
def test_names_that_cannot_be_read_are_named(site, check):
    Path(os.fsdecode(os.fsencode(site.workspace) + b"/\xff.py")).write_text("")
    assert names(check("workspace"), Status.WARN, "1 files or folders")


def test_files_from_the_future_are_named(site, check):
    path = site.workspace / "a.py"
    path.write_text("")
    os.utime(path, (time.time() + 86_400,) * 2)
    assert names(check("workspace"), Status.WARN, "1 of 1 files have times in the future")


def test_more_files_than_are_indexed_are_named(site, check):
    for name in "abc":
        (site.workspace / name).write_text("")
    assert names(check("workspace", evolve(site, raw={"warm": {"maxFiles": 2}})), Status.WARN, "more than the 2 files")


def test_huge_files_are_named(site, check):
    with (site.workspace / "huge.txt").open("wb") as file:
        file.truncate(2 << 30)
    assert names(check("workspace"), Status.OK, "1 larger than 1.0 MB")


@posix
def test_link_loops_pipes_and_sockets_are_named(site, check):
    (site.workspace / "circle").symlink_to("circle")
    (site.workspace / "folder").mkdir()
    (site.workspace / "folder" / "up").symlink_to("..")
    os.mkfifo(site.workspace / "pipe")
    with socket.socket(socket.AF_UNIX) as one:
        before = Path.cwd()
        os.chdir(site.workspace)  # a socket's path is short
        try:
            one.bind("socket")
        finally:
            os.chdir(before)
    finding = check("workspace")
    for words in ("1 links that lead nowhere or in a circle", "1 links that lead to a folder", "2 pipes, sockets"):
        assert words in finding.message


def test_a_file_system_that_takes_two_cases_for_one_is_named(check, monkeypatch):
    monkeypatch.setattr(Path, "samefile", lambda *_: True)
    assert "differ in case" in check("workspace").message
    monkeypatch.undo()
    if sys.platform == "linux":
        assert "differ in case" not in check("workspace").message


def test_folders_are_held_against_the_limit_of_watches(site, check, monkeypatch, tmp_path):
    (site.workspace / "a" / "b").mkdir(parents=True)
    (site.workspace / "node_modules" / "c").mkdir(parents=True)
    monkeypatch.setattr(workspace, "_INOTIFY", tmp_path)
    (tmp_path / "max_user_watches").write_text("100\n")
    (tmp_path / "max_queued_events").write_text("16384\n")
    assert check("watching").message.startswith("3 of the 100 ")
    (tmp_path / "max_user_watches").write_text("2\n")
    assert names(check("watching"), Status.WARN, "more folders than the 2")
    (tmp_path / "max_user_watches").write_text("100\n")
    (tmp_path / "max_queued_events").write_text("16\n")
    assert names(check("watching"), Status.WARN, "only 16 changes")


def test_another_server_that_keeps_the_index_is_named(site, check):
    path = site.cache_dir / SCHEMA / "workspaces" / workspace_id(site.workspace) / "index.lock"
    path.parent.mkdir(parents=True)
    held = Lease(path)
    assert held.acquire()
    assert names(check("lease"), Status.OK, "Another server")
    held.release()
    path.touch()
    assert check("lease").message == "No other server keeps this workspace's index."
