import errno
import os
import shutil
import time
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from magnetar.files.fingerprint import Fingerprint
from magnetar.files.git import Git
from magnetar.files.ignore import IgnoreRules
from magnetar.files.patterns import Patterns
from magnetar.workspace.git_layout import find_git

NAMES = st.sampled_from(["a", "b", "ab", "a.txt", "b.py", "é", "a b", "[x]", "a-b", "A", "x!", "#h", "sp ", "Z1"])
PIECES = st.sampled_from(
    [
        "a",
        "b",
        "*",
        "**",
        "***",
        "/",
        "?",
        "[ab]",
        "[!a]",
        "[^b]",
        "[a-c]",
        "[[:alpha:]]",
        "[[:bad:]]",
        "[[:a]",
        "[]a]",
        "[a",
        "[a-]",
        "[--b]",
        "\\",
        "\\*",
        "\\ ",
        "[\\]]",
        "!",
        "#",
        ".",
        " ",
        "é",
        "txt",
        "py",
        "-",
    ],
)
COMMON = st.sampled_from(
    [
        "*",
        "!*",
        "*/",
        "!*/",
        "a",
        "!a",
        "a/",
        "!a/",
        "/a",
        "a/b",
        "/a/b",
        "*.txt",
        "!*.txt",
        "a/*",
        "!a/b",
        "a/**",
        "**/b",
        "a/**/b",
        "/**/a",
        "a*",
        "a**",
        "a**/b",
    ],
)
LINES = st.one_of(
    COMMON,
    st.builds(str.__add__, st.sampled_from(["", "", "!"]), st.lists(PIECES, min_size=1, max_size=6).map("".join)),
)
FILES = st.tuples(st.lists(LINES, min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"])).map(
    lambda pair: pair[1].join(pair[0])
)
TREES = st.recursive(st.none(), lambda inner: st.dictionaries(NAMES, inner, max_size=4), max_leaves=12)


def plant(root: Path, tree: object, sources: list[str], paths: list[str], prefix: str = "") -> None:
    if not isinstance(tree, dict):
        return
    if sources:
        (root / ".gitignore").write_text(sources.pop(), newline="")
    for name, inner in tree.items():
        paths.append(prefix + name)
        if isinstance(inner, dict):
            (root / name).mkdir()
            plant(root / name, inner, sources, paths, f"{prefix}{name}/")
        else:
            (root / name).touch()


@pytest.mark.skipif(os.name == "nt", reason="Windows allows few of these names")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tree=st.dictionaries(NAMES, TREES, min_size=1, max_size=5),
    sources=st.lists(FILES, min_size=1, max_size=5),
    excludes=FILES,
    mine=FILES,
)
@example(tree={"a": {"b": None}}, sources=["*\n!*/\n!b"], excludes="", mine="")
@example(tree={"a": {"b": None}, "b": None}, sources=["a/\n!a/b"], excludes="*", mine="!b")
@example(tree={"a": {"ab": {"b": None}}}, sources=["a**/b"], excludes="", mine="")
def test_rules_are_those_of_git(repository, home, tree, sources, excludes, mine):
    for entry in repository.root.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    (home / ".config" / "git").mkdir(parents=True, exist_ok=True)
    (home / ".config" / "git" / "ignore").write_text(mine, newline="")
    (repository.root / ".git" / "info" / "exclude").write_text(excludes, newline="")
    paths: list[str] = []
    plant(repository.root, tree, list(sources), paths)
    expected = Git(repository.root).check_ignore(paths)
    for rules in (IgnoreRules.for_root(repository.root), IgnoreRules(repository.root, git=False)):
        rules._defaults = Patterns(b"", fold_case=False)
        assert {path for path in paths if rules.ignored(path, (repository.root / path).is_dir())} == expected


def test_nested_and_negated_rules_work_without_a_repository(folder):
    folder.write(".gitignore", "*.log\n/out/\n")
    folder.write("sub/.gitignore", "!keep.log\nlocal\n")
    rules = IgnoreRules.for_root(folder.root)
    assert rules.ignored("a.log", False)
    assert rules.ignored("sub/a.log", False)
    assert not rules.ignored("sub/keep.log", False)
    assert rules.ignored("sub/local", False)
    assert not rules.ignored("local", False)
    assert rules.ignored("out", True)
    assert rules.ignored("out/deep/in/it.py", False)
    assert not rules.ignored("sub/out", True)


def test_a_rule_for_directories_leaves_files_and_links_alone(folder):
    folder.write(".gitignore", "thing/\n")
    rules = IgnoreRules.for_root(folder.root)
    assert rules.ignored("thing", True)
    assert not rules.ignored("thing", False)


@pytest.mark.parametrize("git", [True, False])
def test_the_users_own_rules_and_the_repositorys_private_ones_count(repository, home, git):
    (home / ".config" / "git").mkdir(parents=True)
    (home / ".config" / "git" / "ignore").write_text("*.swp\n*.bak\n")
    (repository.root / ".git" / "info" / "exclude").write_text("!b.bak\nprivate\n")
    rules = IgnoreRules(repository.root, git=git)
    assert rules.ignored("a.swp", False)
    assert rules.ignored("private", False)
    assert rules.ignored("a.bak", False)
    assert not rules.ignored("b.bak", False)


def test_a_named_file_of_the_users_replaces_the_usual_one(repository, home, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    (home / "xdg" / "git").mkdir(parents=True)
    (home / "xdg" / "git" / "ignore").write_text("*.swp\n")
    assert IgnoreRules.for_root(repository.root).ignored("a.swp", False)
    (home / "mine").write_text("*.orig\n")
    repository.git("config", "--global", "core.excludesFile", str(home / "mine"))
    rules = IgnoreRules.for_root(repository.root)
    assert rules.ignored("a.orig", False)
    assert not rules.ignored("a.swp", False)


def test_what_git_tracks_is_not_ignored_and_neither_is_the_way_to_it(repository):
    repository.write("build/kept/tracked.py")
    repository.write("a.log")
    repository.git("add", "-A")
    repository.write(".gitignore", "build/\n*.log\n")
    repository.write("build/kept/new.py")
    rules = IgnoreRules.for_root(repository.root)
    assert not rules.ignored("build", True)
    assert not rules.ignored("build/kept", True)
    assert not rules.ignored("build/kept/tracked.py", False)
    assert rules.ignored("build/kept/new.py", False)
    assert not rules.ignored("a.log", False)
    assert rules.ignored("b.log", False)


def test_what_becomes_tracked_is_seen(repository):
    repository.write(".gitignore", "*.log\n")
    repository.write("a.log")
    rules = IgnoreRules.for_root(repository.root)
    assert rules.ignored("a.log", False)
    repository.git("add", "-f", "a.log")
    assert not rules.ignored("a.log", False)
    repository.git("rm", "-q", "--cached", "a.log")
    assert rules.ignored("a.log", False)


def test_a_changed_ignore_file_is_read_again(folder):
    rules = IgnoreRules.for_root(folder.root)
    folder.write("sub/a.py")
    assert not rules.ignored("sub/a.py", False)
    written = folder.write("sub/.gitignore", "a.py\n")
    assert rules.ignored("sub/a.py", False)
    times = written.stat()
    written.write_text("b.py\n")  # as long as it was, and with its time put back
    os.utime(written, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert not rules.ignored("sub/a.py", False)
    written.unlink()
    assert not rules.ignored("sub/b.py", False)


def test_an_ignore_file_that_cannot_be_read_for_a_moment_counts_again_and_what_it_said_last_until_then(
    folder, monkeypatch
):
    folder.write(".gitignore", "a.py\n")
    too_many = OSError(errno.EMFILE, "too many open files")
    monkeypatch.setattr(Fingerprint, "racy", lambda *_: False)  # what was just written is read again
    rules = IgnoreRules(folder.root, git=False)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", Mock(side_effect=too_many))
        assert not rules.ignored("a.py", False)
    assert rules.ignored("a.py", False)
    folder.write(".gitignore", "a.py\nb.py\n")
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", Mock(side_effect=too_many))
        assert rules.ignored("a.py", False)
    assert rules.ignored("b.py", False)


def test_a_folder_inside_a_repository_obeys_the_rules_above_it(repository):
    repository.write(".gitignore", "*.log\n/pkg/out/\n")
    repository.write("pkg/.gitignore", "!keep.log\n")
    for git in (True, False):
        rules = IgnoreRules(repository.root / "pkg", git=git)
        assert rules.ignored("a.log", False)
        assert not rules.ignored("keep.log", False)
        assert rules.ignored("out", True)


def test_an_ignored_folder_that_the_user_opens_is_not_ignored(repository):
    repository.write(".gitignore", "vendor/\n*\n")
    repository.write("vendor/lib/a.py")
    assert IgnoreRules.for_root(repository.root).ignored("vendor/lib/a.py", False)
    assert not IgnoreRules.for_root(repository.root / "vendor").ignored("lib/a.py", False)


@pytest.mark.parametrize("opened", ["", "pkg", "vendor"])
def test_what_applies_to_a_directory_is_found_once_wherever_the_opened_folder_lies(repository, opened, monkeypatch):
    monkeypatch.setattr(Fingerprint, "racy", lambda *_: False)  # what was just written is read again
    repository.write(".gitignore", "vendor/\n")
    for folder in ("sub", "pkg/sub", "vendor/sub"):
        repository.write(f"{folder}/a.py")
    rules = IgnoreRules.for_root(repository.root / opened)
    assert rules.top() is rules.top()
    assert rules.enter(rules.top(), "sub") is rules.enter(rules.top(), "sub")


def test_a_repository_inside_goes_by_its_own_rules(repository):
    repository.write(".gitignore", "*.log\n")
    repository.write("inner/a.log")
    repository.git("init", "-q", folder="inner")
    repository.write("inner/.gitignore", "*.tmp\n")
    rules = IgnoreRules.for_root(repository.root)
    assert not rules.ignored("inner/a.log", False)
    assert rules.ignored("inner/a.tmp", False)
    assert rules.ignored("a.log", False)
    repository.write(".gitignore", "inner/\n")
    assert rules.ignored("inner/.gitignore", False)


def test_a_worktree_shares_the_private_rules(repository, tmp_path):
    repository.write("a")
    repository.commit()
    (repository.root / ".git" / "info" / "exclude").write_text("private\n")
    repository.git("worktree", "add", "-q", str(tmp_path / "tree"))
    for git in (True, False):
        assert IgnoreRules(tmp_path / "tree", git=git).ignored("private", False)


def test_dependencies_and_build_outputs_are_ignored_unless_a_rule_or_git_says_otherwise(repository):
    for path in ("node_modules/a/index.js", "src/__pycache__/a.pyc", ".venv/lib/a.py", "target/debug/a.d"):
        repository.write(path)
        assert IgnoreRules.for_root(repository.root).ignored(path, False), path
    repository.write("build/a.py")
    repository.write("dist/a.py")
    repository.git("add", "dist")
    repository.write(".gitignore", "!build/\n")
    rules = IgnoreRules.for_root(repository.root)
    assert not rules.ignored("build/a.py", False)
    assert not rules.ignored("dist/a.py", False)


@pytest.mark.skipif(os.name == "nt", reason="needs links and FIFOs")
def test_an_ignore_file_that_is_no_plain_file_is_left_alone(folder, tmp_path):
    (tmp_path / "rules").write_text("*\n")
    (folder.root / ".gitignore").symlink_to(tmp_path / "rules")
    (folder.root / "sub").mkdir()
    os.mkfifo(folder.root / "sub" / ".gitignore")
    assert not IgnoreRules.for_root(folder.root).ignored("sub/a.py", False)


def test_a_damaged_index_leaves_the_rules(repository):
    repository.write(".gitignore", "*.log\n")
    repository.git("add", "-A")
    (repository.root / ".git" / "index").write_bytes(b"no index")
    assert IgnoreRules.for_root(repository.root).ignored("a.log", False)


def test_case_counts_as_the_repository_says(repository):
    repository.write(".gitignore", "*.LOG\nOut\nDoc[s]\n")
    assert not IgnoreRules.for_root(repository.root).ignored("a.log", False)
    repository.git("config", "core.ignoreCase", "true")
    rules = IgnoreRules.for_root(repository.root)
    assert rules.ignored("a.log", False)
    assert rules.ignored("OUT", False)
    assert rules.ignored("docs", False)


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 40 + "b", "/" + "**/a*" * 40 + "b", "**/a/" * 40 + "b", "/" + "a*" * 40 + "/**/" + "*a" * 40 + "b"],
)
def test_a_hostile_pattern_takes_no_long(pattern):
    patterns = Patterns(pattern.encode(), fold_case=False)
    started = time.process_time()
    for path in (b"a" * 250, b"a/" * 1_000 + b"a", b"/".join([b"a" * 50] * 60)):
        assert patterns.verdict(path, path.rpartition(b"/")[2], is_dir=False) is None
    assert time.process_time() - started < 5


@pytest.mark.skipif(os.name == "nt", reason="needs FIFOs and links")
@pytest.mark.parametrize("place", [".git", ".git/commondir", ".git/info/exclude", ".gitignore", "sub/.gitignore"])
@pytest.mark.parametrize("what", ["fifo", "endless", "link to a FIFO"])
def test_whatever_stands_in_the_place_of_gits_own_files_holds_nobody_up(folder, place, what):
    folder.write("sub/a.py")
    if place.startswith(".git/"):
        folder.write(".git/HEAD", "ref: refs/heads/main\n")
    path = folder.root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if what == "fifo":
        os.mkfifo(path)
    elif what == "endless":
        path.symlink_to("/dev/zero")
    else:
        os.mkfifo(folder.root / "fifo")
        path.symlink_to(folder.root / "fifo")
    rules = IgnoreRules(folder.root, git=False)
    assert not rules.ignored("sub/a.py", is_dir=False)
    assert find_git(folder.root) is None or place != ".git"
