"""Thousands of requests with cancellations, and documents under edits that make no sense: once each, true, and nothing is kept."""

import hashlib
import os
import random
import re

import pytest

from faults.project import Project
from faults.raw import Raw, Usage

AT_ONCE, ALL_AT_ONCE = 1_000, 200_000
EDITS, ALL_EDITS = 200, 100_000
QUESTIONS = {
    "magnetar/context": {"query": "where is the depth measured"},
    "magnetar/explain": {"query": "depth"},
    "magnetar/search": {"query": "measure depth"},
    "magnetar/symbols": {"query": "depth"},
    "magnetar/predict": {},
    "magnetar/stats": {},
    "magnetar/warm": {"workDoneToken": "w"},
    "magnetar/prefetch": {"uris": []},
    "magnetar/synchronize": {},
    "magnetar/nonsense": {},
}
LINE_END = re.compile("\r\n|\n|\r")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("load"))


@pytest.fixture
def server(project):
    with Raw(project.cache) as raw:
        raw.initialize(project.root)
        raw.settle()
        yield raw
        raw.settle()
        raw.check()


def ask_at_once(server, dice, count):
    """Asks, cancels some of it at any moment, and sees how each was answered."""
    asked = []
    for _ in range(count):
        method = dice.choice(list(QUESTIONS))
        asked.append(server.start(method, QUESTIONS[method]))
        if dice.random() < 0.5:
            server.notify("$/cancelRequest", {"id": dice.choice(asked[-20:])})
        if dice.random() < 0.05:
            server.notify("window/workDoneProgress/cancel", {"token": "w"})
        if dice.random() < 0.05:
            server.notify("$/cancelRequest", {"id": dice.choice([-1, "none", None, 10**9])})
    return {server.answer(msg_id).get("error", {}).get("code") for msg_id in asked}


def test_a_thousand_requests_cancelled_at_random_are_answered_once_and_leave_nothing(server, effort):
    dice = random.Random(effort.seed)
    rounds = max(2, effort.times("protocol: requests at once, half of them cancelled", AT_ONCE, ALL_AT_ONCE) // AT_ONCE)
    ask_at_once(server, dice, AT_ONCE)
    server.settle()
    before = Usage(server.process)
    for _ in range(rounds - 1):
        assert ask_at_once(server, dice, AT_ONCE) <= {None, -32800, -32601}
    server.settle()
    after = Usage(server.process)
    told = f"{before} became {after}"
    assert after.descriptors <= before.descriptors + 8, told
    assert after.threads <= before.threads + os.cpu_count() + 4, told  # as many as there are for what blocks
    assert after.processes <= before.processes + 1, told
    assert after.rss <= before.rss + (64 << 20), told


class Document:
    """What an editor holds, by the words of the standard: code units of UTF-16, and lines that end in three ways."""

    def __init__(self, text):
        self.text = text

    def offset(self, line, character):
        """Where a position is: at the end of its line where it lies beyond, at the end of all where there is no such line."""
        starts = [0, *(match.end() for match in LINE_END.finditer(self.text))]
        if line >= len(starts):
            return len(self.text)
        rest = LINE_END.split(self.text[starts[line] :], maxsplit=1)[0]
        before = rest.encode("utf-16-le")[: 2 * character].decode("utf-16-le", "ignore")
        return starts[line] + len(before)

    def edit(self, span, text):
        if span is None:
            self.text = text
            return
        first, last = sorted(self.offset(end["line"], end["character"]) for end in (span["start"], span["end"]))
        self.text = self.text[:first] + text + self.text[last:]


def some_position(dice):
    return {
        "line": dice.choice([0, 1, 2, 3, 7, 2**31 - 1]),
        "character": dice.choice([0, 1, 2, 3, 5, 9, 2**31 - 1]),
    }


def some_change(dice):
    text = "".join(
        dice.choices(["a", "é", "😀", "\n", "\r\n", "\r", " = 1\n", "def f():\n    pass\n"], k=dice.randrange(5))
    )
    span = {"start": some_position(dice), "end": some_position(dice)}
    return (None, text) if dice.random() < 0.03 else (span, text)


def test_edits_that_make_no_sense_leave_the_document_that_the_standard_says(server, project, effort):
    dice = random.Random(effort.seed)
    path = project.root / project.names[0]
    document = Document("import os\n\nprint(os)\n")
    where = {"uri": path.as_uri(), "languageId": "python"}
    server.notify("textDocument/didOpen", {"textDocument": {**where, "version": 1, "text": document.text}})
    for number in range(effort.times("protocol: edits that make no sense", EDITS, ALL_EDITS)):
        version = dice.choice([number, number, -5, 2**31 - 1, None])  # gaps, and backwards
        changes = [some_change(dice) for _ in range(dice.randrange(4))]
        for change in changes:
            document.edit(*change)
        events = [{"text": text} if span is None else {"range": span, "text": text} for span, text in changes]
        server.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": path.as_uri(), "version": version}, "contentChanges": events},
        )
        stranger = (project.root / dice.choice(["none.py", project.names[1]])).as_uri()  # was never opened
        server.notify(
            dice.choice(["textDocument/didChange", "textDocument/didSave", "textDocument/didClose"]),
            {"textDocument": {"uri": stranger, "version": 3}, "contentChanges": [{"text": "never"}]},
        )
        if number % 20 == 0:
            served(server, project, path, document.text)
    server.notify("textDocument/didOpen", {"textDocument": {**where, "version": 1, "text": "opened = 'again'\n"}})
    served(server, project, path, "opened = 'again'\n")
    server.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})
    served(server, project, path, path.read_text("utf-8"))


def served(server, project, path, text):
    """The document is served as it is, and those that were never opened as they are on disk."""
    uris = [path.as_uri(), (project.root / project.names[1]).as_uri()]
    params = {"mustInclude": uris, "tokenBudget": 100_000, "deadlineMs": 60_000}
    answer = server.call("magnetar/context", params)["result"]
    hashes = {item["uri"]: item["sha256"] for item in answer["items"]}
    texts = [text, (project.root / project.names[1]).read_bytes().decode()]
    for uri, whole in zip(uris, texts, strict=True):
        if whole.strip() or uri in hashes:
            assert hashes[uri] == hashlib.sha256(whole.encode()).hexdigest(), (uri, whole)
