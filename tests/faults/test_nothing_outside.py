"""No field of any method reads a file outside the workspace, or a secret one in it, however its name is spelled."""

import os
from contextlib import suppress
from urllib.parse import quote

import pytest
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from agents.agent import agent
from faults.leaks import found, kept_in
from lsp.editor import Editor, Refused
from magnetar.cli import main
from swapping import swapping

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="the traps are links"),
    pytest.mark.timeout(300),
]

CANARY = "plovercanary"
"""Stands in the text of every file that must not be read; no name and no request holds it."""
TEXT = f'def burrow():\n    return "{CANARY}-7h2k"\n\n\nclass {CANARY.title()}:\n    """{CANARY}"""\n'


class Trap:
    """A workspace with ways out of it, and what lies there."""

    def __init__(self, directory):
        self.root = directory / "project"
        self.outside = directory / "private"
        (self.root / "sub").mkdir(parents=True)
        self.outside.mkdir()
        (self.root / "cart.py").write_text("def grand_total():\n    return sum([1, 2])\n")
        (self.root / "sub" / "user.py").write_text(
            "from cart import grand_total\n\n\ndef burrow():\n    return grand_total()\n"
        )
        (self.root / ".gitignore").write_text("build/\n")
        (self.root / "build").mkdir()
        self.secret = self.outside / "burrow.py"
        for path in (self.secret, self.root / ".env", self.root / "build" / "burrow.py", self.root / "server.key"):
            path.write_text(TEXT)
        links = {
            "link.py": self.secret,
            "linked": self.outside,
            "chain.py": "link.py",
            "up": "../private",
            "world": "/",
            "proc": "/proc/self/root",
            "env.py": ".env",
            "key.txt": "server.key",
            "built": "build",
        }
        for name, target in links.items():
            (self.root / name).symlink_to(target)

    def paths(self):
        """Ways to spell a file that must not be read, as a path."""
        root, secret = str(self.root), str(self.secret)
        return [
            secret,
            f"{root}/../private/burrow.py",
            f"{root}/sub/../../private/burrow.py",
            f"{root}/./sub/.././../private/./burrow.py",
            f"{root}//..//private//burrow.py",
            f"{root}/link.py",
            f"{root}/link.py/",
            f"{root}/chain.py",
            f"{root}/linked/burrow.py",
            f"{root}/up/burrow.py",
            f"{root}/world{secret}",
            f"{root}/proc{secret}",
            f"/proc/self/root{secret}",
            f"/dev/fd/../../proc/self/root{secret}",
            f"{root}/sub/../linked/../linked/burrow.py",
            f"{root}/.env",
            f"{root}/.ENV",
            f"{root}/sub/../.env",
            f"{root}/env.py",
            f"{root}/server.key",
            f"{root}/key.txt",
            f"{root}/build/burrow.py",
            f"{root}/built/burrow.py",
            f"{root}-2/../private/burrow.py",
            f"{root}/{'a/../' * 500}../private/burrow.py",
            f"{root}/{'x' * 5_000}/../../private/burrow.py",
        ]

    def uris(self):
        """The same as URIs, and what only a URI can do."""
        root, secret = quote(str(self.root)), quote(str(self.secret))
        return [
            *(f"file://{quote(path)}" for path in self.paths()),
            f"file://{root}/%2e%2e/private/burrow.py",
            f"file://{root}/%2E%2E%2Fprivate%2Fburrow.py",
            f"file://{root}/%252e%252e/private/burrow.py",
            f"file://{root}/%252e%252e%252fprivate%252fburrow.py",
            f"file://{root}/..%5cprivate%5cburrow.py",
            f"file://{root}/..;/private/burrow.py",
            f"file://{root}/%c0%ae%c0%ae/private/burrow.py",
            f"file://{root}/\uff0e\uff0e/private/burrow.py",
            f"file://{root}/%2eenv",
            f"file://{root}/.env%00.py",
            f"file://{root}/cart.py%00/../../private/burrow.py",
            f"file://{root}/link.py?plain",
            f"file://{root}/link.py#L1",
            f"file://{root}/cart.py?/../../private/burrow.py",
            f"file://{root}\\..\\private\\burrow.py",
            f"file://localhost{secret}",
            f"file://server/share{secret}",
            f"file://127.0.0.1{secret}",
            f"file:////{secret}",
            "file:////server/share/burrow.py",
            f"file:{secret}",
            f"FILE://{secret}",
            "file:///C:/Windows/win.ini",
            "file:///c%3A/Windows/win.ini",
            "file:///%5C%5Cserver%5Cshare%5Cburrow.py",
            "file:///%3F%3F/C:/Windows/win.ini",
            f"vscode-remote://host{secret}",
            f"untitled:{secret}",
            secret,
            "../private/burrow.py",
        ]


@pytest.fixture(scope="module")
def trap(tmp_path_factory):
    return Trap(tmp_path_factory.mktemp("trap"))


def of_one(uri):
    """Every request and notification that takes one URI, with that one in it."""
    document = {"textDocument": {"uri": uri}}
    position = {"position": {"line": 0, "character": 4}}
    return {
        "requests": [
            ("magnetar/context", {**document, **position, "tokenBudget": 500}),
            ("magnetar/context", {"query": "burrow", "workspaceFolder": uri}),
            ("magnetar/explain", {**document, **position}),
            ("magnetar/predict", document),
            ("magnetar/symbols", document),
            ("magnetar/symbols", {"query": "burrow", "workspaceFolder": uri}),
            ("magnetar/search", {"query": "burrow", "workspaceFolder": uri}),
            ("magnetar/warm", {"workspaceFolder": uri}),
            ("magnetar/stats", {"workspaceFolder": uri}),
            ("magnetar/clear", {"scope": "cache", "workspaceFolder": uri}),
        ],
        "notifications": [
            ("textDocument/didFocus", {**document, **position}),
            ("window/didChangeActiveDocument", document),
            ("textDocument/didSave", document),
            ("textDocument/didClose", document),
            ("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]}),
            ("workspace/didCreateFiles", {"files": [{"uri": uri}]}),
            ("workspace/didRenameFiles", {"files": [{"oldUri": uri, "newUri": uri}]}),
            ("workspace/didDeleteFiles", {"files": [{"uri": uri}]}),
        ],
    }


def of_many(uris, root):
    """Every request that takes any number of them."""
    names = [uri.rpartition("file://")[2] for uri in uris]
    return [
        ("magnetar/context", {"query": "burrow", "mustInclude": uris}),
        ("magnetar/context", {"query": "burrow", "exclude": uris}),
        ("magnetar/context", {"query": " ".join(names)}),
        ("magnetar/explain", {"query": " ".join(names), "mustInclude": uris}),
        ("magnetar/prefetch", {"uris": uris}),
        ("magnetar/warm", {"workspaceFolder": root.as_uri(), "patterns": names}),
        ("magnetar/search", {"query": " ".join(names)}),
    ]


def test_no_field_of_the_editors_protocol_reads_what_must_not_be_read(trap, tmp_path):
    cache, log = tmp_path / "cache", tmp_path / "log"
    with log.open("wb") as written, Editor(cache, trap.root, log=written) as editor:
        editor.settle()
        answers = []
        uris = trap.uris()
        requests = [request for uri in uris for request in of_one(uri)["requests"]]
        for uri in uris:
            for method, params in of_one(uri)["notifications"]:
                editor.notify(method, params)
        valid = [uri for uri in uris if _is_taken(editor, uri)]
        assert len(valid) > 40
        pending = [editor.start(*request) for request in [*requests, *of_many(valid, trap.root)]]
        answers = [one.message()[0] for one in pending]
        with swapping(trap.root / "cart.py", trap.secret), swapping(trap.root / "sub", trap.outside):
            uris = [(trap.root / name).as_uri() for name in ("cart.py", "sub/user.py", "sub/burrow.py")]
            for _ in range(50):
                answers.append(editor.start("magnetar/context", {"query": "burrow", "mustInclude": uris}).message()[0])
        editor.settle()
        served = editor.ask("context", mustInclude=[(trap.root / "cart.py").as_uri()])
        notes = editor.notes
    assert "grand_total" in str(served)
    assert CANARY not in str(answers).lower()
    assert CANARY not in str(notes).lower()
    assert found([CANARY], [log.read_bytes()]) == []
    assert found([CANARY], kept_in(cache)) == []


def _is_taken(editor, uri):
    """Whether it is a URI at all, for one that is none refuses the whole request."""
    with suppress(Refused):
        editor.ask("prefetch", uris=[uri])
        return True
    return False


async def test_no_argument_of_an_agents_tool_reads_what_must_not_be_read(trap, tmp_path):
    names = [*trap.paths(), *(path.removeprefix(f"{trap.root}/") for path in trap.paths()), *trap.uris()]
    cache = tmp_path / "cache"
    told = []
    async with agent(cache, trap.root) as client:
        for name in names:
            for tool, arguments in (
                ("magnetar_symbols", {"file": name}),
                ("magnetar_predict", {"file": name}),
                ("magnetar_search", {"query": "burrow", "folder": name}),
            ):
                told.append(await client.call_tool(tool, arguments))
            told += [await _read(client, f"magnetar://{kind}/{quote(name)}") for kind in ("file", "outline")]
            told.append(await _read(client, f"magnetar://file/{name}"))
        told += [await client.call_tool("magnetar_context", {"file": name, "query": "burrow"}) for name in names[::7]]
        told.append(await client.call_tool("magnetar_context", {"query": "burrow", "mustInclude": names}))
        told.append(await client.call_tool("magnetar_context", {"query": "burrow", "exclude": names}))
    assert CANARY not in str(told).lower()
    assert found([CANARY], [cache.with_suffix(".log").read_bytes()]) == []
    assert found([CANARY], kept_in(cache)) == []


async def _read(client, uri):
    try:
        return await client.read_resource(uri)
    except (MCPError, ValidationError) as error:
        return str(error)


def test_no_argument_of_a_command_reads_what_must_not_be_read(trap, tmp_path, monkeypatch, capfd):
    cache = tmp_path / "cache"
    for name in [*trap.paths()[:12], "../private/burrow.py", "~/../../private/burrow.py"]:
        for command in (
            ["context", str(trap.root), "-q", "burrow", "--file", f"{name}:1"],
            ["predict", str(trap.root), name],
        ):
            monkeypatch.chdir(trap.root)
            main([*command, "--cache-dir", str(cache)])
    said = "".join(capfd.readouterr())
    assert "burrow" in said
    assert CANARY not in said.lower()
    assert found([CANARY], kept_in(cache)) == []
