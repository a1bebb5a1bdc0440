"""What a context request promises, on the real server: fresh, bounded, safe, explained, for one chat and for many folders."""

import json
import shutil

import pytest

from lsp.editor import Refused
from lsp.truth import comparable, path_of

ENGINE = "class Engine:\n    def ignite(self, spark):\n        return spark * 2\n"
USER = "from engine import Engine\n\n\ndef drive():\n    return Engine().ignite(3)\n"


# -- fresh -------------------------------------------------------------------------------------------------------------


def test_an_unsaved_edit_shows_through_every_door(open_project):
    project = open_project({"engine.py": ENGINE, "user.py": USER})
    engine = project.root / "engine.py"
    project.open(engine)
    project.change(engine, ENGINE.replace("ignite", "kindle_unsaved"))
    answer = project.context("how does kindle_unsaved work?", mustInclude=[engine.as_uri()])
    (item,) = [one for one in answer["items"] if one["uri"] == engine.as_uri()]
    assert "kindle_unsaved" in item["content"]
    assert (item["source"], item["version"]) == ("buffer", 2)
    hits = project.ask("search", query="kindle_unsaved")["hits"]
    assert [hit["uri"] for hit in hits] == [engine.as_uri()]
    names = [one["name"] for one in project.ask("symbols", textDocument={"uri": engine.as_uri()})["symbols"]]
    assert "kindle_unsaved" in names
    assert "ignite" not in names


def test_a_symbol_of_an_unsaved_edit_is_found_by_name(open_project):
    project = open_project({"engine.py": ENGINE})
    engine = project.root / "engine.py"
    project.open(engine)
    project.change(engine, ENGINE + "\n\ndef unsaved_rocket():\n    pass\n")
    assert [one["name"] for one in project.ask("symbols", query="unsaved_rocket")["symbols"]] == ["unsaved_rocket"]


def test_a_write_a_checkout_and_a_delete_never_leave_the_old_text(open_project):
    project = open_project({"engine.py": ENGINE, "user.py": USER})
    project.git("init", "-q", "-b", "main")
    project.git("add", ".")
    project.git("commit", "-q", "-m", "first")
    assert "ignite" in project.served("ignite the engine")["engine.py"]
    project.write("engine.py", ENGINE.replace("ignite", "extinguish"))
    assert "ignite" not in project.served("ignite the engine", mustInclude=uris(project, "engine.py"))["engine.py"]
    project.git("commit", "-q", "-a", "-m", "second")
    project.git("checkout", "-q", "HEAD~1")
    assert "ignite" in project.served("ignite the engine", mustInclude=uris(project, "engine.py"))["engine.py"]
    (project.root / "engine.py").unlink()
    answer = project.context("ignite the engine", mustInclude=uris(project, "engine.py"))
    assert reasons_of(answer) == {"engine.py": "missing"}
    assert project.ask("search", query="extinguish")["hits"] == []


@pytest.mark.parametrize(
    ("name", "data", "encoding"),
    [
        ("crlf.py", b"def windows():\r\n    return 1\r\n", "utf-8"),
        ("mac.py", b"def mac():\r    return 1\r", "utf-8"),
        ("bom.py", b"\xef\xbb\xbfdef marked():\n    return 1\n", "utf-8-sig"),
        ("wide.txt", "def weit():  # größer\n    return '😀'\n".encode("utf-16"), "utf-16"),
        ("latin.py", "def café():\n    return 'déjà vu, garçon, naïve'\n".encode("latin-1"), "latin-1"),
        ("mixed.py", b"one = 1\r\ntwo = 2\nthree = 3\r\n\r\n\nfour = 4", "utf-8"),
        ("form.py", "a = 1\f\x0b\x1c\u2028b = 2\nc = 3\n".encode(), "utf-8"),
        ("nothing.py", b"", "utf-8"),
        ("blank.py", b"\n\n\n", "utf-8"),
    ],
)
def test_every_encoding_and_line_end_is_shown_as_it_is(open_project, name, data, encoding):
    project = open_project({name: data})
    path = project.root / name
    project.truth.encodings[path] = encoding
    answer = project.context(mustInclude=[path.as_uri()], tokenBudget=300)
    assert [item["uri"] for item in answer["items"]] == [path.as_uri()] or not data.strip()
    for budget in range(10, 40, 3):
        project.context(data[:20].decode("latin-1"), mustInclude=[path.as_uri()], tokenBudget=budget)


def test_a_client_that_counts_in_utf_16_gets_ranges_in_utf_16(attach, root):
    text = "x = '😀é'  # 😀\ndef smile():\n    return '😀😀' + 'ü'"
    (root / "a.py").write_text(text, "utf-8")
    editor = attach(root, encodings=["utf-16"])
    assert editor.capabilities["positionEncoding"] == "utf-16"
    (item,) = editor.ask("context", query="smile", mustInclude=[(root / "a.py").as_uri()])["items"]
    assert item["content"] == text
    last = text.rpartition("\n")[2]
    assert item["ranges"][0]["end"] == {"line": 2, "character": len(last.encode("utf-16-le")) // 2}


# -- bounded, explained, deterministic ---------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [1, 2, 10, 20, 60, 150])
def test_a_tiny_budget_is_kept_and_accounted_for(open_project, budget):
    project = open_project({f"m{n}.py": ENGINE.replace("Engine", f"Engine{n}") for n in range(6)})
    answer = project.context("ignite the engine", tokenBudget=budget, mustInclude=uris(project, "m0.py", "m1.py"))
    shown = len({item["uri"] for item in answer["items"]})
    assert shown + len(answer["dropped"]) == 6


def test_what_is_excluded_leaves_its_budget_to_others(open_project):
    project = open_project({f"m{n}.py": ENGINE.replace("Engine", f"Engine{n}") * 5 for n in range(6)})
    whole = project.context("ignite the engine", tokenBudget=400)
    best = whole["items"][0]["uri"]
    answer = project.context("ignite the engine", tokenBudget=400, exclude=[best])
    assert reasons_of(answer)[best.rpartition("/")[2]] == "excluded"
    assert answer["tokens"] > 0.7 * whole["tokens"]


def test_equal_questions_get_equal_answers_whatever_was_served_between(open_project):
    project = open_project({f"m{n}.py": ENGINE.replace("Engine", f"Engine{n}") + USER for n in range(12)})
    first = project.context("ignite the engine", tokenBudget=700)
    for number in range(12):
        project.context(f"Engine{number}", mustInclude=uris(project, f"m{number}.py"))
        project.ask("explain", query=f"Engine{number}")
    assert comparable(project.context("ignite the engine", tokenBudget=700)) == comparable(first)


def test_the_explanation_names_what_the_answer_chose(open_project):
    project = open_project({f"m{n}.py": ENGINE.replace("Engine", f"Engine{n}") * 9 for n in range(12)})
    params = {"query": "ignite Engine3", "tokenBudget": 500, "exclude": uris(project, "m5.py")}
    served = {item["uri"] for item in project.context(**params)["items"]}
    candidates = project.ask("explain", deadlineMs=60_000, **params)["candidates"]
    assert {one["uri"] for one in candidates if one["chosen"]} == served
    assert {one["reason"] for one in candidates if not one["chosen"]} <= {"budget", "excluded"}
    assert [one["score"] for one in candidates] == sorted((one["score"] for one in candidates), reverse=True)


# -- safe --------------------------------------------------------------------------------------------------------------


def test_what_must_be_included_and_cannot_is_dropped_with_the_reason(open_project, tmp_path):
    outside = tmp_path / "outside.py"
    outside.write_text("x = 1\n")
    project = open_project({"a.py": ENGINE, ".gitignore": "*.log\n/out/\n"})
    files = {
        ".env": (b"A=1\n", "secret"),
        "deploy/id_rsa": (b"key\n", "secret"),
        "cert.pem": (b"x\n", "secret"),
        "a.log": (b"line\n", "ignored"),
        "out/b.py": (b"x = 1\n", "ignored"),
        "node_modules/c.js": (b"x\n", "ignored"),
        "d.dat": (b"a\0b\0\0\1", "binary"),
        "e.png": (b"text", "binary"),
        "f.py": (b"x = 1\n" * 200_000, "tooLarge"),
    }
    expected = {name: reason for name, (_, reason) in files.items()}
    for name, (data, _) in files.items():
        project.write(name, data)
    (project.root / "folder").mkdir()
    links = {"away.py": outside, "gone.py": "nowhere.py", "env.txt": ".env", "log.txt": "a.log", "self.py": "self.py"}
    for name, target in links.items():
        (project.root / name).symlink_to(target)
    expected |= {"folder": "unreadable", "away.py": "outsideWorkspace", "gone.py": "missing", "env.txt": "secret"}
    expected |= {"log.txt": "ignored", "absent.py": "missing"}
    named = [*uris(project, *expected, "self.py"), outside.as_uri(), "untitled:Untitled-1"]
    answer = project.context("ignite", mustInclude=named)
    found = reasons_of(answer)
    assert found.pop("outside.py") == "outsideWorkspace"
    assert found.pop("untitled:Untitled-1") == "unreadable"
    assert found.pop("self.py") in {"unreadable", "outsideWorkspace", "missing"}
    assert found == expected
    assert {item["uri"] for item in answer["items"]} <= set(uris(project, "a.py", ".gitignore"))


def test_no_door_shows_a_secret(open_project):
    planted = {
        "env": "EnvPlanted" + "Zq81Lk",
        "aws": "AKIA" + "QZ7XN4PWLM2RTYVB",
        "github": "ghp_" + "x7Kq2mN9vB4cL8wR5tY1uI3oP6aS0dF7gH2j",
        "pem": "MIIEpAIBAAKCAQEA" + "planted0Zz9" * 4,
        "ssh": "KeyPlanted" + "Wn52Pt",
        "ignored": "IgnoredPlanted" + "Vb37",
        "buffer": "ghp_" + "Q9wE7rT5yU3iO1pA8sD6fG4hJ2kL0zX9cV7b",
    }
    pem = f"-----BEGIN RSA PRIVATE KEY-----\n{planted['pem']}\n-----END RSA PRIVATE KEY-----\n"
    config = f"def connect():\n    aws_access_key_id = '{planted['aws']}'\n    return 1\n"
    service = f'TOKEN = "{planted["github"]}"\n\n\ndef serve_token():\n    return TOKEN\n\n\nKEY = """{pem}"""\n'
    project = open_project(
        {
            ".env": f"PASSWORD={planted['env']}\n",
            "id_rsa": f"{planted['ssh']}\n",
            "config.py": config,
            "service.py": service,
            "debug.log": f"{planted['ignored']}\n",
            ".gitignore": "*.log\n",
            "open.py": "x = 1\n",
        }
    )
    (project.root / "notes.txt").symlink_to(".env")
    (project.root / "trace.txt").symlink_to("debug.log")
    names = sorted(path.name for path in project.root.iterdir())
    project.editor.settle()
    seen = []
    for name in (".env", "id_rsa", "debug.log"):  # an editor may have them open
        project.editor.open(project.root / name)
        project.editor.focus(project.root / name)
        seen.append(project.ask("context", query="password", tokenBudget=4_000))
        seen.append(project.ask("context", textDocument={"uri": (project.root / name).as_uri()}))
        seen.append(project.editor.ask("predict", topK=20))
    project.editor.open(project.root / "open.py", f"def f():\n    token = '{planted['buffer']}'\n    return 2\n")
    for word in ("password token key", "connect", "serve_token", *planted.values()):
        seen += [project.ask(name, query=word) for name in ("context", "explain", "search", "symbols")]
    for name in names:
        document = {"uri": (project.root / name).as_uri()}
        seen.append(project.ask("context", textDocument=document, mustInclude=uris(project, *names)))
        seen.append(project.ask("symbols", textDocument=document))
        seen.append(project.editor.ask("prefetch", uris=[document["uri"]]))
    text = json.dumps(seen) + json.dumps(project.editor.notes)
    assert "serve_token" in text
    assert "return 2" in text
    assert [name for name, value in planted.items() if value in text or value[:-4] in text] == []
    stored = b"".join(path.read_bytes() for path in project.editor.cache.rglob("*") if path.is_file())
    assert [name for name, value in planted.items() if value.encode() in stored] == []
    for name in (".env", "id_rsa", "debug.log", "open.py"):
        project.editor.close_document(project.root / name)


def test_a_folder_that_moves_out_behind_a_link_is_not_followed(open_project, tmp_path):
    project = open_project({"inner/engine.py": ENGINE, "user.py": USER})
    assert "inner/engine.py" in project.served("ignite the engine")
    shutil.move(project.root / "inner", tmp_path / "moved")
    (project.root / "inner").symlink_to(tmp_path / "moved")
    assert "inner/engine.py" not in project.served("ignite the engine", mustInclude=uris(project, "inner/engine.py"))


def test_a_new_ignore_rule_counts_at_once(open_project):
    project = open_project({"engine.py": ENGINE, "user.py": USER})
    assert "engine.py" in project.served("ignite the engine")
    project.write(".gitignore", "engine.py\n")
    answer = project.context("ignite the engine", mustInclude=uris(project, "engine.py"))
    assert reasons_of(answer)["engine.py"] == "ignored"
    assert project.ask("search", query="ignite spark")["hits"] == [] or all(
        "engine.py" not in hit["uri"] for hit in project.ask("search", query="ignite spark")["hits"]
    )
    assert project.ask("symbols", textDocument={"uri": uris(project, "engine.py")[0]})["symbols"] == []


# -- conversations -----------------------------------------------------------------------------------------------------


def test_a_chat_is_sent_each_item_once_and_what_changed_again(open_project):
    project = open_project({f"m{n}.py": ENGINE.replace("Engine", f"Engine{n}") for n in range(5)})
    chat = {"conversationId": "chat", "tokenBudget": 4_000}
    first = project.context("ignite the engine", **chat)
    order = [item["uri"] for item in first["items"]]
    assert sorted(path_of(uri).name for uri in order) == [f"m{n}.py" for n in range(5)]
    again = project.context("ignite the engine", **chat)
    assert [item["uri"] for item in again["items"]] == order
    assert all(item["unchanged"] for item in again["items"])
    assert (again["tokens"], again["heldTokens"]) == (0, first["tokens"])
    changed = path_of(order[1])
    project.write(changed.name, changed.read_text().replace("spark", "flint"))
    third = project.context("ignite the engine", **chat)
    assert [item["uri"] for item in third["items"] if item.get("unchanged")] == [order[0], *order[2:]]
    (resent,) = [item for item in third["items"] if not item.get("unchanged")]
    assert (resent["uri"], "flint" in resent["content"]) == (changed.as_uri(), True)
    path_of(order[0]).unlink()
    fourth = project.context("ignite the engine", **chat)
    assert fourth["removed"] == [order[0]]
    assert order[0] not in {item["uri"] for item in fourth["items"]}
    assert project.context("ignite the engine", **chat)["removed"] == []


def test_a_growing_chat_never_exceeds_its_budget(open_project):
    words = ["alpha", "beta", "gamma", "delta", "omega"]
    project = open_project({f"{word}.py": ENGINE.replace("ignite", word) * 6 for word in words})
    for word in words * 2:
        project.context(f"what does {word} do?", conversationId="long", tokenBudget=600)
    project.context("alpha", conversationId="long", tokenBudget=600, maxItems=1)
    project.context("alpha", conversationId="long", tokenBudget=50)
    project.context("alpha", conversationId="other", tokenBudget=600)


# -- folders -----------------------------------------------------------------------------------------------------------


def test_each_question_is_answered_from_its_folder(open_project):
    one = open_project({"one.py": ENGINE.replace("ignite", "first_ignite")}, "one")
    two = open_project({"two.py": ENGINE.replace("ignite", "second_ignite")}, "two")
    assert list(one.served("ignite the engine")) == ["one.py"]
    assert list(two.served("ignite the engine")) == ["two.py"]
    for project, name in ((one, "one.py"), (two, "two.py"), (one, "one.py")):
        project.editor.focus(project.root / name)
        answer = project.editor.ask("context", query="ignite the engine")
        assert [item["uri"] for item in answer["items"]] == uris(project, name)
    named = one.editor.ask("context", query="ignite", textDocument={"uri": (two.root / "two.py").as_uri()})
    assert [item["uri"] for item in named["items"]] == uris(two, "two.py")


def test_a_document_outside_every_folder_is_refused(open_project, tmp_path):
    project = open_project({"a.py": ENGINE})
    (tmp_path / "stranger.py").write_text("x = 1\n")
    with pytest.raises(Refused) as refused:
        project.editor.ask("context", textDocument={"uri": (tmp_path / "stranger.py").as_uri()})
    assert (refused.value.code, refused.value.kind) == (-32803, "outsideWorkspace")


def test_a_folder_is_served_from_when_it_is_added_until_it_is_removed(open_project):
    project = open_project({"a.py": ENGINE})
    assert list(project.served("ignite the engine")) == ["a.py"]
    project.editor.change_folders(removed=[project.root])
    with pytest.raises(Refused) as refused:
        project.ask("context", query="ignite")
    assert refused.value.code == -32803
    project.editor.change_folders(added=[project.root])
    assert list(project.served("ignite the engine")) == ["a.py"]


def test_an_empty_folder_answers_and_what_comes_to_it_is_served(open_project):
    project = open_project({})
    answer = project.context("anything")
    assert (answer["items"], answer["dropped"], answer["tokens"]) == ([], [], 0)
    assert project.ask("warm")["files"] == 0
    project.write("engine.py", ENGINE)
    project.editor.settle()
    assert list(project.served("ignite the engine")) == ["engine.py"]


def test_a_folder_that_vanishes_answers_with_nothing_and_comes_back(open_project):
    project = open_project({"engine.py": ENGINE})
    project.root.rename(project.root.with_name("elsewhere"))
    assert project.context("ignite the engine")["items"] == []
    project.editor.settle()
    assert project.context("ignite the engine")["items"] == []
    project.root.with_name("elsewhere").rename(project.root)
    project.ask("warm")
    assert list(project.served("ignite the engine")) == ["engine.py"]


def test_without_a_folder_questions_are_refused_by_name(attach):
    editor = attach()
    for name, params in {"context": {}, "search": {"query": "x"}, "warm": {}, "stats": {}, "predict": {}}.items():
        with pytest.raises(Refused) as refused:
            editor.ask(name, **params)
        assert (refused.value.code, refused.value.kind) == (-32803, "noWorkspace")
    editor.settle()


def uris(project, *names):
    return [(project.root / name).as_uri() for name in names]


def reasons_of(answer):
    """Name to the reason it was dropped for."""
    rows = {}
    for one in answer["dropped"]:
        path = path_of(one["uri"])
        parts = path.parts
        at = parts.index("project") + 1 if "project" in parts else -1
        rows["/".join(parts[at:]) if path.is_absolute() else one["uri"]] = one["reason"]
    return rows
