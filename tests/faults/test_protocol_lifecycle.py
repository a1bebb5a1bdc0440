"""A client that says things too early, too late, twice or not at all: each request is answered, and the end is the right one."""

import itertools

import pytest

from faults.project import Project, helper
from faults.raw import Raw, frame

CONTEXT = "magnetar/context"
COLD = {"initializationOptions": {"warm": {"onOpen": False}}}
"""Spares the worker where nothing has to be found."""
FAILURE = 'File "'
"""Stands in the log where something failed unexpectedly; that a slow machine closed late may stand there."""


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path, files=4)


@pytest.fixture
def server(project):
    with Raw(project.cache) as raw:
        yield raw


def code(answer):
    return answer["error"]["code"]


def test_before_initialize_requests_are_refused_and_notifications_dropped(server, project):
    path = project.root / project.names[0]
    server.notify("initialized", {})
    server.notify("$/cancelRequest", {"id": 1})
    document = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": "never\n"}
    server.notify("textDocument/didOpen", {"textDocument": document})
    for method in (CONTEXT, "magnetar/synchronize", "shutdown", "magnetar/nonsense"):
        assert code(server.call(method, {})) == -32002
    assert code(server.call("initialize", {"processId": "me"})) == -32602
    server.initialize(project.root)
    assert code(server.call("initialize", {"capabilities": {}})) == -32600
    server.settle()
    project.truth.check(server.call(CONTEXT, {"query": "depth"})["result"], query="depth")
    server.check()


def test_initialized_twice_and_folders_told_twice_count_once(server, project):
    folder = {"uri": project.root.as_uri(), "name": "project"}
    assert "result" in server.call("initialize", {"capabilities": {}, "workspaceFolders": [folder]})
    assert code(server.call(CONTEXT, {"query": "depth"})) == -32803  # answered, though nothing is open yet
    for _ in range(2):
        server.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder, folder], "removed": []}})
        server.notify("initialized", {})
    server.settle()
    assert server.call(CONTEXT, {"query": "depth"})["result"]["items"]
    statuses = [note["params"] for note in server.notes if note["method"] == "experimental/serverStatus"]
    assert all(one != other for one, other in itertools.pairwise(statuses))
    server.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder, folder]}})
    assert code(server.call(CONTEXT, {"query": "depth"})) == -32803
    server.check()


def test_after_shutdown_everything_is_refused_and_exit_is_clean(server, project):
    server.initialize(project.root)
    hanging = [server.start("magnetar/warm", {}) for _ in range(20)]
    assert server.call("shutdown")["result"] is None
    for msg_id in hanging:
        answer = server.answer(msg_id)
        assert "result" in answer or code(answer) == -32800
    for method in (CONTEXT, "shutdown", "initialize", "magnetar/synchronize", "magnetar/nonsense"):
        assert code(server.call(method, {})) == -32600
    server.notify("textDocument/didFocus", {})
    server.check()
    # What comes behind `exit` is nobody's any more.
    server.write(frame({"jsonrpc": "2.0", "method": "exit"}) + server.message(CONTEXT, {})[1] + b"garbage")
    assert server.ends() == 0
    assert FAILURE not in server.errors


def test_exit_without_shutdown_ends_it_with_one(server, project):
    server.initialize(project.root, **COLD)
    server.start(CONTEXT, {"query": "depth"})
    server.notify("exit")
    assert server.ends() == 1
    assert FAILURE not in server.errors


def test_the_end_of_the_input_in_the_middle_of_a_frame_ends_it(server, project):
    server.initialize(project.root, **COLD)
    server.start(CONTEXT, {"query": "depth"})
    server.write(server.message(CONTEXT, {})[1][:-3])
    server.process.stdin.close()
    assert server.ends() == 1
    assert FAILURE not in server.errors


@pytest.mark.parametrize(
    "where",
    [
        {"rootPath": "/a\0b"},
        {
            "workspaceFolders": [
                None,
                5,
                {"uri": 5},
                {"uri": "file:///%00"},
                {"uri": "file:///" + "n" * 5_000},
                {"uri": "file:///%ff"},
            ]
        },
    ],
    ids=["path", "folders"],
)
def test_a_folder_that_cannot_be_is_no_obstacle(server, where):
    assert "result" in server.call("initialize", {"capabilities": {}, **where, **COLD})
    server.notify("initialized", {})
    server.settle()
    answer = server.call(CONTEXT, {"query": "depth"})
    assert code(answer) == -32803 if "error" in answer else not answer["result"]["items"]
    server.check()


LOCKER = """
import sqlite3, sys
from filelock import FileLock
databases, locks = sys.argv[1:3], [FileLock(path) for path in sys.argv[3:]]
held = [sqlite3.connect(path, isolation_level=None) for path in databases]
for database in held:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("BEGIN EXCLUSIVE")
    database.execute("CREATE TABLE held(a)")
for lock in locks:
    lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_initialize_is_answered_whatever_another_process_holds(project):
    with project.editor(options=COLD["initializationOptions"]) as editor:
        editor.settle()
    locks = [project.index.with_name(name) for name in ("index.lock", "opening.lock")]
    with helper(LOCKER, project.contents, project.index, *locks), Raw(project.cache) as server:
        server.initialize(project.root, **COLD)
        server.fence()
