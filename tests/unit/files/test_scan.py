import os
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnetar.files.fingerprint import Fingerprint
from magnetar.files.gate import Gate
from magnetar.files.git import Git
from magnetar.files.ignore import IgnoreRules
from magnetar.files.privacy import PathPolicy
from magnetar.files.scan import scan
from magnetar.model import Skipped

needs_posix = pytest.mark.skipif(os.name == "nt", reason="needs links, FIFOs and odd names")


def scanned(folder, *, git=True, max_files=1_000, max_bytes=1_000, cancelled=lambda: False):
    rules = IgnoreRules(folder.root, git=git)
    return scan(rules, PathPolicy(), max_files=max_files, max_bytes=max_bytes, cancelled=cancelled)


def paths(folder, **options):
    return [path for path, _ in scanned(folder, **options).files]


def test_every_file_is_found_in_order_with_its_fingerprint(folder):
    for path in ("b.py", "a/z.py", "a/b/c.py", "a.py"):
        folder.write(path)
    found = scanned(folder)
    assert found.complete
    assert found.files == tuple(
        (path, Fingerprint.at(folder.root / path)) for path in ("a.py", "a/b/c.py", "a/z.py", "b.py")
    )


def test_an_empty_folder_and_a_folder_that_is_gone_hold_nothing(folder):
    assert scanned(folder).files == ()
    folder.root.rmdir()
    assert scanned(folder).files == ()


def test_what_is_left_out_is_counted_by_reason(repository):
    repository.write(".gitignore", "*.log\nout/\n")
    for path in ("a.log", "out/a.py", "out/b.py", "node_modules/a/b.js", "a.png", ".env", ".ssh/config", "keep.py"):
        repository.write(path)
    repository.write("large.py", "x" * 1_001)
    found = scanned(repository)
    assert [path for path, _ in found.files] == [".gitignore", "keep.py"]
    assert found.skipped == Skipped(ignored=3, binary=1, too_large=1, secret=2, unreadable=0)


def test_with_and_without_git_the_same_is_found_where_nothing_ignored_is_tracked(repository):
    repository.write(".gitignore", "*.log\n/out\n")
    for path in ("a.log", "out/a.py", "sub/a.py", "sub/out/a.py"):
        repository.write(path)
    repository.write("sub/.gitignore", "!a.log\n")
    repository.write("sub/a.log")
    assert (
        paths(repository)
        == paths(repository, git=False)
        == [".gitignore", "sub/.gitignore", "sub/a.log", "sub/a.py", "sub/out/a.py"]
    )


def test_a_tracked_file_is_found_even_where_it_is_ignored(repository):
    for path in ("build/a/kept.py", "node_modules/own/index.js", "a.log"):
        repository.write(path)
    repository.commit()
    repository.write(".gitignore", "build/\n*.log\n")
    for path in ("build/a/new.py", "build/b/new.py", "node_modules/other/index.js", "b.log"):
        repository.write(path)
    assert paths(repository) == [".gitignore", "a.log", "build/a/kept.py", "node_modules/own/index.js"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.sets(
        st.sampled_from(["a.py", "b.log", "s/a.py", "s/b.log", "s/t/a.py", "s/t/b.log", "u/a.py", "u/v/b.log"]),
        min_size=1,
    ),
    tracked=st.sets(st.sampled_from(["b.log", "s/b.log", "s/t/b.log", "u/a.py", "u/v/b.log"])),
    rules=st.lists(
        st.sampled_from(["*.log", "s/", "!s/b.log", "u", "t/", "/s/*", "!s/t/", "*", "!*/", "!*.py"]), max_size=4
    ),
)
def test_the_scan_the_gate_and_git_agree(repository, files, tracked, rules):
    subprocess.run(["git", "rm", "-rfq", "--cached", "--ignore-unmatch", "."], cwd=repository.root, check=True)
    for path in sorted(repository.root.rglob("*"), reverse=True):
        if ".git" not in path.parts:
            path.rmdir() if path.is_dir() else path.unlink()
    for path in files:
        repository.write(path)
    repository.write(".gitignore", "\n".join(rules))
    if tracked & files:
        repository.git("add", "-f", "--", *sorted(tracked & files))
    found = paths(repository)
    gate = Gate(repository.root, IgnoreRules.for_root(repository.root), PathPolicy(), 1_000)
    assert set(found) == set(Git(repository.root).ls_files())
    assert set(found) == {path for path in (*files, ".gitignore") if gate.refusal(repository.root / path) is None}


def test_submodules_and_repositories_inside_go_by_their_own_rules(repository, tmp_path):
    other = tmp_path / "other"
    subprocess.run(["git", "init", "-q", str(other)], check=True)
    (other / "lib.py").write_text("x\n")
    (other / ".gitignore").write_text("*.tmp\n")
    subprocess.run(
        ["git", "-C", str(other), "-c", "user.name=N", "-c", "user.email=n@host.net", "add", "-A"], check=True
    )
    subprocess.run(
        ["git", "-C", str(other), "-c", "user.name=N", "-c", "user.email=n@host.net", "commit", "-qm", "m"], check=True
    )
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "build/sub")
    repository.git("init", "-q", "nested")
    repository.write(".gitignore", "*.py\nbuild/\n")
    for path in ("build/sub/a.tmp", "nested/a.py", "a.py"):
        repository.write(path)
    assert paths(repository) == [".gitignore", ".gitmodules", "build/sub/.gitignore", "build/sub/lib.py", "nested/a.py"]


@needs_posix
def test_links_are_not_followed_and_other_kinds_of_file_not_opened(folder, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.py").write_text("x\n")
    folder.write("a.py")
    (folder.root / "loop").symlink_to(".")
    (folder.root / "out").symlink_to(tmp_path / "outside")
    (folder.root / "b.py").symlink_to("a.py")
    os.mkfifo(folder.root / "fifo")
    found = scanned(folder)
    assert [path for path, _ in found.files] == ["a.py"]
    assert found.skipped.unreadable == 1


@needs_posix
def test_a_tracked_directory_that_became_a_link_leads_nowhere(repository, tmp_path):
    repository.write("sub/a.py")
    repository.commit()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.py").write_text("outside\n")
    (repository.root / "sub" / "a.py").unlink()
    (repository.root / "sub").rmdir()
    (repository.root / "sub").symlink_to(tmp_path / "elsewhere")
    assert paths(repository) == []


@needs_posix
def test_odd_names_are_kept_but_for_those_that_are_no_unicode(repository):
    names = [
        "new\nline.py",
        "tab\t.py",
        'quo"te.py',
        "back\\slash.py",
        " lead.py",
        "-dash.py",
        "ünï.py",
        "😀.py",
        "Case.py",
        "case.py",
    ]
    for name in names:
        repository.write(name)
    (repository.root / "\udcff.py").touch()
    found = scanned(repository)
    assert {path for path, _ in found.files} == {path.name for path in repository.root.iterdir()} - {
        ".git",
        "\udcff.py",
    }
    assert found.skipped.unreadable == 1


@needs_posix
def test_a_directory_that_cannot_be_read_or_vanishes_costs_only_itself(folder, monkeypatch):
    for path in ("a/a.py", "b/b.py", "c/c.py"):
        folder.write(path)
    scandir = os.scandir

    def failing(path):
        if path.endswith("a"):
            raise PermissionError(13, "denied", path)
        if path.endswith("b"):
            raise FileNotFoundError(2, "gone", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)
    found = scanned(folder)
    assert [path for path, _ in found.files] == ["c/c.py"]
    assert found.skipped.unreadable == 1


def test_a_scan_stops_at_its_limit_with_what_is_nearest_to_the_top(folder):
    for path in ("a/deep/1.py", "a/2.py", "3.py", "4.py"):
        folder.write(path)
    found = scanned(folder, max_files=3)
    assert [path for path, _ in found.files] == ["3.py", "4.py", "a/2.py"]
    assert not found.complete
    assert scanned(folder, max_files=4).complete


def test_a_scan_can_be_cancelled_between_directories(folder):
    for number in range(5):
        folder.write(f"d{number}/a.py")
    asked = iter([False, False, True])
    found = scanned(folder, cancelled=lambda: next(asked))
    assert not found.complete
    assert [path for path, _ in found.files] == ["d0/a.py"]
