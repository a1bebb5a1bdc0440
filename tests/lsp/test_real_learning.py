"""Who is learned from: the user's focus and nothing else, per folder, across renames and restarts."""

import pytest

from lsp.truth import path_of

FILES = {name: f"def {name[0]}():\n    return 1\n" for name in ("a.py", "b.py", "c.py", "d.py", "sub/e.py")}


def transitions(project):
    project.editor.settle()
    return project.ask("stats")["prediction"]["transitions"]


def tour(project, *names):
    for name in names:
        project.editor.focus(project.root / name)


def predicted(project, name):
    rows = project.editor.ask("predict", textDocument={"uri": (project.root / name).as_uri()})["predictions"]
    return [path_of(row["uri"]).relative_to(project.root).as_posix() for row in rows]


@pytest.fixture
def project(open_project):
    return open_project(FILES)


def test_every_move_of_the_focus_counts_once(project):
    tour(project, "a.py", "b.py", "a.py", "a.py", "c.py")
    assert transitions(project) == 3
    project.editor.focus(None)
    tour(project, "c.py")
    assert transitions(project) == 3


def test_opening_and_focusing_a_document_is_one_move(project):
    tour(project, "a.py")
    for name in ("b.py", "c.py"):
        project.open(project.root / name)
        tour(project, name)
    project.open(project.root / "d.py")  # in the background
    assert transitions(project) == 2


def test_what_the_server_does_by_itself_is_never_learned(project):
    tour(project, "a.py", "b.py")
    before = transitions(project)
    project.ask("warm")
    project.context("return 1", mustInclude=[(project.root / name).as_uri() for name in FILES])
    project.ask("explain", query="return 1")
    project.ask("search", query="return")
    project.ask("symbols", query="a")
    project.editor.ask("prefetch", uris=[(project.root / name).as_uri() for name in FILES])
    predicted(project, "a.py")
    assert transitions(project) == before == 1


def test_what_may_not_be_served_is_not_learned(project, tmp_path):
    stranger = tmp_path / "stranger.py"
    stranger.write_text("x = 1\n")
    project.write(".gitignore", "*.log\n")
    hidden = [project.write(".env", "A=1\n"), project.write("x.log", "x\n"), stranger]
    tour(project, "a.py")
    for path in hidden:
        project.editor.focus(path)
    assert transitions(project) == 0
    answer = project.ask("predict", textDocument={"uri": (project.root / "a.py").as_uri()}, topK=50)
    assert {path_of(row["uri"]) for row in answer["predictions"]}.isdisjoint(hidden)


def test_a_habit_is_predicted(project):
    tour(project, *["a.py", "b.py", "c.py"] * 6)
    assert predicted(project, "a.py")[0] == "b.py"
    assert "a.py" not in predicted(project, "a.py")
    rows = project.editor.ask("predict")["predictions"]  # after the focused one
    assert path_of(rows[0]["uri"]).name == "a.py"
    assert all(row["reasons"] for row in rows)
    assert sum(row["probability"] for row in rows) <= 1 + 1e-9
    stats = project.ask("stats")["prediction"]
    assert stats["documents"] >= 3
    assert 0 <= stats["hitAt1"] <= stats["hitAt5"] <= 100


def test_a_habit_follows_a_rename(project):
    tour(project, *["a.py", "b.py", "c.py"] * 6)
    rename(project, "b.py", "new.py")
    assert predicted(project, "a.py")[0] == "new.py"
    assert "b.py" not in predicted(project, "a.py")
    assert predicted(project, "new.py")[0] == "c.py"


def test_a_habit_follows_a_renamed_folder(project):
    tour(project, *["a.py", "sub/e.py"] * 6)
    rename(project, "sub", "moved")
    assert predicted(project, "a.py")[0] == "moved/e.py"


def test_a_deleted_document_is_not_predicted(project):
    tour(project, *["a.py", "b.py", "c.py"] * 6)
    (project.root / "b.py").unlink()
    project.editor.settle()
    assert "b.py" not in predicted(project, "a.py")


def test_folders_learn_apart(open_project):
    one, two = open_project(FILES, "one"), open_project(FILES, "two")
    tour(one, "a.py", "b.py", "a.py", "b.py")
    tour(two, "c.py", "d.py")
    assert (transitions(one), transitions(two)) == (3, 1)


def test_a_client_that_never_speaks_of_focus_navigates_by_opening(attach, root):
    for name in ("a.py", "b.py", "c.py"):
        (root / name).write_text("x = 1\n")
    with attach(root) as editor:
        for name in ("a.py", "b.py", "c.py"):
            editor.open(root / name)
        editor.settle()
        assert editor.ask("stats")["prediction"]["transitions"] == 2
    again = attach(root)
    assert again.ask("stats")["prediction"]["transitions"] == 2
    assert again.ask("clear", scope="model")["entries"] > 0
    assert again.ask("stats")["prediction"]["transitions"] == 0


def rename(project, old, new):
    (project.root / old).rename(project.root / new)
    files = [{"oldUri": (project.root / old).as_uri(), "newUri": (project.root / new).as_uri()}]
    project.editor.notify("workspace/didRenameFiles", {"files": files})
    project.editor.settle()
