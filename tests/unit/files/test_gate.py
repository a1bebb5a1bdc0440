import os
from pathlib import Path

import pytest

from magnetar.files.gate import Gate
from magnetar.files.ignore import IgnoreRules
from magnetar.files.privacy import PathPolicy
from magnetar.files.read import Text
from magnetar.model import DropReason


@pytest.fixture
def gate(folder):
    return Gate(folder.root, IgnoreRules.for_root(folder.root), PathPolicy(("*.sql",)), 1_000)


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("a.py", "x = 1\n", None),
        ("sub/ä b.py", "x = 1\n", None),
        (".env.example", "KEY=\n", None),
        (".env", "KEY=\n", DropReason.SECRET),
        ("sub/.ssh/config", "Host\n", DropReason.SECRET),
        ("a.sql", "select\n", DropReason.SECRET),
        ("a.log", "line\n", DropReason.IGNORED),
        ("node_modules/a/index.js", "x\n", DropReason.IGNORED),
        ("a.png", "text\n", DropReason.BINARY),
        ("a.dat", "nul\0\n", DropReason.BINARY),
        ("long.py", "x" * 1_001, DropReason.TOO_LARGE),
    ],
)
def test_a_path_is_refused_for_one_reason(folder, gate, path, text, reason):
    folder.write(".gitignore", "*.log\n")
    written = folder.write(path, text)
    assert gate.refusal(written) is reason
    answer = gate.read(written)
    assert answer is reason if reason is not None else isinstance(answer, Text)


def test_what_is_not_there_or_no_file_is_refused(folder, gate):
    folder.write("sub/a.py")
    assert gate.refusal(folder.root / "b.py") is DropReason.MISSING
    assert gate.refusal(folder.root / "sub") is DropReason.UNREADABLE
    assert gate.refusal(folder.root) is DropReason.UNREADABLE


def test_nothing_tells_whether_a_secret_exists(folder, gate):
    assert gate.refusal(folder.root / ".env") is DropReason.SECRET


def test_what_lies_outside_is_refused_however_it_is_spelled(folder, gate, tmp_path):
    (tmp_path / "a.py").write_text("x\n")
    (tmp_path / "folder-2").mkdir()
    (tmp_path / "folder-2" / "a.py").write_text("x\n")
    for path in (
        tmp_path / "a.py",
        folder.root / ".." / "a.py",
        tmp_path / "folder-2" / "a.py",
        Path("/"),
        folder.root / "sub" / ".." / ".." / "a.py",
    ):
        assert gate.refusal(path) is DropReason.OUTSIDE_WORKSPACE


def test_a_spelling_with_dots_that_stays_inside_is_fine(folder, gate):
    folder.write("a.py")
    (folder.root / "sub").mkdir()
    assert gate.refusal(folder.root / "sub" / ".." / "a.py") is None


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_link_is_judged_by_both_its_ends(folder, gate, tmp_path):
    (tmp_path / "outside.py").write_text("x\n")
    folder.write(".gitignore", "*.log\n")
    folder.write(".env", "KEY=\n")
    folder.write("a.log")
    folder.write("a.py")
    for name, target in {
        "out.py": tmp_path / "outside.py",
        "env.txt": ".env",
        "log.txt": "a.log",
        "b.py": "a.py",
        "b.log": "a.py",
        "id_rsa": "a.py",
    }.items():
        (folder.root / name).symlink_to(target)
    reasons = {
        name: gate.refusal(folder.root / name) for name in ("out.py", "env.txt", "log.txt", "b.py", "b.log", "id_rsa")
    }
    assert reasons == {
        "out.py": DropReason.OUTSIDE_WORKSPACE,
        "env.txt": DropReason.SECRET,
        "log.txt": DropReason.IGNORED,
        "b.py": None,
        "b.log": DropReason.IGNORED,
        "id_rsa": DropReason.SECRET,
    }


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_folder_opened_by_way_of_a_link_is_known_by_both_names(folder, tmp_path):
    folder.write("a.py")
    (tmp_path / "alias").symlink_to(folder.root)
    gate = Gate(tmp_path / "alias", IgnoreRules.for_root(tmp_path / "alias"), PathPolicy(), 1_000)
    assert gate.refusal(tmp_path / "alias" / "a.py") is None
    assert gate.refusal(folder.root / "a.py") is None


def test_many_files_are_refused_for_the_same_reasons_as_each(folder, gate, tmp_path):
    folder.write(".gitignore", "*.log\n/out/\n")
    folder.write("sub/.gitignore", "!keep.log\n")
    names = ["a.py", "a.log", "sub/keep.log", "sub/b.py", "out/deep/c.py", ".env", "a.png", "sub/.ssh/d.py", "x.sql"]
    for name in names:
        folder.write(name)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "e.py").write_text("x\n")
    (folder.root / "away").symlink_to(tmp_path / "elsewhere")
    (folder.root / "within").symlink_to(folder.root / "sub")
    names += ["away/e.py", "within/b.py"]
    refused = {name for name in names if gate.refusal_by_name(folder.root / name) is not None}
    assert refused == {"a.log", "out/deep/c.py", ".env", "a.png", "sub/.ssh/d.py", "x.sql", "away/e.py"}
    assert gate.refused(names) == refused
    folder.write(".gitignore", "b.py\n")
    assert gate.refused(["a.log", "sub/b.py"]) == {"sub/b.py"}


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_what_is_read_is_what_was_judged(folder, gate, monkeypatch):
    """A file that becomes a link to a secret after it was judged is not read, though the secret lies inside."""
    judged = folder.write("a.py", "x = 1\n")
    folder.write(".env", "outside\n")
    judge = gate._policy.denied

    def swapped(relative):
        if not judged.is_symlink():
            judged.unlink()
            judged.symlink_to(".env")
            return False
        return judge(relative)

    monkeypatch.setattr(gate._policy, "denied", swapped)
    assert not isinstance(gate.read(judged), Text)
    judged.unlink()
    judged.write_text("x = 1\n")
    assert gate.refusal(judged) is not None


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_file_is_listed_under_its_own_name_alone(folder, gate):
    folder.write("sub/a.py")
    (folder.root / "link.py").symlink_to("sub/a.py")
    (folder.root / "within").symlink_to("sub")
    assert [gate.lists(name) for name in ("sub/a.py", "link.py", "within/a.py", ".env", "gone.py")] == [
        True, False, False, False, False,
    ]  # fmt: skip
