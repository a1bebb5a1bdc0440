"""Secrets of every kind, planted everywhere: no protocol serves them, nothing logs them, no store holds them."""

import json
import re

import pytest
import redis

from agents.agent import agent
from faults.leaks import found, kept_in, unpacked
from lsp.editor import Editor
from magnetar.cli import main
from redis_server import PROGRAM, RedisServer
from unit.files import more_secrets as more
from unit.files import secret_corpus as corpus
from unit.workspace.test_history import Repository

pytestmark = pytest.mark.timeout(300)

TOKENS = {**corpus.TOKENS, **more.MORE_TOKENS}
ASSIGNED = [*corpus.ASSIGNED, *more.MORE_ASSIGNED]
LOOK_ALIKES = [*corpus.LOOK_ALIKES, *more.MORE_LOOK_ALIKES]
QUERY = "password token secret key deploy client connect"


def made_up(text):
    """The parts of a secret, or of the lines around one, that stand nowhere else."""
    runs = re.findall(r"[A-Za-z0-9]{9,}", text)
    return {run for run in runs if re.search(r"\d", run) and re.search(r"[A-Za-z]", run) and len(set(run)) > 6}


def needles():
    texts = [*TOKENS.values(), *(lines for _, lines in ASSIGNED), *("\n".join(lines[1:-1]) for _, lines in corpus.KEYS)]
    harmless = made_up("\n".join(line for _, line in LOOK_ALIKES)) | {"AccountName", "NzaC1lZDI1NTE5AAAAI"}
    return {part for text in texts for part in made_up(text)} - harmless


class Planted:
    """A repository that holds all of them, in its files, its history and its author's unsaved work."""

    def __init__(self, root):
        self.root = root
        repository = Repository(root)
        half = list(TOKENS.values())[::2]
        repository.commit_files(
            "Deploy\n\n" + "\n".join(f"by {token}" for token in TOKENS.values()),
            {"old.py": "".join(f'connect("{token}")\n' for token in TOKENS.values()), "unsaved.py": "kept = 1\n"},
        )
        repository.commit_files("Rotate the keys", {"old.py": "def connect():\n    pass\n"})
        self.write(
            "tokens.py", "".join(f'client_{at} = connect("{one}")\nplain_{at} = 1\n' for at, one in enumerate(half))
        )
        self.write("notes.md", "# Notes\n\n" + "".join(f"- we used {token}\n" for token in TOKENS.values()))
        self.write("analysis.ipynb", _notebook(half))
        for at, (name, text) in enumerate(ASSIGNED):
            self.write(f"assigned/{at}/{name}", f"first_{at}\n{text}\nlast_{at}\n")
        for at, (name, lines) in enumerate(corpus.KEYS):
            self.write(f"keys/{at}/{name}.txt", "\n".join(["before", *lines, "after", ""]))
        for at, (name, text) in enumerate(LOOK_ALIKES):
            self.write(f"alike/{at}/{name}", f"{text}\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def names(self, *folders):
        return [path for folder in folders for path in sorted((self.root / folder).rglob("*")) if path.is_file()]

    def unsaved(self):
        """The text of a buffer that nobody wrote to disk."""
        return "".join(f'def work_{at}():\n    return "{token}"\n\n\n' for at, token in enumerate(TOKENS.values()))


def _notebook(tokens):
    cells = [
        {"cell_type": "code", "source": [f'client = connect("{token}")\n'], "outputs": [{"text": [f"{token}\n"]}]}
        for token in tokens
    ]
    return json.dumps({"cells": cells, "nbformat": 4}, indent=1)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return Planted(tmp_path_factory.mktemp("planted") / "project")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One for all, so that the folder is read once."""
    return tmp_path_factory.mktemp("cache") / "cache"


@pytest.fixture
def team():
    """What a team shares, or nothing where there is no server for it."""
    if PROGRAM is None:
        yield None
        return
    server = RedisServer()
    yield redis.Redis.from_url(server.url)
    server.close()


def in_redis(team):
    """All that a Redis holds, keys included."""
    if team is None:
        return
    readers = {b"string": team.get, b"hash": team.hgetall, b"zset": lambda key: team.zrange(key, 0, -1)}
    for key in team.scan_iter(count=1_000):
        value = readers[team.type(key)](key)
        yield key
        yield from unpacked(value) if isinstance(value, bytes) else [repr(value).encode()]


def test_the_corpus_is_as_large_as_promised(planted):
    assert len(needles()) > 200
    assert len(planted.names("assigned", "keys", "alike")) > 300


def test_no_planted_secret_gets_out_and_what_only_looks_it_is_served(planted, team, cache, tmp_path):
    log = tmp_path / "log"
    options = {} if team is None else {"cache": {"redisUrl": _url(team), "share": {"contents": True}}}
    buffer = planted.root / "unsaved.py"
    with log.open("wb") as written, Editor(cache, planted.root, options=options, log=written) as editor:
        editor.open(buffer, planted.unsaved())
        editor.focus(buffer)
        editor.settle()
        whole = {"tokenBudget": 500_000, "maxItems": 1_000}
        secretive = [
            *planted.names("assigned", "keys"),
            *map(planted.root.joinpath, ("tokens.py", "notes.md", "analysis.ipynb")),
        ]
        served = editor.ask("context", query="", mustInclude=[path.as_uri() for path in [buffer, *secretive]], **whole)
        alike = editor.ask("context", query="", mustInclude=[path.as_uri() for path in planted.names("alike")], **whole)
        answers = [
            served,
            editor.ask("explain", query=QUERY, textDocument={"uri": buffer.as_uri()}),
            editor.ask("predict", textDocument={"uri": buffer.as_uri()}, topK=100),
            editor.ask("symbols", textDocument={"uri": buffer.as_uri()}),
            editor.ask("symbols", query="client", limit=1_000),
            editor.ask("prefetch", uris=[path.as_uri() for path in secretive]),
            *(editor.ask("search", query=query, limit=100) for query in [*QUERY.split(), *list(TOKENS.values())[::25]]),
            *(editor.ask("context", query=token) for token in list(TOKENS.values())[::25]),
            editor.ask("stats"),
        ]
        editor.settle()
        notes = list(editor.notes)
    shown = "\n".join(item["content"] for item in served["items"])
    assert "plain_0 = 1" in shown
    assert "def work_0" in shown
    assert sum(f"last_{at}" in shown for at in range(len(ASSIGNED))) >= len(ASSIGNED) - 2
    assert found(needles(), [json.dumps([*answers, alike]).encode()]) == []
    assert found(needles(), [json.dumps(notes).encode(), log.read_bytes()]) == []
    assert found(needles(), kept_in(cache)) == []
    assert found(needles(), in_redis(team)) == []
    assert found(["plain_0"], kept_in(cache)), "what stands beside a secret is kept"
    assert team is None or found(["plain_0"], in_redis(team)), "and shared"
    lines = "\n".join(item["content"] for item in alike["items"])
    withheld = [line for _, line in LOOK_ALIKES if line not in lines]
    assert len(withheld) <= len(LOOK_ALIKES) // 20, withheld


async def test_an_agent_gets_no_planted_secret(planted, cache):
    places = [f"{kind}/{name}" for kind in ("file", "outline") for name in ("tokens.py", "notes.md", "analysis.ipynb")]
    async with agent(cache, planted.root) as client:
        told = [
            await client.call_tool("magnetar_context", {"query": QUERY, "tokenBudget": 200_000, "maxItems": 500}),
            await client.call_tool("magnetar_search", {"query": QUERY, "limit": 200}),
            await client.call_tool("magnetar_symbols", {"query": "client"}),
            await client.call_tool("magnetar_predict", {"file": "tokens.py"}),
            *[await client.read_resource(f"magnetar://{place}") for place in places],
        ]
    assert "plain_0 = 1" in str(told)
    assert found(needles(), [str(told).encode(), cache.with_suffix(".log").read_bytes()]) == []
    assert found(needles(), kept_in(cache)) == []


def test_a_terminal_gets_no_planted_secret(planted, cache, capfd):
    for command in (["context", "-q", QUERY, "--budget", "100000"], ["search", QUERY, "--limit", "200"]):
        main([command[0], str(planted.root), *command[1:], "--cache-dir", str(cache)])
    said = "".join(capfd.readouterr())
    assert "tokens.py" in said
    assert found(needles(), [said.encode()]) == []
    assert found(needles(), kept_in(cache)) == []


def _url(team):
    """Where its Redis is, with time for a slow machine: texts are written to it once."""
    patience = "socket_timeout=60&socket_connect_timeout=60"
    return f"unix://{team.connection_pool.connection_kwargs['path']}?{patience}"
