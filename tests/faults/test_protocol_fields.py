"""Values of every kind in every field of every message: each request is answered once, and a wrong field is named."""

import contextlib
import random

import pytest

from faults.oddities import NOTIFICATIONS, REQUESTS, REQUIRED, VALUES, fits, put, valid, values
from faults.project import Project
from faults.raw import Raw

PAIRS, ALL_PAIRS = 200, 50_000
EVERYTHING = "file:///"
"""Opened as a folder, it would be read."""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("fields"), files=4)


@pytest.fixture(scope="module")
def running(project):
    with Raw(project.cache) as raw:
        raw.capabilities = raw.initialize(project.root)["capabilities"]
        raw.settle()
        yield raw


@pytest.fixture
def server(running, project):
    """The server of this module, which must be as well afterwards as it was before."""
    yield running
    running.settle()
    running.check()
    answer = running.call("magnetar/context", {"query": "depth", "workspaceFolder": project.root.as_uri()})
    project.truth.check(answer["result"], query="depth")
    failures = [note for note in running.notes if note["method"] == "window/logMessage" and note["params"]["type"] == 1]
    assert not failures
    assert not running.unmatched


@pytest.fixture
def params(project):
    """Params of a method that are right in every field."""
    uri, root = (project.root / project.names[0]).as_uri(), project.root.as_uri()
    return lambda method: valid(method, uri, root)


def test_the_table_names_every_method_the_server_offers(server):
    assert sorted(server.capabilities["experimental"]["magnetar"]["methods"]) == sorted(REQUESTS)


@pytest.mark.parametrize("method", REQUESTS)
def test_a_field_of_the_wrong_type_is_named_and_any_other_answered(server, params, project, method):
    assert "result" in server.call(method, params(method))
    asked = {}
    every = values(project.root.as_uri())[:: 4 if method == "magnetar/explain" else 1]  # it has the fields of another
    for path, kind in REQUESTS[method].items():
        for value in every:
            asked[server.start(method, put(params(method), path, value))] = path, kind, value
    for msg_id, (path, kind, value) in asked.items():
        required = "." in path or path in REQUIRED.get(method, ())
        expected = not required if value is None else fits(kind, value)
        _judge(server.answer(msg_id), expected, path, value)


@pytest.mark.parametrize("method", REQUESTS)
@pytest.mark.parametrize("value", [True, 5, "text", [], [{}]], ids=repr)
def test_params_that_are_no_object_are_refused(server, method, value):
    assert server.call(method, value)["error"]["code"] == -32602


@pytest.mark.parametrize("method", NOTIFICATIONS)
def test_a_notification_with_any_value_in_any_field_stops_nothing(server, params, project, method):
    for path in NOTIFICATIONS[method]:
        for value in values(project.root.as_uri()):
            if value != EVERYTHING:
                server.notify(method, put(params(method), path, value))
    for value in (None, True, 5, "text", [], [{}]):
        server.notify(method, value)
    # What was opened is closed again, and what was closed is opened.
    for name in project.names:
        server.notify("textDocument/didClose", {"textDocument": {"uri": (project.root / name).as_uri()}})
    server.notify("workspace/didChangeConfiguration", {"settings": {}})
    for uri in values(project.root.as_uri()):
        server.notify("workspace/didChangeWorkspaceFolders", {"event": {"removed": [{"uri": uri}]}})
    server.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [{"uri": project.root.as_uri()}]}})


def test_several_odd_fields_at_once_are_answered_once(server, params, effort):
    dice = random.Random(effort.seed)
    asked = []
    for _ in range(effort.times("protocol: requests with several odd fields", PAIRS, ALL_PAIRS)):
        method = dice.choice(list(REQUESTS))
        wrong = params(method)
        for path in dice.sample(list(REQUESTS[method]), min(3, len(REQUESTS[method]))):
            with contextlib.suppress(TypeError, KeyError, IndexError):  # what it stands in may be no object any more
                put(wrong, path, dice.choice(VALUES))
        asked.append(server.start(method, wrong))
        if len(asked) > 200:
            server.answer(asked.pop(0))
    for msg_id in asked:
        _judge(server.answer(msg_id), None, "", wrong)


def _judge(answer, expected, path, value):
    """`expected` is whether the field is right; None: it may be."""
    told = f"{path} = {str(value)[:80]}: {str(answer)[:300]}"
    code = answer.get("error", {}).get("code")
    if expected is None:
        assert code in {None, -32602, -32803}, told
    elif expected:
        assert code is None, told
    else:
        assert code == -32602, told
        assert path.rpartition(".")[2] in answer["error"]["message"].replace("[0]", ".0"), told
